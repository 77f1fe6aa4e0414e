// Failures that the mesh itself finds: in an answer, in time, in a price.
import type { Route } from "../../domain/agent-card.ts";
import { isPolylogueError } from "../../domain/errors.ts";
import type { Failure } from "../../domain/failure.ts";
import type { Part } from "../../domain/part.ts";
import type { BudgetRefusal } from "../budgets/reservation.ts";
import { refusalText } from "../budgets/reservation.ts";
import { targetName } from "../selection/refusal.ts";
import type { DoneEvent } from "./attempt-call.ts";

export const STOPPED: Failure = { class: "transient", code: "CANCELLED", reason: "the turn was stopped from outside" };
export const OVERDUE: Failure = {
  class: "transient",
  code: "TIMEOUT_TURN",
  reason: "the turn's deadline came before the answer had ended",
};

export function tooLong(turnMs: number): Failure {
  return { class: "transient", code: "TIMEOUT_TURN", reason: `the turn did not end within ${turnMs} ms` };
}

export function budgetFailure(refusal: BudgetRefusal): Failure {
  return { class: "budget", code: "BUDGET_EXHAUSTED", reason: refusalText(refusal) };
}

export function priceFailure(route: Route): Failure {
  const reason = `the price of ${targetName(route)} is not known, so nothing can be reserved for a call`;
  return { class: "request", code: "PRICE_UNKNOWN", reason };
}

/** What a policy throws on purpose is a failure of the turn; anything else is a fault of the program and goes on. */
export function projectionFailure(error: unknown): Failure {
  if (!isPolylogueError(error)) throw error;
  return { class: "request", code: error.code, reason: error.message };
}

export function stepsFailure(stepsMax: number): Failure {
  const reason = `the answers of ${stepsMax} model requests in a row would not do`;
  return { class: "request", code: "STEPS_SPENT", reason };
}

/** Why an ended stream makes no answer; undefined when it does. */
export function faultOfAnswer(done: DoneEvent, conversationSimulated: boolean): Failure | undefined {
  if (done.simulated !== conversationSimulated) return markFailure(done.simulated);
  switch (done.finishReason) {
    case "refusal":
      return { class: "policy", code: "VENDOR_POLICY", reason: "the model declined to answer" };
    case "error":
    case "interrupted":
      return { class: "transient", code: "VENDOR_TRANSIENT", reason: "the vendor broke its answer off" };
    default:
      if (done.parts.some(saysSomething)) return undefined;
      return { class: "transient", code: "ANSWER_EMPTY", reason: "the answer holds no text and no call" };
  }
}

function saysSomething(part: Part): boolean {
  if (part.type === "text") return part.text.trim() !== "";
  return part.type !== "reasoning";
}

/** Real and simulated answers are never mixed: everything in a conversation carries one mark. */
function markFailure(answerSimulated: boolean): Failure {
  return answerSimulated
    ? { class: "request", code: "CONVERSATION_NOT_SIMULATED", reason: "a simulator answered in a real conversation" }
    : {
        class: "request",
        code: "CONVERSATION_SIMULATED",
        reason: "a real vendor answered in a simulated conversation",
      };
}
