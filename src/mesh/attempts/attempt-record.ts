// Writes an attempt into the journal: the intent with its reservation before the
// call, the outcome after it.

import { isPolylogueError, PolylogueError } from "../../domain/errors.ts";
import type { Failure } from "../../domain/failure.ts";
import type { AttemptOutcome, AttemptTimings, NewJournalEvent } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { AppendRequest, Decision, DecisionView, EncodedBody, Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import type { IdSource } from "../../platform/ids.ts";
import { OPEN_ATTEMPTS } from "../budgets/budget-documents.ts";
import { type BudgetObstacle, type BudgetRefusal, budgetObstacle } from "../budgets/reservation.ts";
import type { Charge } from "./attempt-charge.ts";
import type { AttemptPlan, StartedPlan } from "./attempt-plan.ts";

export interface RecordDeps {
  readonly journal: Journal;
  readonly ids: IdSource;
  readonly clock: Clock;
}

/** How an attempt ended, before it is written. */
export interface Settlement {
  readonly outcome: Exclude<AttemptOutcome, "lost">;
  readonly charge: Charge;
  readonly timings: AttemptTimings;
  readonly finishReason?: string;
  readonly failure?: Failure;
  readonly opaque?: JsonValue;
}

export type Started = { readonly started: StartedPlan } | { readonly obstacle: BudgetObstacle };

/**
 * Reserves and writes the intent in one transaction. Where a budget is in the way
 * of it, nothing is written. Rejects with `LEASE_LOST`.
 */
export async function recordStart(deps: RecordDeps, plan: AttemptPlan): Promise<Started> {
  const decide = (view: DecisionView): Decision<BudgetObstacle | undefined> => {
    const obstacle = budgetObstacle(view, {
      conversationId: plan.turn.conversationId,
      turnId: plan.turn.turnId,
      agent: plan.turn.port.agent.card.id,
      simulated: plan.turn.request.simulated,
      askNanoUsd: plan.priced.costMaxNanoUsd,
      limits: plan.turn.budgets,
      nowUs: deps.clock.nowUs(),
    });
    return { events: obstacle === undefined ? [startedEvent(plan)] : [], result: obstacle };
  };
  const { events, result } = await deps.journal.append({ ...appendBase(deps, plan), decide });
  const [started] = events;
  return started === undefined
    ? { obstacle: result as BudgetObstacle }
    : { started: { ...plan, startedAtUs: started.atUs } };
}

/** Writes that no call could be made, as its budget is spent. */
export async function recordRefusal(deps: RecordDeps, plan: AttemptPlan, refusal: BudgetRefusal): Promise<void> {
  const { turnId, port } = plan.turn;
  const agent = port.agent.card.id;
  const { budget, askedNanoUsd, leftNanoUsd } = refusal;
  const data = { turnId, agent, budget, askedNanoUsd, leftNanoUsd };
  const event: NewJournalEvent = { kind: "budget.refused", actor: agent, data };
  await deps.journal.append({ ...appendBase(deps, plan), decide: () => ({ events: [event], result: undefined }) });
}

/** Writes the outcome alone; writes nothing when the attempt has one already. */
export async function recordEnd(deps: RecordDeps, plan: AttemptPlan, settlement: Settlement): Promise<void> {
  const { event, bodies } = settledEvent(deps, plan, settlement);
  await deps.journal.append<void>({
    ...appendBase(deps, plan),
    decide: (view) => ({ events: isOpen(view, plan) ? [event] : [], bodies, result: undefined }),
  });
}

/**
 * Writes the outcome together with what `commit` decides. Resolves to false when
 * `commit` refused: then the outcome is written alone.
 */
export async function recordAnswer(
  deps: RecordDeps,
  plan: AttemptPlan,
  answer: { readonly settlement: Settlement; commit(view: DecisionView): Decision<void> },
): Promise<boolean> {
  const { event, bodies } = settledEvent(deps, plan, answer.settlement);
  let refusal: { readonly error: unknown } | undefined;
  const decide = (view: DecisionView): Decision<void> => {
    refusal = undefined;
    try {
      if (!isOpen(view, plan)) throw settledBefore(plan);
      const more = answer.commit(view);
      return { events: [event, ...more.events], bodies: [...bodies, ...(more.bodies ?? [])], result: undefined };
    } catch (error) {
      refusal = { error };
      throw error;
    }
  };
  try {
    await deps.journal.append({ ...appendBase(deps, plan), decide });
    return true;
  } catch (error) {
    if (refusal === undefined) throw error;
    await recordEnd(deps, plan, answer.settlement);
    if (!isPolylogueError(refusal.error)) throw error;
    return false;
  }
}

function isOpen(view: DecisionView, plan: AttemptPlan): boolean {
  return view.document(OPEN_ATTEMPTS, plan.attemptId) !== undefined;
}

function settledBefore(plan: AttemptPlan): PolylogueError {
  return new PolylogueError("TURN_CLOSED", {
    message: `attempt ${plan.attemptId} was settled by somebody else while its call was running`,
    mend: "nothing needs to be done: the turn goes on with whoever holds the conversation",
  });
}

function appendBase(deps: RecordDeps, plan: AttemptPlan): Omit<AppendRequest<unknown>, "decide"> {
  const { request, conversationId, lease } = plan.turn;
  return { stream: conversationId, lease, trace: deps.ids.span(request.trace), simulated: request.simulated };
}

function startedEvent(plan: AttemptPlan): NewJournalEvent {
  const { turn, priced, costing } = plan;
  const agent = turn.port.agent.card.id;
  return {
    kind: "attempt.started",
    actor: agent,
    causationId: turn.request.id,
    data: {
      attemptId: plan.attemptId,
      turnId: turn.turnId,
      agent,
      step: plan.step,
      attempt: plan.attempt,
      route: plan.route,
      wire: costing.wire,
      reservedNanoUsd: priced.costMaxNanoUsd,
      inputTokensEstimated: priced.inputTokensEstimated,
      outputTokensMax: priced.projected.request.outputTokensMax,
      context: priced.projected.context,
      hashes: { config: turn.configHash, ...costing.hashes },
    },
  };
}

function settledEvent(
  deps: RecordDeps,
  plan: AttemptPlan,
  settlement: Settlement,
): { readonly event: NewJournalEvent; readonly bodies: readonly EncodedBody[] } {
  const { charge, finishReason, failure, opaque } = settlement;
  const agent = plan.turn.port.agent.card.id;
  const body = opaque === undefined ? undefined : deps.journal.encodeBody(opaque);
  const event: NewJournalEvent = {
    kind: "attempt.settled",
    actor: agent,
    causationId: plan.turn.request.id,
    data: {
      attemptId: plan.attemptId,
      turnId: plan.turn.turnId,
      agent,
      route: plan.route,
      outcome: settlement.outcome,
      usage: charge.usage,
      usageEstimated: charge.usageEstimated,
      costNanoUsd: charge.costNanoUsd,
      timings: settlement.timings,
      ...(finishReason === undefined ? {} : { finishReason }),
      ...(failure === undefined ? {} : { failure }),
      ...(body === undefined ? {} : { privateBody: body.ref }),
    },
  };
  return { event, bodies: body === undefined ? [] : [body] };
}
