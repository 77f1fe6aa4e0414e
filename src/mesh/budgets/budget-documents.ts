// The documents of the budgets: one for each turn, agent in a conversation,
// conversation and UTC day, and one for each attempt that has no outcome yet.
import type { AgentId, AttemptId, ConversationId, TurnId } from "../../domain/ids.ts";
import type { NanoUsd } from "../../domain/money.ts";
import { isoFromUs, type TimestampUs } from "../../domain/time.ts";
import type { StoredDocument } from "../../storage/store.ts";

export const BUDGETS = "budgets";
export const OPEN_ATTEMPTS = "budget_open_attempts";

/** A type, not an interface, so that it is a JSON object. */
export type BudgetState = {
  /** Held by attempts under way. */
  readonly reservedNanoUsd: NanoUsd;
  /** What settled attempts cost. */
  readonly spentNanoUsd: NanoUsd;
  /** What vendors billed beyond the reservations; part of `spentNanoUsd`. 0 unless a price or a limit on output was wrong. */
  readonly overrunNanoUsd: NanoUsd;
  /** Of a conversation, as it was created. */
  readonly limitNanoUsd?: NanoUsd;
};

export type OpenAttempt = {
  readonly attemptId: AttemptId;
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  readonly agent: AgentId;
  readonly vendor: string;
  readonly model: string;
  readonly key?: string;
  readonly reservedNanoUsd: NanoUsd;
  readonly inputTokensEstimated: number;
  readonly outputTokensMax: number;
  readonly startedAtUs: TimestampUs;
  readonly simulated: boolean;
};

const NOTHING_SPENT: BudgetState = { reservedNanoUsd: 0, spentNanoUsd: 0, overrunNanoUsd: 0 };

/** `YYYY-MM-DD` in UTC. */
export function utcDay(at: TimestampUs): string {
  return isoFromUs(at).slice(0, 10);
}

const DAY_US = 86_400_000_000;

/** Days since the epoch, in UTC: the order of days. */
export function dayNumber(at: TimestampUs): number {
  return Math.floor(at / DAY_US);
}

/** Which budget, in words that also name its document. */
export interface BudgetPlace {
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  readonly agent: AgentId;
  readonly simulated: boolean;
}

export const turnBudget = (place: BudgetPlace): string => `turn/${place.turnId}`;
export const agentBudget = (place: BudgetPlace): string => `agent/${place.conversationId}/${place.agent}`;
export const conversationBudget = (conversationId: ConversationId): string => `conversation/${conversationId}`;
/** Simulated money is not money: it is counted apart. */
export const dayBudget = (at: TimestampUs, simulated: boolean): string =>
  `${simulated ? "simulated-day" : "day"}/${utcDay(at)}`;

/** Every budget above an attempt, with the group and order of its document. */
export function budgetsAbove(place: BudgetPlace, at: TimestampUs): Omit<StoredDocument, "value">[] {
  const group = place.conversationId;
  return [
    { key: turnBudget(place), group, order: 0 },
    { key: agentBudget(place), group, order: 0 },
    { key: conversationBudget(place.conversationId), group, order: 0 },
    { key: dayBudget(at, place.simulated), group: "days", order: dayNumber(at) },
  ];
}

/** The state of a budget; nothing was spent where there is no document. */
export function budgetState(document: StoredDocument | undefined): BudgetState {
  return document === undefined ? NOTHING_SPENT : (document.value as BudgetState);
}
