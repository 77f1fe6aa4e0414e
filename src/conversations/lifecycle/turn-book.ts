// What has been asked, what each turn came to, and what it all used, kept while
// events are read in order.
import type { Ballot } from "../../domain/decision.ts";
import { type AgentId, COORDINATOR, type MessageId, type TurnId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import type { Consumption } from "../orchestration.ts";

export interface AskedTurn {
  readonly turnId: TurnId;
  readonly agent: AgentId;
  readonly round: number;
}

export interface TurnBook {
  readonly used: Consumption;
  /** Takes down what the event says about requests, ballots, budgets and use. */
  note(event: JournalEvent): void;
  asked(turnId: TurnId): AskedTurn | undefined;
  askedBy(messageId: MessageId): AskedTurn | undefined;
  ballot(turnId: TurnId): Ballot | undefined;
  tokens(turnId: TurnId): number;
  /** The turn was refused by a budget that others share. */
  isOverBudget(turnId: TurnId): boolean;
  /** True once for each turn: its first result is its result. */
  end(turnId: TurnId): boolean;
}

export function createTurnBook(startedAtUs: number): TurnBook {
  const byMessage = new Map<MessageId, AskedTurn>();
  const byTurn = new Map<TurnId, AskedTurn>();
  const ended = new Set<TurnId>();
  const ballots = new Map<TurnId, Ballot>();
  const tokens = new Map<TurnId, number>();
  const overBudget = new Set<TurnId>();
  let used: Consumption = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };

  function accepted({ data: { envelope, round = 0 } }: JournalEventOf<"message.accepted">): void {
    const { turnId, recipients } = envelope;
    const [agent] = recipients;
    if (envelope.from !== COORDINATOR || turnId === undefined || agent === undefined) return;
    const turn = { turnId, agent, round };
    byMessage.set(envelope.id, turn);
    byTurn.set(turnId, turn);
  }

  function settled({ data: { turnId, usage, costNanoUsd } }: JournalEventOf<"attempt.settled">): void {
    const sum = usage.input + usage.cacheRead + usage.cacheWrite + usage.output;
    tokens.set(turnId, (tokens.get(turnId) ?? 0) + sum);
    used = { ...used, costNanoUsd: used.costNanoUsd + costNanoUsd, tokens: used.tokens + sum };
  }

  return {
    get used() {
      return used;
    },
    note(event) {
      // The wall clock may jump back; what was used never shrinks.
      used = { ...used, elapsedUs: Math.max(used.elapsedUs, event.atUs - startedAtUs) };
      if (event.kind === "message.accepted") accepted(event);
      else if (event.kind === "attempt.settled") settled(event);
      else if (event.kind === "ballot.cast") ballots.set(event.data.turnId, event.data.ballot);
      else if (event.kind === "budget.refused" && isShared(event.data.budget)) overBudget.add(event.data.turnId);
    },
    asked: (turnId) => byTurn.get(turnId),
    askedBy: (messageId) => byMessage.get(messageId),
    ballot: (turnId) => ballots.get(turnId),
    tokens: (turnId) => tokens.get(turnId) ?? 0,
    isOverBudget: (turnId) => overBudget.has(turnId),
    end(turnId) {
      if (ended.has(turnId)) return false;
      ended.add(turnId);
      used = { ...used, turns: used.turns + 1 };
      return true;
    },
  };
}

/** A budget of one turn or one agent stops that turn; any other stops the conversation. */
function isShared(budget: string): boolean {
  return budget !== "turn" && budget !== "agent";
}
