// Wakes whoever waits for commits: at once for this process's own, within one
// poll for those of others. Nothing is polled while nobody listens.
import type { CancelTimer, Clock } from "../../platform/clock.ts";

export interface ChangeWatchOptions {
  readonly clock: Clock;
  /** Undefined where no other process can write. */
  readonly pollMs: number | undefined;
  /** Changes whenever another connection has committed. */
  dataVersion(): number;
}

export interface ChangeWatch {
  onChange(wake: () => void): () => void;
  notify(): void;
  stop(): void;
}

export function createChangeWatch({ clock, pollMs, dataVersion }: ChangeWatchOptions): ChangeWatch {
  const listeners = new Set<{ readonly wake: () => void }>();
  let cancelPoll: CancelTimer | undefined;
  let seenVersion = 0;

  function notify(): void {
    for (const listener of [...listeners]) listener.wake();
  }

  function pollEvery(ms: number): void {
    cancelPoll = clock.setTimer(ms, () => {
      pollEvery(ms);
      compare();
    });
  }

  function compare(): void {
    const version = readVersion();
    if (version === seenVersion) return;
    seenVersion = version;
    notify();
  }

  /** A database that is busy at this moment may well have changed: a spurious wake-up is harmless, a missed one is not. */
  function readVersion(): number {
    try {
      return dataVersion();
    } catch {
      return Number.NaN;
    }
  }

  function stop(): void {
    cancelPoll?.();
    cancelPoll = undefined;
    listeners.clear();
  }

  return {
    onChange: (wake) => {
      const listener = { wake };
      // What was committed before this moment is the caller's to read; what comes after changes the version.
      if (listeners.size === 0 && pollMs !== undefined) {
        seenVersion = readVersion();
        pollEvery(pollMs);
      }
      listeners.add(listener);
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop();
      };
    },
    notify,
    stop,
  };
}
