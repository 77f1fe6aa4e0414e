// The check before every spending: an attempt starts only when its largest
// possible cost fits under every budget above it.
import { PolylogueError } from "../../domain/errors.ts";
import { type NanoUsd, usdFromNano } from "../../domain/money.ts";
import type { TimestampUs } from "../../domain/time.ts";
import type { DecisionView } from "../../journal/journal.ts";
import type { BudgetLimits } from "../mesh.ts";
import {
  agentBudget,
  BUDGETS,
  type BudgetPlace,
  budgetState,
  conversationBudget,
  dayBudget,
  turnBudget,
} from "./budget-documents.ts";

export interface ReservationRequest extends BudgetPlace {
  readonly askNanoUsd: NanoUsd;
  readonly limits: BudgetLimits;
  readonly nowUs: TimestampUs;
}

export interface BudgetRefusal {
  /** Which budget: `turn`, `agent`, `conversation` or `day`. */
  readonly budget: string;
  readonly askedNanoUsd: NanoUsd;
  readonly leftNanoUsd: NanoUsd;
}

/**
 * The first budget, narrowest first, that `askNanoUsd` does not fit under
 * (ask > limit − spent − reserved); undefined when it fits under all. Call it
 * inside the decider that appends `attempt.started`.
 */
export function refusedBudget(view: DecisionView, request: ReservationRequest): BudgetRefusal | undefined {
  for (const { budget, key, limit } of limitsAbove(view, request)) {
    const state = budgetState(view.document(BUDGETS, key));
    const leftNanoUsd = limit - state.spentNanoUsd - state.reservedNanoUsd;
    if (request.askNanoUsd > leftNanoUsd) return { budget, askedNanoUsd: request.askNanoUsd, leftNanoUsd };
  }
  return undefined;
}

interface LimitAbove {
  readonly budget: string;
  readonly key: string;
  readonly limit: NanoUsd;
}

/** The event may be stamped a moment after the check; a reservation at midnight must fit under both days. */
const STAMP_SLACK_US = 5_000_000;

function limitsAbove(view: DecisionView, request: ReservationRequest): LimitAbove[] {
  const { limits } = request;
  const conversationKey = conversationBudget(request.conversationId);
  const created = budgetState(view.document(BUDGETS, conversationKey)).limitNanoUsd;
  const dayKeys = new Set(
    [request.nowUs, request.nowUs + STAMP_SLACK_US].map((at) => dayBudget(at, request.simulated)),
  );
  const all = [
    { budget: "turn", key: turnBudget(request), limit: limits.turnNanoUsd },
    { budget: "agent", key: agentBudget(request), limit: limits.agentNanoUsd },
    { budget: "conversation", key: conversationKey, limit: limits.conversationNanoUsd },
    { budget: "conversation", key: conversationKey, limit: created },
    ...[...dayKeys].map((key) => ({ budget: "day", key, limit: limits.dayNanoUsd })),
  ];
  return all.filter((above): above is LimitAbove => above.limit !== undefined);
}

export function budgetError(refusal: BudgetRefusal): PolylogueError {
  const usd = (nano: NanoUsd): string => `$${usdFromNano(nano).toFixed(6)}`;
  return new PolylogueError("BUDGET_EXHAUSTED", {
    message: `the ${refusal.budget} budget has ${usd(refusal.leftNanoUsd)} left, and this call could cost up to ${usd(refusal.askedNanoUsd)}`,
    mend: `raise the ${refusal.budget} budget, or lower outputTokensMax so that a call reserves less`,
  });
}
