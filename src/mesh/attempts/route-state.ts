// Where a run stands with one of the agent's routes.
import type { AgentRequest, RouteCosting } from "../../agents/agent.ts";
import type { Route } from "../../domain/agent-card.ts";
import type { Failure } from "../../domain/failure.ts";
import type { DurationUs } from "../../domain/time.ts";
import type { TurnContext } from "../mesh.ts";
import { usableRoutes } from "../selection/selector.ts";
import type { OpenTurn } from "../turn-runner.ts";
import type { PricedRequest } from "./attempt-plan.ts";
import type { NextStep } from "./retry-rules.ts";

export interface RouteState {
  readonly route: Route;
  readonly costing: RouteCosting;
  /** 0 is the agent's own. */
  readonly index: number;
  /** Which model request this route makes next, and why the one before would not do. */
  step: number;
  repair: TurnContext["repair"];
  /** The next request; kept through retries, so that each asks exactly the same. */
  priced: PricedRequest | undefined;
  /** Of the present step. */
  failedTries: number;
  stripped: boolean;
  /** Not before this time; with `holds`, no later route goes first meanwhile. */
  notBeforeUs: DurationUs;
  holds: boolean;
  closed: boolean;
  /** The last failure of a call. */
  failure: Failure | undefined;
  /** Why no call could be made. */
  refusal: Failure | undefined;
}

export function routeStates(turn: OpenTurn): RouteState[] {
  return usableRoutes(turn.port.agent.card).map((route, index) => ({
    route,
    costing: turn.port.costing(route),
    index,
    step: 0,
    repair: undefined,
    priced: undefined,
    failedTries: 0,
    stripped: false,
    notBeforeUs: 0,
    holds: false,
    closed: false,
    failure: undefined,
    refusal: undefined,
  }));
}

export function nextRequestOf(state: RouteState, repair: NonNullable<TurnContext["repair"]>): void {
  state.step++;
  state.repair = repair;
  state.priced = undefined;
  state.failedTries = 0;
  state.stripped = false;
}

/** Closes this route, and those for which the same reason holds. */
export function closeRoutes(states: readonly RouteState[], from: RouteState, step: NextStep): void {
  for (const state of states) {
    const sameVendor = state.route.vendor === from.route.vendor;
    const sameKey = sameVendor && state.route.key === from.route.key;
    if (state === from || (step === "leave-vendor" && sameVendor) || (step === "leave-key" && sameKey)) {
      state.closed = true;
    }
  }
}

export function hasOpaque(request: AgentRequest): boolean {
  return request.history.some((turn) => turn.opaque !== undefined);
}

export function withoutOpaque(request: AgentRequest): AgentRequest {
  return { ...request, history: request.history.map(({ role, parts }) => ({ role, parts })) };
}

/**
 * What to tell about a run that ended without an answer: what a vendor said
 * rather than that we did not ask, and of the agent's own route rather than of a
 * later one.
 */
export function mostTelling(states: readonly RouteState[]): Failure {
  const said = states.find((state) => state.failure !== undefined)?.failure;
  const refused = states.find((state) => state.refusal !== undefined)?.refusal;
  return said ?? refused ?? NO_ROUTE;
}

const NO_ROUTE: Failure = {
  class: "request",
  code: "NO_CANDIDATE",
  reason: "the agent has no route to a model",
};
