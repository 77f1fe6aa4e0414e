// From journal events to what the kernel is told: a pure fold, so that a replay
// after a crash tells it the same.
import type { Ballot } from "../../domain/decision.ts";
import type { AgentId, MessageId, TurnId } from "../../domain/ids.ts";
import { COORDINATOR } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import { type Part, textOf } from "../../domain/part.ts";
import type { BodyRef } from "../../domain/envelope.ts";
import type { Consumption, OrchestrationEvent } from "../orchestration.ts";
import type { KernelInput } from "../kernel/kernel.ts";
import { critiquesIn } from "../projection/ballot.ts";
import { deriveId } from "../../platform/ids.ts";
import { stepOf } from "./steps.ts";

interface AskedTurn {
  readonly turnId: TurnId;
  readonly agent: AgentId;
  readonly round: number;
}

export interface InputReader {
  /** What the events say, in their order; events of one commit must come in one call. */
  read(events: readonly JournalEvent[]): readonly KernelInput[];
}

export function createInputReader(source: {
  readonly startedAtUs: number;
  parts(body: BodyRef): readonly Part[];
}): InputReader {
  const asked = new Map<MessageId, AskedTurn>();
  const ended = new Set<TurnId>();
  const ballots = new Map<TurnId, Ballot>();
  const turnTokens = new Map<TurnId, number>();
  const overBudget = new Set<TurnId>();
  let used: Consumption = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };

  function settled({ data }: JournalEventOf<"attempt.settled">): void {
    const { input, cacheRead, cacheWrite, output } = data.usage;
    const tokens = input + cacheRead + cacheWrite + output;
    turnTokens.set(data.turnId, (turnTokens.get(data.turnId) ?? 0) + tokens);
    used = { ...used, costNanoUsd: used.costNanoUsd + data.costNanoUsd, tokens: used.tokens + tokens };
  }

  /** The first result of a turn is its result. */
  function isFirst(turnId: TurnId): boolean {
    if (ended.has(turnId)) return false;
    ended.add(turnId);
    used = { ...used, turns: used.turns + 1 };
    return true;
  }

  function turnById(turnId: TurnId): AskedTurn | undefined {
    return [...asked.values()].find((turn) => turn.turnId === turnId);
  }

  function completed({ data }: JournalEventOf<"turn.completed">): readonly OrchestrationEvent[] {
    const turn = turnById(data.turnId);
    if (turn === undefined || !isFirst(data.turnId)) return [];
    const parts = source.parts(data.body);
    const ballot = ballots.get(data.turnId);
    const critiques = critiquesIn(parts);
    return [
      {
        type: "answered",
        ...turn,
        messageId: data.messageId,
        text: textOf(parts),
        degraded: data.answeredBy !== undefined,
        tokens: turnTokens.get(data.turnId) ?? 0,
        ...(ballot === undefined ? {} : { ballot }),
        ...(critiques === undefined ? {} : { critiques }),
      },
    ];
  }

  function failed(turn: AskedTurn | undefined, code: string, reason: string): readonly OrchestrationEvent[] {
    if (turn === undefined || !isFirst(turn.turnId)) return [];
    const failure: OrchestrationEvent = { type: "failed", ...turn, code, reason };
    if (!overBudget.has(turn.turnId)) return [failure];
    return [{ type: "signal", signal: "budget-exhausted", reason }, failure];
  }

  function eventsOf(event: JournalEvent): readonly OrchestrationEvent[] {
    switch (event.kind) {
      case "message.accepted": {
        const { envelope, round = 0 } = event.data;
        const [agent] = envelope.recipients;
        if (envelope.from === COORDINATOR && envelope.turnId !== undefined && agent !== undefined) {
          asked.set(envelope.id, { turnId: envelope.turnId, agent, round });
        }
        return [];
      }
      case "attempt.settled":
        settled(event);
        return [];
      case "budget.refused":
        if (isShared(event.data.budget)) overBudget.add(event.data.turnId);
        return [];
      case "turn.completed":
        return completed(event);
      case "turn.failed":
        return failed(turnById(event.data.turnId), event.data.failure.code, event.data.failure.reason);
      case "message.refused":
      case "message.dead":
        return failed(asked.get(event.data.messageId), event.data.code, event.data.reason);
      case "message.expired":
        return failed(asked.get(event.data.messageId), "DEADLINE", "the question expired before it was answered");
      case "conversation.cancel-requested":
        return [{ type: "signal", signal: "cancelled", reason: event.data.reason }];
      case "orchestration.stepped":
        return stepInputs(event);
      default:
        return [];
    }
  }

  function stepInputs(event: JournalEvent): readonly OrchestrationEvent[] {
    const step = stepOf(event);
    if (step?.type === "deadline") return [{ type: "signal", signal: "deadline", reason: step.detail.reason }];
    if (step?.type === "round-deadline") return [{ type: "round-deadline", ...step.detail }];
    if (step?.type === "unsent") return failed(step.detail, step.detail.code, step.detail.reason);
    return [];
  }

  return {
    read(events) {
      // A ballot is committed with its turn's result, on whichever side of it.
      for (const { kind, data } of events) if (kind === "ballot.cast") ballots.set(data.turnId, data.ballot);
      return events.flatMap((event) => {
        const elapsedUs = Math.max(used.elapsedUs, event.atUs - source.startedAtUs);
        used = { ...used, elapsedUs };
        return eventsOf(event).map((said, index) => ({ cause: causeOf(event, index), event: said, used }));
      });
    },
  };
}

/** A budget of the turn or the agent stops that turn; any other stops the conversation. */
function isShared(budget: string): boolean {
  return !/^(turn|agent)\b/.test(budget);
}

function causeOf(event: JournalEvent, index: number): string {
  return index === 0 ? event.id : deriveId(event.id, `input/${index}`);
}
