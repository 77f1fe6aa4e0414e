// When a vendor wants to be asked again: from headers in five formats, or from
// the body.
import type { FailureEvidence } from "./evidence.ts";

const MS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000_001 } as const;
const GO_UNIT = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;
const GO_DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/;
const EPOCH_SECONDS_MIN = 1_000_000_000;
const EPOCH_MS_MIN = 1_000_000_000_000;
/** RFC 3339, or an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT`. */
const DATE = /^\d{4}-\d{2}-\d{2}[Tt ]|^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} /;

/**
 * Milliseconds from `nowMs`, an integer ≥ 0; undefined where the text is none
 * of: seconds, a Go duration (`6m0s`, `547ms`), RFC 3339, an HTTP date (RFC
 * 9110), Unix time in seconds or milliseconds.
 */
export function delayMsOf(text: string, nowMs: number): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return numberDelayMs(Number(trimmed), nowMs);
  if (GO_DURATION.test(trimmed)) return goDurationMs(trimmed);
  if (!DATE.test(trimmed)) return undefined;
  const at = Date.parse(trimmed);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil(at - nowMs));
}

function numberDelayMs(value: number, nowMs: number): number {
  if (value >= EPOCH_MS_MIN) return Math.max(0, Math.ceil(value - nowMs));
  if (value >= EPOCH_SECONDS_MIN) return Math.max(0, Math.ceil(value * 1_000 - nowMs));
  return Math.ceil(value * 1_000);
}

function goDurationMs(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(GO_UNIT)) total += Number(amount) * MS[unit as keyof typeof MS];
  return Math.ceil(total);
}

/** The vendor's wish: a header, then the body, then the reset of whatever limit is used up. */
export function retryAfterMs(evidence: FailureEvidence, nowMs: number): number | undefined {
  const { headers } = evidence;
  const exact = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return Math.ceil(exact);
  const stated = headers["retry-after"];
  const delay = stated === undefined ? undefined : delayMsOf(stated, nowMs);
  return delay ?? bodyDelayMs(evidence) ?? resetDelayMs(headers, nowMs);
}

/** Google's RetryInfo (`"retryDelay":"34.4s"`), or a sentence such as `Please try again in 1.2s`. */
function bodyDelayMs({ body, message }: FailureEvidence): number | undefined {
  const info = /"retryDelay":\s*"([^"]+)"/.exec(body === undefined ? "" : JSON.stringify(body))?.[1];
  const sentence = /(?:try again|retry) in ((?:\d+(?:\.\d+)?(?:h|ms|m|s))+)/i.exec(message)?.[1];
  for (const text of [info, sentence]) {
    if (text !== undefined && GO_DURATION.test(text)) return goDurationMs(text);
  }
  return undefined;
}

/** The longest reset among the limits of which nothing is left. */
function resetDelayMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const delays = Object.entries(headers).flatMap(([name, text]) => {
    const match = /^(anthropic-ratelimit-[a-z-]+|x-ratelimit)-reset(-[a-z]+)?$/.exec(name);
    if (match === null) return [];
    const remaining = headers[`${match[1]}-remaining${match[2] ?? ""}`];
    const delay = remaining?.trim() === "0" ? delayMsOf(text, nowMs) : undefined;
    return delay === undefined ? [] : [delay];
  });
  return delays.length === 0 ? undefined : Math.max(...delays);
}
