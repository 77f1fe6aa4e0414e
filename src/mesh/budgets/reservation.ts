// The check before every spending: an attempt starts only when its largest
// possible cost fits under every budget above it.
import { type NanoUsd, usdText } from "../../domain/money.ts";
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
  /** Not spent yet; calls under way may hold part of it. */
  readonly leftNanoUsd: NanoUsd;
}

/**
 * Why a call cannot start now. `held`: what is left would do, and calls under
 * way hold it: it fits as soon as they cost less than they reserved. `spent`: it
 * never will; the tightest budget is named, so a call of at most its
 * `leftNanoUsd` could still start.
 */
export interface BudgetObstacle extends BudgetRefusal {
  readonly kind: "held" | "spent";
}

/** Undefined when `askNanoUsd` fits under every budget above. Call it inside the decider that appends `attempt.started`. */
export function budgetObstacle(view: DecisionView, request: ReservationRequest): BudgetObstacle | undefined {
  const { askNanoUsd } = request;
  const budgets = limitsAbove(view, request).map(({ budget, key, limit }) => {
    const { spentNanoUsd, reservedNanoUsd } = budgetState(view.document(BUDGETS, key));
    return { budget, leftNanoUsd: limit - spentNanoUsd, reservedNanoUsd };
  });
  const [tightest] = budgets.toSorted((a, b) => a.leftNanoUsd - b.leftNanoUsd);
  if (tightest !== undefined && askNanoUsd > tightest.leftNanoUsd) return obstacle("spent", tightest, askNanoUsd);
  const holding = budgets.find(({ leftNanoUsd, reservedNanoUsd }) => askNanoUsd > leftNanoUsd - reservedNanoUsd);
  return holding && obstacle("held", holding, askNanoUsd);
}

function obstacle(
  kind: BudgetObstacle["kind"],
  { budget, leftNanoUsd }: Pick<BudgetRefusal, "budget" | "leftNanoUsd">,
  askedNanoUsd: NanoUsd,
): BudgetObstacle {
  return { kind, budget, askedNanoUsd, leftNanoUsd };
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

export function refusalText({ budget, leftNanoUsd, askedNanoUsd }: BudgetRefusal): string {
  return `the ${budget} budget has ${usdText(leftNanoUsd)} left, and the shortest useful call could cost up to ${usdText(askedNanoUsd)}`;
}
