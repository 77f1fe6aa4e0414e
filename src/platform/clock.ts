// The clock seam. Nothing outside this folder reads time or sets a timer itself,
// so that the whole system can run in simulated time.
import type { DurationUs, TimestampUs } from "../domain/time.ts";

export interface Clock {
  /** Wall-clock time; may jump. For the record and for prices, never for differences. */
  nowUs(): TimestampUs;
  /** Monotonic time since an arbitrary start. For durations, leases and deadlines of one process. */
  monotonicUs(): DurationUs;
  /**
   * Calls `wake` once after at least `delayMs` (≥ 0, values above 2³¹−1 are cut
   * to it). Returns a function that cancels; cancelling twice is harmless.
   */
  setTimer(delayMs: number, wake: () => void): CancelTimer;
  /** Calls `run` once after the events of the present event-loop turn: the seam of group commit. */
  defer(run: () => void): void;
}

export type CancelTimer = () => void;

const TIMER_MS_MAX = 2 ** 31 - 1;

/** The machine's own clock. */
export function createSystemClock(): Clock {
  return {
    nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1_000),
    monotonicUs: () => Math.round(performance.now() * 1_000),
    setTimer: (delayMs, wake) => {
      const timer = setTimeout(wake, Math.min(Math.max(0, delayMs), TIMER_MS_MAX));
      return () => clearTimeout(timer);
    },
    defer: (run) => {
      setImmediate(run);
    },
  };
}

/** Waits; rejects at once with the signal's reason when it is, or becomes, aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.setTimer(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
