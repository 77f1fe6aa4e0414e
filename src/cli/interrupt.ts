// Ctrl-C in two steps: the first asks a command that can drain to drain; without
// such a command, and the second time, the process ends at once.

export interface Interrupt {
  /**
   * The signal aborts on the first Ctrl-C, after `onFirst` told the user.
   * `release` says that nothing is left to drain.
   */
  drain(onFirst: () => void): { readonly signal: AbortSignal; release(): void };
  /** Someone pressed Ctrl-C. False: nobody drains, or it is the second time: end now. */
  request(): boolean;
  /** Nobody reads stdout any more: whoever drains is asked to, and nothing is said. */
  requestQuietly(): void;
}

export function createInterrupt(): Interrupt {
  let draining: { readonly controller: AbortController; readonly onFirst: () => void } | undefined;
  const abort = (why: string): void => draining?.controller.abort(new DOMException(why, "AbortError"));
  return {
    drain: (onFirst) => {
      const mine = { controller: new AbortController(), onFirst };
      draining = mine;
      return {
        signal: mine.controller.signal,
        release: () => {
          if (draining === mine) draining = undefined;
        },
      };
    },
    request: () => {
      if (draining === undefined || draining.controller.signal.aborted) return false;
      draining.onFirst();
      abort("interrupted by the user");
      return true;
    },
    requestQuietly: () => abort("nobody reads the output any more"),
  };
}
