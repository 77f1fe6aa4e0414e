// Pauses that a vendor's answer asks for: until its retry-after, or, where key or
// account were refused, until asking again could make sense at all.
import type { Failure } from "../../domain/failure.ts";
import type { DurationUs } from "../../domain/time.ts";
import { type BackoffLimits, backoffMs } from "../../platform/backoff.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import type { Refusal } from "./refusal.ts";

export interface Pauses {
  refusal(): Refusal | undefined;
  failed(failure: Failure): void;
  answered(): void;
}

/** After a refusal of key or account nobody asks again for so long, unless the vendor named a longer time. */
const BLOCKED_MS = 60_000;
/** A 429 that names no time: never at once, and longer with each in a row. */
const RATE_WAIT_MS_MIN = 500;
const RATE_BACKOFF: BackoffLimits = { baseMs: 1_000, capMs: 20_000 };
/** A 429 that names one: spread a little, so that not everybody comes back at once. */
const RETRY_AFTER_BACKOFF: BackoffLimits = { baseMs: 250, capMs: 250 };

interface Pause {
  readonly kind: "cooling" | "blocked";
  readonly untilUs: DurationUs;
  readonly failure: Failure;
}

export function createPauses(clock: Clock, random: Random): Pauses {
  let ratesInRow = 0;
  let pause: Pause | undefined;

  /** A shorter pause never ends a longer one. */
  function pauseFor(kind: Pause["kind"], waitMs: number, failure: Failure): void {
    const untilUs = clock.monotonicUs() + waitMs * 1_000;
    if (pause === undefined || untilUs > pause.untilUs) pause = { kind, untilUs, failure };
  }

  return {
    refusal() {
      if (pause === undefined) return undefined;
      const leftUs = pause.untilUs - clock.monotonicUs();
      if (leftUs <= 0) return undefined;
      const waitMs = Math.ceil(leftUs / 1_000);
      return { kind: pause.kind, waitMs, failure: { ...pause.failure, retryAfterMs: waitMs } };
    },
    failed(failure) {
      const { retryAfterMs } = failure;
      if (failure.class === "rate") {
        ratesInRow++;
        const limits = retryAfterMs === undefined ? RATE_BACKOFF : RETRY_AFTER_BACKOFF;
        const floorMs = retryAfterMs ?? RATE_WAIT_MS_MIN;
        pauseFor("cooling", backoffMs(random, { retry: ratesInRow, retryAfterMs: floorMs, limits }), failure);
      } else if (failure.class === "auth" || failure.class === "budget") {
        pauseFor("blocked", Math.max(BLOCKED_MS, retryAfterMs ?? 0), failure);
      }
    },
    answered() {
      ratesInRow = 0;
    },
  };
}
