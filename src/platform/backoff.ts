// How long to wait before the next try: exponential back-off with full jitter,
// never less than the server asked for.
import type { Random } from "./random.ts";

export interface BackoffLimits {
  readonly baseMs: number;
  readonly capMs: number;
}

const BACKOFF_DEFAULT: BackoffLimits = { baseMs: 250, capMs: 20_000 };

export interface BackoffRequest {
  /** Which retry, from 1. */
  readonly retry: number;
  /** The server's own wish; a lower bound, also beyond the cap. */
  readonly retryAfterMs?: number | undefined;
  readonly limits?: BackoffLimits;
}

/**
 * Uniform in [0, min(cap, base·2^(retry−1))), and at least `retryAfterMs`.
 * Where the server named a time, jitter comes on top of it, so that those who
 * were told the same time do not all come back at once.
 */
export function backoffMs(random: Random, request: BackoffRequest): number {
  const { baseMs, capMs } = request.limits ?? BACKOFF_DEFAULT;
  const ceilingMs = Math.min(capMs, baseMs * 2 ** (request.retry - 1));
  return Math.round((request.retryAfterMs ?? 0) + random.next() * ceilingMs);
}
