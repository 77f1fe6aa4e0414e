// Simulated time for tests, simulations and benchmarks: timers fire in order of
// their due time, and time jumps from one to the next whenever the program has
// nothing else to do. Nothing ever waits for real.
import type { CancelTimer, Clock } from "./clock.ts";

export interface VirtualClock extends Clock {
  /** Lets the program run, jumping from timer to timer, until `work` settles. Rejects when nothing is left to wait for. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Moves time forward by `ms`, firing every timer that falls due, in order. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly dueUs: number;
  readonly order: number;
  readonly wake: () => void;
}

/** How many empty event-loop turns count as "the program has nothing else to do". */
const IDLE_TURNS = 6;

export function createVirtualClock(startUs = 1_795_305_600_000_000): VirtualClock {
  let elapsedUs = 0;
  let order = 0;
  /** Timers set and callbacks deferred so far: while it rises, the program is not idle. */
  let stirs = 0;
  const timers = new Set<Timer>();

  function setTimer(delayMs: number, wake: () => void): CancelTimer {
    const timer: Timer = { dueUs: elapsedUs + Math.max(0, Math.round(delayMs * 1_000)), order: order++, wake };
    timers.add(timer);
    stirs++;
    return () => {
      timers.delete(timer);
    };
  }

  function nextTimer(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (
        first === undefined ||
        timer.dueUs < first.dueUs ||
        (timer.dueUs === first.dueUs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }

  function fire(timer: Timer): void {
    timers.delete(timer);
    elapsedUs = Math.max(elapsedUs, timer.dueUs);
    timer.wake();
  }

  /** Resolves when nothing has stirred for {@link IDLE_TURNS} turns of the event loop, or `isDone`. */
  async function idle(isDone: () => boolean): Promise<void> {
    let stirsSeen = stirs;
    for (let turn = 0; turn < IDLE_TURNS && !isDone(); turn++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      if (stirs !== stirsSeen) turn = -1;
      stirsSeen = stirs;
    }
  }

  async function run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const finish = (): void => {
      settled = true;
    };
    work.then(finish, finish);
    while (true) {
      await idle(() => settled);
      if (settled) return work;
      const timer = nextTimer();
      if (timer === undefined)
        throw new Error("simulated time stands still: no timer is set and the work has not ended");
      fire(timer);
    }
  }

  async function advance(ms: number): Promise<void> {
    const untilUs = elapsedUs + Math.round(ms * 1_000);
    await idle(() => false);
    for (let timer = nextTimer(); timer !== undefined && timer.dueUs <= untilUs; timer = nextTimer()) {
      fire(timer);
      await idle(() => false);
    }
    elapsedUs = untilUs;
  }

  return {
    nowUs: () => startUs + elapsedUs,
    monotonicUs: () => elapsedUs,
    setTimer,
    defer: (callback) => {
      stirs++;
      setImmediate(callback);
    },
    run,
    advance,
  };
}
