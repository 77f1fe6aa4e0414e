// A token bucket that refills continuously on the injected clock: the mirror of
// a vendor's own limiter.
import type { Clock } from "./clock.ts";

export interface TokenBucket {
  /** Takes `amount` now or not at all. More than the whole capacity counts as the whole capacity, else it could never start. */
  reserve(amount: number): boolean;
  /** Corrects an earlier reservation by what it really took; may drive the level below zero, which then must be refilled first. */
  settle(reserved: number, used: number): void;
  /** Gives back what was reserved and not used at all. */
  return(amount: number): void;
  /** Until `amount` is there, in milliseconds, rounded up; 0 when it is there now, Infinity when nothing refills. */
  nextChanceMs(amount: number): number;
  /** What is there now. */
  level(): number;
  /** Replaces level and refill by what the owner of the real bucket said. */
  reset(state: { readonly capacity: number; readonly level: number; readonly refillPerMinute: number }): void;
}

export interface TokenBucketOptions {
  readonly clock: Clock;
  readonly capacity: number;
  readonly refillPerMinute: number;
}

/** Levels are compared with this slack, so that rounding of fractions never costs a whole token. */
const EPSILON = 1e-9;

export function createTokenBucket(options: TokenBucketOptions): TokenBucket {
  const { clock } = options;
  let capacity = options.capacity;
  let perUs = options.refillPerMinute / 60_000_000;
  let stored = capacity;
  let readUs = clock.monotonicUs();

  function level(): number {
    const nowUs = clock.monotonicUs();
    stored = Math.min(capacity, stored + (nowUs - readUs) * perUs);
    readUs = nowUs;
    return stored;
  }
  const fitting = (amount: number): number => Math.min(amount, capacity);
  const add = (amount: number): void => {
    stored = Math.min(capacity, level() + amount);
  };

  return {
    reserve(amount) {
      if (level() + EPSILON < fitting(amount)) return false;
      stored -= fitting(amount);
      return true;
    },
    settle: (reserved, used) => add(fitting(reserved) - used),
    return: (amount) => add(fitting(amount)),
    nextChanceMs(amount) {
      const missing = fitting(amount) - level();
      if (missing <= EPSILON) return 0;
      return perUs === 0 ? Number.POSITIVE_INFINITY : Math.ceil(missing / perUs / 1_000);
    },
    level,
    reset(state) {
      capacity = state.capacity;
      stored = Math.min(state.level, state.capacity);
      perUs = state.refillPerMinute / 60_000_000;
      readUs = clock.monotonicUs();
    },
  };
}
