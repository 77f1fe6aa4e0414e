// Chooses who takes an anycast: hard limits first, then ejection, then the
// strategy.
import type { AgentCard, Route } from "../../domain/agent-card.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { createSlidingWindow } from "../../platform/sliding-window.ts";
import type { Selector } from "../turn-runner.ts";
import { withoutEjected } from "./ejection.ts";
import type { Refusal } from "./refusal.ts";
import { STRATEGIES, type StrategyName } from "./strategies.ts";
import type { Candidate } from "./strategy.ts";
import type { Targets } from "./targets.ts";

export interface SelectorOptions {
  readonly strategy: StrategyName;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly random: Random;
}

/** When only the end of a running call can tell, look again after so long. */
const RECHECK_MS = 250;
/** The gates are asked for the smallest call; how large the real one is, its attempt finds out. */
const TOKENS_MIN = 1;

export function createSelector({ strategy, targets, clock, random }: SelectorOptions): Selector {
  const ranking = STRATEGIES[strategy]({ random });
  const asked = createSlidingWindow({ clock, windowMs: 60_000, max: Number.POSITIVE_INFINITY });

  const refusals = (card: AgentCard): { readonly route: Route; readonly refusal: Refusal | undefined }[] =>
    usableRoutes(card).map((route) => ({ route, refusal: targets.refusal(card, route, TOKENS_MIN) }));

  return {
    order(candidates) {
      const ready: Candidate[] = [];
      for (const port of candidates) {
        const { card } = port.agent;
        const open = refusals(card).find(({ refusal }) => refusal === undefined);
        if (open !== undefined) ready.push({ port, load: targets.load(card, open.route) });
      }
      if (ready.length > 0) asked.reserve(1);
      return ranking.order(withoutEjected(ready, asked.used())).map(({ port }) => port);
    },
    nextChanceMs(candidates) {
      const waits = candidates.flatMap(({ agent }) => refusals(agent.card)).map(({ refusal }) => waitOf(refusal));
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
  };
}

/** The agent's own route, and the others where it may fall back. */
export function usableRoutes(card: AgentCard): readonly Route[] {
  return card.fallback ? card.routes : card.routes.slice(0, 1);
}

function waitOf(refusal: Refusal | undefined): number {
  return refusal === undefined ? 0 : (refusal.waitMs ?? RECHECK_MS);
}
