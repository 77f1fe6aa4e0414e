// A mirror of the vendor's own rate limiter, learned from its headers: what the
// vendor says is left goes before any count of ours.
import type { RateLimitState } from "../../agents/agent.ts";
import type { Clock } from "../../platform/clock.ts";
import { createTokenBucket, type TokenBucket } from "../../platform/token-bucket.ts";

export interface QuotaMirror {
  /** Until a call of so many tokens may pass, in milliseconds; 0 when now, or when nothing is known. */
  waitMs(tokens: number): number;
  /** Counts a call; check {@link QuotaMirror.waitMs} first. */
  enter(tokens: number): QuotaPass;
  /** Requests a minute that the vendor grants; undefined where it never said. */
  readonly requestsPerMinute: number | undefined;
}

/** Exactly one of the two, once. */
export interface QuotaPass {
  leave(tokensUsed: number, limits: RateLimitState | undefined): void;
  cancel(): void;
}

/** Where a vendor names no reset, its limits are per minute. */
const RESET_MS_DEFAULT = 60_000;

export function createQuotaMirror(clock: Clock): QuotaMirror {
  const requests = createLearnedBucket(clock);
  const tokensBucket = createLearnedBucket(clock);

  function learn(limits: RateLimitState): void {
    requests.learn({
      limit: limits.requestsLimit,
      remaining: limits.requestsRemaining,
      resetMs: limits.requestsResetMs,
    });
    tokensBucket.learn({
      limit: limits.tokensLimit,
      remaining: limits.tokensRemaining,
      resetMs: limits.tokensResetMs,
    });
  }

  function enter(tokens: number): QuotaPass {
    const request = requests.take(1);
    const reserved = tokensBucket.take(tokens);
    return {
      leave(tokensUsed, limits) {
        request(1);
        reserved(tokensUsed);
        if (limits !== undefined) learn(limits);
      },
      cancel() {
        request(0);
        reserved(0);
      },
    };
  }

  return {
    waitMs: (tokens) => Math.max(requests.waitMs(1), tokensBucket.waitMs(tokens)),
    enter,
    get requestsPerMinute() {
      return requests.limit();
    },
  };
}

interface LearnedBucket {
  waitMs(amount: number): number;
  /** Returns how to settle it. */
  take(amount: number): (used: number) => void;
  learn(said: {
    readonly limit: number | undefined;
    readonly remaining: number | undefined;
    readonly resetMs: number | undefined;
  }): void;
  limit(): number | undefined;
}

function createLearnedBucket(clock: Clock): LearnedBucket {
  let bucket: TokenBucket | undefined;
  let limit: number | undefined;
  /** Reserved by calls under way: the vendor's answer to one call may not count the others yet. */
  let underWay = 0;

  return {
    waitMs: (amount) => bucket?.nextChanceMs(amount) ?? 0,
    take(amount) {
      bucket?.reserve(amount);
      underWay += amount;
      return (used) => {
        underWay -= amount;
        bucket?.settle(amount, used);
      };
    },
    learn(said) {
      if (said.remaining === undefined) return;
      limit = Math.max(said.limit ?? limit ?? 0, said.remaining, 1);
      bucket ??= createTokenBucket({ clock, capacity: limit, refillPerMinute: limit });
      const resetMs = said.resetMs ?? RESET_MS_DEFAULT;
      const missing = limit - said.remaining;
      const refillPerMinute = missing > 0 && resetMs > 0 ? (missing / resetMs) * 60_000 : limit;
      bucket.reset({ capacity: limit, level: said.remaining - underWay, refillPerMinute });
    },
    limit: () => limit,
  };
}
