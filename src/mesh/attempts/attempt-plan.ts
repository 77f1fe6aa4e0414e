// An attempt that is about to be made, with all that its two events say.
import type { RouteCosting } from "../../agents/agent.ts";
import type { Route } from "../../domain/agent-card.ts";
import type { AttemptId } from "../../domain/ids.ts";
import type { NanoUsd } from "../../domain/money.ts";
import type { TimestampUs } from "../../domain/time.ts";
import type { ProjectedTurn } from "../mesh.ts";
import type { OpenTurn } from "../turn-runner.ts";

/** A projected request with its largest possible cost. */
export interface PricedRequest {
  readonly projected: ProjectedTurn;
  readonly inputTokensEstimated: number;
  /** Reserved before the call. */
  readonly costMaxNanoUsd: NanoUsd;
}

export interface AttemptPlan {
  readonly turn: OpenTurn;
  readonly route: Route;
  readonly costing: RouteCosting;
  readonly priced: PricedRequest;
  readonly attemptId: AttemptId;
  readonly step: number;
  /** Counts through the whole turn, from 1. */
  readonly attempt: number;
}

/** Its intent is in the journal. */
export interface StartedPlan extends AttemptPlan {
  /** By which it is priced. */
  readonly startedAtUs: TimestampUs;
}

/** Input and largest output together: what a limit on tokens per minute must have room for. */
export function tokensMax(priced: PricedRequest): number {
  return priced.inputTokensEstimated + priced.projected.request.outputTokensMax;
}
