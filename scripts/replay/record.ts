// One recorded call of a vendor's HTTP API, and which of our routes speaks its
// format.
import { z } from "zod";

const record = z.object({
  vendor: z.string(),
  path: z.string(),
  request: z.record(z.string(), z.unknown()).nullish(),
  status: z.int(),
  headers: z.record(z.string(), z.unknown()).nullish(),
  stream: z.boolean().nullish(),
  body: z.unknown(),
});
export type RecordedCall = z.infer<typeof record>;

/** Throws an error that names what is wrong with the line. */
export function parseRecord(line: string): RecordedCall {
  return record.parse(JSON.parse(line));
}

/** The bytes that the vendor sent; a parsed JSON body is serialised again. */
export function bodyText({ body }: RecordedCall): string {
  return typeof body === "string" ? body : JSON.stringify(body ?? null);
}

export interface ReplayTarget {
  /** Name of a built-in vendor record. */
  readonly vendor: string;
  readonly model: string;
  readonly streamed: boolean;
}

/** Where to replay a call, or why not. */
export function targetOf(call: RecordedCall): ReplayTarget | { readonly skipped: string } {
  const path = call.path.replace(/[?#].*$/, "");
  if (/count_?tokens|input_tokens/i.test(path)) return { skipped: "token counting is not a model call" };
  const format = FORMATS.find(({ pattern }) => pattern.test(path));
  if (format === undefined) return { skipped: `the format of ${path} is not spoken yet` };
  if (isJsonArray(call)) return { skipped: "a stream as one JSON array is not spoken; we always ask for events" };
  const model = String(call.request?.model ?? /models\/([^:/]+)/.exec(path)?.[1] ?? "unknown");
  const vendor = SAME_FORMAT_VENDORS[call.vendor]?.[format.name] ?? format.name;
  return { vendor, model: decodeURIComponent(model), streamed: isStreamed(call, path) };
}

/** What generateContent streams to a client that does not ask for events. */
function isJsonArray({ body, status }: RecordedCall): boolean {
  return status < 400 && (Array.isArray(body) || (typeof body === "string" && /^\s*\[/.test(body)));
}

const FORMATS = [
  { pattern: /\/messages$/, name: "anthropic" },
  { pattern: /:(stream)?generateContent$/i, name: "google" },
  { pattern: /\/chat\/completions$/, name: "openai-compatible" },
] as const;

/** Vendors with a wire of their own for a format that others share. */
const SAME_FORMAT_VENDORS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  openai: { "openai-compatible": "openai" },
  deepseek: { "openai-compatible": "deepseek", anthropic: "deepseek-anthropic" },
};

/** The body decides where it can; the marks of the recording decide about an empty one. */
function isStreamed(call: RecordedCall, path: string): boolean {
  const text = typeof call.body === "string" ? call.body.trimStart() : "{";
  if (/^(event|data|id|retry)?:/.test(text)) return true;
  if (/^[{[<]/.test(text)) return false;
  return call.stream === true || call.request?.stream === true || /:streamGenerateContent$/i.test(path);
}
