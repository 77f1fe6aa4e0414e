// The gate of one agent: requests a minute, tokens a minute and calls at once,
// reserved before a call is made. In memory of one process; what several
// processes do together is seen through the vendor's headers.
import type { AgentLimits } from "../../domain/agent-card.ts";
import type { Clock } from "../../platform/clock.ts";
import { createSlidingWindow, type SlidingWindow } from "../../platform/sliding-window.ts";

export interface Gate {
  /** Until a call of so many tokens may pass, in milliseconds; 0 when now; undefined while only the end of a running call can tell. */
  waitMs(tokens: number): number | undefined;
  /** Passes now (all three or none) or not at all. */
  enter(tokens: number): GatePass | undefined;
}

interface GatePass {
  /** The call has ended and used so many tokens. */
  leave(tokensUsed: number): void;
  /** The call was never made: nothing of it counts. */
  cancel(): void;
}

const WINDOW_MS = 60_000;

export function createGate(clock: Clock, limits: AgentLimits): Gate {
  const windowOf = (max: number | undefined): SlidingWindow | undefined =>
    max === undefined ? undefined : createSlidingWindow({ clock, windowMs: WINDOW_MS, max });
  const requests = windowOf(limits.requestsPerMinuteMax);
  const tokensWindow = windowOf(limits.tokensPerMinuteMax);
  const concurrencyMax = limits.concurrencyMax ?? Number.POSITIVE_INFINITY;
  let running = 0;

  function waitMs(tokens: number): number | undefined {
    if (running >= concurrencyMax) return undefined;
    return Math.max(requests?.nextChanceMs(1) ?? 0, tokensWindow?.nextChanceMs(tokens) ?? 0);
  }

  function enter(tokens: number): GatePass | undefined {
    if (waitMs(tokens) !== 0) return undefined;
    const request = requests?.reserve(1);
    const reserved = tokensWindow?.reserve(tokens);
    running++;
    let inside = true;
    const end = (requestsUsed: number, tokensUsed: number): void => {
      if (!inside) return;
      inside = false;
      running--;
      request?.settle(requestsUsed);
      reserved?.settle(tokensUsed);
    };
    return { leave: (tokensUsed) => end(1, tokensUsed), cancel: () => end(0, 0) };
  }

  return { waitMs, enter };
}
