// What a vendor's headers say is left, on any reply. Two families of names are
// in use; a reply carries at most one of them.
import type { RateLimitState } from "../agent.ts";
import { delayMsOf } from "./retry-after.ts";

type Headers = Readonly<Record<string, string>>;

/** The first name that is there holds; Anthropic counts input and output apart, and both together. */
const NAMES: Readonly<Record<keyof RateLimitState, readonly string[]>> = {
  requestsLimit: ["anthropic-ratelimit-requests-limit", "x-ratelimit-limit-requests"],
  requestsRemaining: ["anthropic-ratelimit-requests-remaining", "x-ratelimit-remaining-requests"],
  requestsResetMs: ["anthropic-ratelimit-requests-reset", "x-ratelimit-reset-requests"],
  tokensLimit: [
    "anthropic-ratelimit-tokens-limit",
    "anthropic-ratelimit-input-tokens-limit",
    "x-ratelimit-limit-tokens",
  ],
  tokensRemaining: [
    "anthropic-ratelimit-tokens-remaining",
    "anthropic-ratelimit-input-tokens-remaining",
    "x-ratelimit-remaining-tokens",
  ],
  tokensResetMs: [
    "anthropic-ratelimit-tokens-reset",
    "anthropic-ratelimit-input-tokens-reset",
    "x-ratelimit-reset-tokens",
  ],
};

/** Undefined where the headers say nothing. Resets are milliseconds from `nowMs`. */
export function rateLimitsOf(headers: Headers, nowMs: number): RateLimitState | undefined {
  const state: Partial<Record<keyof RateLimitState, number>> = {};
  for (const [field, names] of Object.entries(NAMES) as [keyof RateLimitState, readonly string[]][]) {
    const text = names.map((name) => headers[name]).find((value) => value !== undefined);
    const value = text === undefined ? undefined : readField(field, text, nowMs);
    if (value !== undefined) state[field] = value;
  }
  return Object.keys(state).length === 0 ? undefined : state;
}

function readField(field: keyof RateLimitState, text: string, nowMs: number): number | undefined {
  if (field === "requestsResetMs" || field === "tokensResetMs") return delayMsOf(text, nowMs);
  return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}
