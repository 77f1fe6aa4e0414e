// Who wants a command to stop, and how. A person's Ctrl-C cancels; the system's
// SIGTERM and SIGHUP, and a closed stdout, say only that this process shall end:
// what it did is left to be gone on with. Each lets what runs end first; without
// anything to drain, and the second time, the process ends at once.
import { EXIT_CODES } from "../domain/errors.ts";

/** By the convention of shells: 128 and the number of the signal. */
export const STOP_EXIT_CODES = { SIGINT: EXIT_CODES.interrupted, SIGTERM: 143, SIGHUP: 129, SIGPIPE: 141 } as const;
export type StopCause = keyof typeof STOP_EXIT_CODES;
/** What becomes of what runs: it is over, or it is left for another process. */
export type StopKind = "cancel" | "leave";

export interface Draining {
  /** However it is stopped. */
  readonly signal: AbortSignal;
  readonly cancel: AbortSignal;
  readonly leave: AbortSignal;
  /** Nothing is left to drain. */
  release(): void;
}

export interface Interrupt {
  /** What a command that stopped short tells the shell. */
  readonly exitCode: number;
  /** One of the signals aborts at the first request, after `onFirst` told the user. */
  drain(onFirst: (kind: StopKind) => void): Draining;
  /** False: nobody drains, or it is the second time: end now. */
  request(cause?: StopCause): boolean;
  /** Nobody reads stdout any more: whoever drains is asked to leave, and nothing is said. */
  requestQuietly(): void;
}

interface Open {
  readonly cancel: AbortController;
  readonly leave: AbortController;
  readonly signal: AbortSignal;
  readonly onFirst: (kind: StopKind) => void;
}

const REASONS: Readonly<Record<StopKind, string>> = {
  cancel: "interrupted by the user",
  leave: "the process was asked to end",
};

export function createInterrupt(): Interrupt {
  let open: Open | undefined;
  let exitCode: number = EXIT_CODES.interrupted;

  function stop(cause: StopCause, tell: boolean): boolean {
    if (open === undefined || open.signal.aborted) return false;
    exitCode = STOP_EXIT_CODES[cause];
    const kind = cause === "SIGINT" ? "cancel" : "leave";
    if (tell) open.onFirst(kind);
    open[kind].abort(new DOMException(REASONS[kind], "AbortError"));
    return true;
  }

  return {
    get exitCode() {
      return exitCode;
    },
    drain: (onFirst) => {
      const cancel = new AbortController();
      const leave = new AbortController();
      const mine = { cancel, leave, signal: AbortSignal.any([cancel.signal, leave.signal]), onFirst };
      open = mine;
      return {
        signal: mine.signal,
        cancel: cancel.signal,
        leave: leave.signal,
        release: () => {
          if (open === mine) open = undefined;
        },
      };
    },
    request: (cause = "SIGINT") => stop(cause, true),
    requestQuietly: () => {
      stop("SIGPIPE", false);
    },
  };
}
