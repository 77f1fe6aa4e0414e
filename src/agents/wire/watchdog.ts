// Ends a call that stays silent. Bytes alone do not count: vendors keep a
// connection alive for minutes while a request waits in their queue.
import type { ErrorCode } from "../../domain/errors.ts";
import type { CancelTimer, Clock } from "../../platform/clock.ts";

/** All in milliseconds. */
export interface CallTimeouts {
  /** From the start of a streamed call to its first content. */
  readonly firstContentTimeoutMs: number;
  readonly betweenContentsTimeoutMs: number;
  /** The whole call, streamed or not. */
  readonly callTimeoutMs: number;
}

/** A thinking model may take minutes before its first visible word. */
export const CALL_TIMEOUTS_DEFAULT = {
  firstContentTimeoutMs: 120_000,
  betweenContentsTimeoutMs: 60_000,
  callTimeoutMs: 600_000,
} as const satisfies CallTimeouts;

interface Expiry {
  readonly code: Extract<ErrorCode, "TIMEOUT_FIRST_CONTENT" | "TIMEOUT_BETWEEN_CONTENTS" | "TIMEOUT_CALL">;
  readonly reason: string;
}

export interface Watchdog {
  /** Some content came. */
  content(): void;
  stop(): void;
}

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly timeouts: CallTimeouts;
  /** Without a stream the first content is the whole answer: then only `callTimeoutMs` holds. */
  readonly streamed: boolean;
  /** Called at most once. */
  readonly expire: (expiry: Expiry) => void;
}

export function createWatchdog({ clock, timeouts, streamed, expire }: WatchdogOptions): Watchdog {
  const { firstContentTimeoutMs, betweenContentsTimeoutMs, callTimeoutMs } = timeouts;
  let cancelSilence: CancelTimer = () => undefined;
  const cancelCall = clock.setTimer(callTimeoutMs, () => {
    end({ code: "TIMEOUT_CALL", reason: `the call did not end within ${callTimeoutMs} ms` });
  });

  function stop(): void {
    cancelSilence();
    cancelCall();
  }

  function end(expiry: Expiry): void {
    stop();
    expire(expiry);
  }

  if (streamed) {
    cancelSilence = clock.setTimer(firstContentTimeoutMs, () => {
      end({ code: "TIMEOUT_FIRST_CONTENT", reason: `no content came within ${firstContentTimeoutMs} ms` });
    });
  }

  return {
    stop,
    content() {
      if (!streamed) return;
      cancelSilence();
      cancelSilence = clock.setTimer(betweenContentsTimeoutMs, () => {
        end({
          code: "TIMEOUT_BETWEEN_CONTENTS",
          reason: `no further content came within ${betweenContentsTimeoutMs} ms`,
        });
      });
    },
  };
}
