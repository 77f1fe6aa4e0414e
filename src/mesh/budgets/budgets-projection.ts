// The projection "budgets": what is reserved and spent, kept in the transaction
// of the events themselves, so that a reservation is checked against exactly
// what is committed.
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import type { Projection, ProjectionWriter } from "../../journal/journal.ts";
import {
  BUDGETS,
  type BudgetState,
  budgetState,
  budgetsAbove,
  conversationBudget,
  OPEN_ATTEMPTS,
  type OpenAttempt,
} from "./budget-documents.ts";

export function createBudgetsProjection(): Projection {
  return { name: "budgets", version: 1, collections: [BUDGETS, OPEN_ATTEMPTS], apply };
}

function apply(event: JournalEvent, documents: ProjectionWriter): void {
  if (event.kind === "conversation.created") limitConversation(event, documents);
  else if (event.kind === "attempt.started") reserve(event, documents);
  else if (event.kind === "attempt.settled") settle(event, documents);
}

function limitConversation(event: JournalEventOf<"conversation.created">, documents: ProjectionWriter): void {
  const key = conversationBudget(event.stream);
  const state = budgetState(documents.get(BUDGETS, key));
  const value = { ...state, limitNanoUsd: event.data.budgetNanoUsd };
  documents.put(BUDGETS, { key, group: event.stream, order: 0, value });
}

function reserve(event: JournalEventOf<"attempt.started">, documents: ProjectionWriter): void {
  const { data } = event;
  const open: OpenAttempt = {
    attemptId: data.attemptId,
    conversationId: event.stream,
    turnId: data.turnId,
    agent: data.agent,
    vendor: data.route.vendor,
    model: data.route.model,
    ...(data.route.key === undefined ? {} : { key: data.route.key }),
    reservedNanoUsd: data.reservedNanoUsd,
    inputTokensEstimated: data.inputTokensEstimated,
    outputTokensMax: data.outputTokensMax,
    startedAtUs: event.atUs,
    simulated: event.simulated,
  };
  documents.put(OPEN_ATTEMPTS, { key: data.attemptId, group: event.stream, order: event.seq, value: open });
  change(open, documents, (state) => ({
    ...state,
    reservedNanoUsd: state.reservedNanoUsd + data.reservedNanoUsd,
  }));
}

/** The cost falls on the day on which it was reserved, so that no day is ever overdrawn by what began the day before. */
function settle(event: JournalEventOf<"attempt.settled">, documents: ProjectionWriter): void {
  const document = documents.get(OPEN_ATTEMPTS, event.data.attemptId);
  if (document === undefined) return;
  documents.delete(OPEN_ATTEMPTS, event.data.attemptId);
  const open = document.value as OpenAttempt;
  const cost = event.data.costNanoUsd;
  change(open, documents, (state) => ({
    ...state,
    reservedNanoUsd: state.reservedNanoUsd - open.reservedNanoUsd,
    spentNanoUsd: state.spentNanoUsd + cost,
    overrunNanoUsd: state.overrunNanoUsd + Math.max(0, cost - open.reservedNanoUsd),
  }));
}

function change(attempt: OpenAttempt, documents: ProjectionWriter, next: (state: BudgetState) => BudgetState): void {
  for (const place of budgetsAbove(attempt, attempt.startedAtUs)) {
    documents.put(BUDGETS, { ...place, value: next(budgetState(documents.get(BUDGETS, place.key))) });
  }
}
