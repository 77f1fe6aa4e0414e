// One attempt on one route: project, price, be admitted, reserve, call, settle.
import type { AgentEvent } from "../../agents/agent.ts";
import type { Failure } from "../../domain/failure.ts";
import type { AttemptId } from "../../domain/ids.ts";
import type { Decision, DecisionView } from "../../journal/journal.ts";
import type { Log } from "../../platform/log.ts";
import type { BudgetObstacle } from "../budgets/reservation.ts";
import type { Progress, TurnContext } from "../mesh.ts";
import type { CallReport } from "../selection/target.ts";
import type { CallPermit, Targets } from "../selection/targets.ts";
import type { OpenTurn, TurnAnswer } from "../turn-runner.ts";
import { type CallResult, callAgent, type DoneEvent } from "./attempt-call.ts";
import { type Charge, chargeOf } from "./attempt-charge.ts";
import { type AttemptPlan, type PricedRequest, tokensMax } from "./attempt-plan.ts";
import {
  type RecordDeps,
  recordAnswer,
  recordEnd,
  recordRefusal,
  recordStart,
  type Settlement,
} from "./attempt-record.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { type RouteState, withoutOpaque } from "./route-state.ts";
import { longestWithin, shortestRequest } from "./shorter-request.ts";
import { budgetFailure, faultOfAnswer, OVERDUE, priceFailure, projectionFailure, STOPPED } from "./turn-failures.ts";

export interface AttemptDeps extends RecordDeps {
  readonly targets: Targets;
  readonly retryBudget: RetryBudget;
  readonly log: Log;
  /** Attempts of this process that are under way. */
  readonly underWay: Set<AttemptId>;
  onProgress(progress: Progress): void;
  /** An attempt has settled, durably: what it had reserved is free. */
  onSettled(): void;
}

export interface AttemptRequest {
  readonly turn: OpenTurn;
  readonly state: RouteState;
  readonly attempt: number;
  /** Stopped from outside or overdue. */
  readonly signal: AbortSignal;
  isOverdue(): boolean;
  commit(answer: TurnAnswer, view: DecisionView): Decision<void>;
}

export type AttemptEnd =
  | { readonly kind: "answered" | "stopped"; readonly wasMade: boolean }
  | { readonly kind: "repair"; readonly repair: NonNullable<TurnContext["repair"]>; readonly wasMade: true }
  | { readonly kind: "failed"; readonly failure: Failure; readonly wasMade: true }
  /** No budget is left for it. */
  | { readonly kind: "over-budget"; readonly failure: Failure; readonly wasMade: false }
  /** Calls under way hold the budget it needs. */
  | { readonly kind: "held"; readonly wasMade: false }
  /** The budget has room for a shorter answer: that is what to ask for next. */
  | { readonly kind: "shortened"; readonly wasMade: false }
  /** This route cannot be asked in this turn at all. */
  | { readonly kind: "unaskable"; readonly failure: Failure; readonly wasMade: false }
  /** Not now; its gates say when. */
  | { readonly kind: "refused"; readonly wasMade: false };

export async function makeAttempt(deps: AttemptDeps, request: AttemptRequest): Promise<AttemptEnd> {
  const { state, turn } = request;
  const priced = await priceRequest(request);
  if ("failure" in priced) return { kind: "unaskable", failure: priced.failure, wasMade: false };
  state.priced = priced;
  if (request.signal.aborted) return { kind: "stopped", wasMade: false };
  const admission = deps.targets.admit(turn.port.agent.card, state.route, tokensMax(priced));
  if ("refusal" in admission) return { kind: "refused", wasMade: false };
  const leaveBudget = deps.retryBudget.enter(state.route.vendor, state.failedTries > 0);
  if (leaveBudget === undefined) {
    admission.permit.cancel();
    return { kind: "unaskable", failure: retriesSpent(state), wasMade: false };
  }
  const { costing, route, step } = state;
  const attemptId = deps.ids.next();
  const plan: AttemptPlan = { turn, route, costing, priced, attemptId, step, attempt: request.attempt };
  deps.underWay.add(attemptId);
  try {
    return await reserveAndCall(deps, request, { plan, permit: admission.permit });
  } finally {
    // After `end` it changes nothing; it counts only where the journal refused.
    admission.permit.cancel();
    leaveBudget();
    deps.underWay.delete(attemptId);
  }
}

function retriesSpent(state: RouteState): Failure {
  const reason = `too many calls to ${state.route.vendor} are being repeated already`;
  return { class: "capacity", code: "OVERLOADED", reason };
}

function contextOf({ turn, state }: AttemptRequest): TurnContext {
  const { conversationId, turnId, request, port } = turn;
  const { route, step, repair } = state;
  const base = { conversationId, turnId, request, card: port.agent.card, route, step };
  return repair === undefined ? base : { ...base, repair };
}

async function priceRequest(request: AttemptRequest): Promise<PricedRequest | { readonly failure: Failure }> {
  const { state, turn } = request;
  if (state.priced !== undefined) return state.priced;
  try {
    const full = await turn.policy.project(contextOf(request));
    const projected = state.stripped ? { ...full, request: withoutOpaque(full.request) } : full;
    const inputTokensEstimated = state.costing.estimateInputTokens(projected.request);
    const costMaxNanoUsd = state.costing.costMaxNanoUsd(inputTokensEstimated, projected.request.outputTokensMax);
    if (costMaxNanoUsd === undefined) return { failure: priceFailure(state.route) };
    return { projected, inputTokensEstimated, costMaxNanoUsd };
  } catch (error) {
    return { failure: projectionFailure(error) };
  }
}

interface Admitted {
  readonly plan: AttemptPlan;
  readonly permit: CallPermit;
}

async function reserveAndCall(deps: AttemptDeps, request: AttemptRequest, admitted: Admitted): Promise<AttemptEnd> {
  const { permit } = admitted;
  const start = await recordStart(deps, admitted.plan);
  if ("obstacle" in start) return withoutBudget(deps, request, { ...admitted, ...start });
  const plan = start.started;
  const report = progressOf(plan);
  deps.onProgress({ type: "attempt-started", ...report.place, ...report.detail });
  const call = await callAgent({
    agent: plan.turn.port.agent,
    request: plan.priced.projected.request,
    signal: request.signal,
    clock: deps.clock,
    onEvent: (event: AgentEvent) => deps.onProgress({ type: "attempt-event", ...report.place, event }),
  });
  const ended = endOf(call, request);
  const charge = chargeOf(plan, call, ended.kind === "stopped");
  permit.end(callReport(call, ended, charge));
  learn(deps, plan, { call, charge });
  const result = await settle(deps, request, { plan, call, ended, charge });
  deps.onSettled();
  const outcome = outcomeOf(call, ended);
  deps.onProgress({ type: "attempt-ended", ...report.place, outcome, costNanoUsd: charge.costNanoUsd });
  return result;
}

interface Obstructed {
  readonly plan: AttemptPlan;
  readonly obstacle: BudgetObstacle;
}

async function withoutBudget(
  deps: AttemptDeps,
  { state }: AttemptRequest,
  { plan, obstacle }: Obstructed,
): Promise<AttemptEnd> {
  if (obstacle.kind === "held") return { kind: "held", wasMade: false };
  const shortest = shortestRequest(plan);
  if (shortest.costMaxNanoUsd <= obstacle.leftNanoUsd) {
    state.priced = longestWithin(plan, obstacle.leftNanoUsd);
    return { kind: "shortened", wasMade: false };
  }
  const refusal = { ...obstacle, askedNanoUsd: shortest.costMaxNanoUsd };
  await recordRefusal(deps, plan, refusal);
  return { kind: "over-budget", failure: budgetFailure(refusal), wasMade: false };
}

/** What a call came to. */
type EndedCall =
  | { readonly kind: "spoken"; readonly done: DoneEvent }
  | { readonly kind: "failed" | "stopped"; readonly failure: Failure };

function endOf({ end }: CallResult, request: AttemptRequest): EndedCall {
  if (end.type === "error") {
    if (request.signal.aborted) return { kind: "stopped", failure: request.isOverdue() ? OVERDUE : STOPPED };
    return { kind: "failed", failure: end.failure };
  }
  const fault = faultOfAnswer(end, request.turn.request.simulated);
  return fault === undefined ? { kind: "spoken", done: end } : { kind: "failed", failure: fault };
}

function callReport(call: CallResult, ended: EndedCall, charge: Charge): CallReport {
  const { totalUs, firstContentUs } = call.timings;
  return {
    elapsedUs: totalUs,
    tokensUsed: charge.tokensUsed,
    ...(ended.kind === "failed" ? { failure: ended.failure } : {}),
    ...(ended.kind === "stopped" ? { stopped: true } : {}),
    ...(firstContentUs === undefined ? {} : { firstContentUs }),
    ...(call.end.rateLimits === undefined ? {} : { rateLimits: call.end.rateLimits }),
  };
}

interface ChargedCall {
  readonly call: CallResult;
  readonly charge: Charge;
}

function learn(deps: AttemptDeps, plan: AttemptPlan, { call, charge }: ChargedCall): void {
  if (call.end.usage !== undefined && !charge.usageEstimated) {
    plan.costing.calibrate(plan.priced.projected.request, charge.usage);
  }
  if (charge.costNanoUsd > plan.priced.costMaxNanoUsd) {
    deps.log.warn("budget.overrun", {
      attemptId: plan.attemptId,
      route: plan.route,
      reservedNanoUsd: plan.priced.costMaxNanoUsd,
      costNanoUsd: charge.costNanoUsd,
    });
  }
}

function outcomeOf(call: CallResult, ended: EndedCall): Settlement["outcome"] {
  if (ended.kind === "spoken") return "succeeded";
  return ended.kind === "stopped" || call.contentChars > 0 ? "aborted" : "failed";
}

interface Settling extends ChargedCall {
  readonly plan: AttemptPlan;
  readonly ended: EndedCall;
}

async function settle(deps: AttemptDeps, request: AttemptRequest, settling: Settling): Promise<AttemptEnd> {
  const { plan, call, charge, ended } = settling;
  const settlement: Settlement = {
    outcome: outcomeOf(call, ended),
    charge,
    timings: call.timings,
    ...(call.end.type === "done" ? { finishReason: call.end.finishReason } : {}),
  };
  if (ended.kind === "spoken") return interpret(deps, request, { plan, settlement, done: ended.done });
  await recordEnd(deps, plan, { ...settlement, failure: ended.failure });
  if (ended.kind === "stopped") return { kind: "stopped", wasMade: true };
  return { kind: "failed", failure: ended.failure, wasMade: true };
}

interface Spoken {
  readonly plan: AttemptPlan;
  readonly settlement: Settlement;
  readonly done: DoneEvent;
}

async function interpret(deps: AttemptDeps, request: AttemptRequest, spoken: Spoken): Promise<AttemptEnd> {
  const { plan, done } = spoken;
  const { turn } = request;
  const settlement = { ...spoken.settlement, ...(done.opaque === undefined ? {} : { opaque: done.opaque }) };
  const interpretation = turn.policy.interpret(contextOf(request), done.parts);
  if (interpretation.kind === "repair") {
    await recordEnd(deps, plan, settlement);
    const repair = { previous: done.parts, instruction: interpretation.instruction };
    return { kind: "repair", repair, wasMade: true };
  }
  const answer: TurnAnswer = {
    attemptId: plan.attemptId,
    agent: turn.port.agent.card.id,
    interpretation,
    ...(request.state.index === 0 ? {} : { answeredBy: plan.route }),
  };
  const committed = await recordAnswer(deps, plan, { settlement, commit: (view) => request.commit(answer, view) });
  return { kind: committed ? "answered" : "stopped", wasMade: true };
}

type ProgressOf<T extends Progress["type"]> = Extract<Progress, { readonly type: T }>;

function progressOf(plan: AttemptPlan): {
  readonly place: Omit<ProgressOf<"attempt-event">, "type" | "event">;
  readonly detail: Pick<ProgressOf<"attempt-started">, "attempt" | "route" | "round">;
} {
  const { conversationId, turnId, request, port } = plan.turn;
  const { round } = request.data;
  const { attempt, route } = plan;
  return {
    place: { conversationId, turnId, agent: port.agent.card.id, attemptId: plan.attemptId },
    detail: { attempt, route, ...(round === undefined ? {} : { round }) },
  };
}
