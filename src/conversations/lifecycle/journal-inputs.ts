// From journal events to what the kernel is told: a pure fold, so that a replay
// after a crash tells it the same.
import type { BodyRef } from "../../domain/envelope.ts";
import type { EventId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import { type Part, textOf } from "../../domain/part.ts";
import { deriveId } from "../../platform/ids.ts";
import type { KernelInput } from "../kernel/kernel.ts";
import type { OrchestrationEvent } from "../orchestration.ts";
import { critiquesIn } from "../projection/ballot.ts";
import { stepOf } from "./steps.ts";
import { type AskedTurn, createTurnBook, type TurnBook } from "./turn-book.ts";

export interface InputSource {
  readonly startedAtUs: number;
  parts(body: BodyRef): readonly Part[];
}

export interface InputReader {
  /** What the events say, in their order; events of one commit must come in one call. */
  read(events: readonly JournalEvent[]): readonly KernelInput[];
}

export function createInputReader(source: InputSource): InputReader {
  const book = createTurnBook(source.startedAtUs);
  return {
    read(events) {
      // A ballot is committed with its turn's result, on whichever side of it.
      for (const event of events) if (event.kind === "ballot.cast") book.note(event);
      return events.flatMap((event) => {
        book.note(event);
        const ask = askOf(event);
        return saidBy(event, book, source).map((said, index) => ({
          cause: index === 0 ? event.id : deriveId(event.id, `input/${index}`),
          event: said,
          used: book.used,
          ...(ask === undefined ? {} : { ask }),
        }));
      });
    },
  };
}

function saidBy(event: JournalEvent, book: TurnBook, source: InputSource): readonly OrchestrationEvent[] {
  switch (event.kind) {
    case "turn.completed":
      return completed(event, book, source);
    case "turn.failed":
      return failed(book, book.asked(event.data.turnId), event.data.failure);
    case "message.refused":
    case "message.dead":
      return failed(book, book.askedBy(event.data.messageId), event.data);
    case "message.expired":
      return failed(book, book.askedBy(event.data.messageId), {
        code: "DEADLINE",
        reason: "the question expired before it was answered",
      });
    case "conversation.cancel-requested":
      return [{ type: "signal", signal: "cancelled", reason: event.data.reason }];
    case "orchestration.stepped":
      return stepped(event, book);
    default:
      return [];
  }
}

/** Which ask a round's deadline was counted from. */
function askOf(event: JournalEvent): EventId | undefined {
  const step = stepOf(event);
  return step?.type === "round-deadline" ? step.detail.ask : undefined;
}

function completed(
  { data }: JournalEventOf<"turn.completed">,
  book: TurnBook,
  source: InputSource,
): readonly OrchestrationEvent[] {
  const turn = book.asked(data.turnId);
  if (turn === undefined || !book.end(data.turnId)) return [];
  const parts = source.parts(data.body);
  const ballot = book.ballot(data.turnId);
  const critiques = critiquesIn(parts);
  return [
    {
      type: "answered",
      ...turn,
      messageId: data.messageId,
      text: textOf(parts),
      degraded: data.answeredBy !== undefined,
      tokens: book.tokens(data.turnId),
      ...(ballot === undefined ? {} : { ballot }),
      ...(critiques === undefined ? {} : { critiques }),
    },
  ];
}

/** Where a shared budget refused the turn, the signal comes first: nobody is to be asked because of the failure. */
function failed(
  book: TurnBook,
  turn: AskedTurn | undefined,
  { code, reason }: { readonly code: string; readonly reason: string },
): readonly OrchestrationEvent[] {
  if (turn === undefined || !book.end(turn.turnId)) return [];
  const failure: OrchestrationEvent = { type: "failed", ...turn, code, reason };
  return book.isOverBudget(turn.turnId) ? [{ type: "signal", signal: "budget-exhausted", reason }, failure] : [failure];
}

function stepped(event: JournalEvent, book: TurnBook): readonly OrchestrationEvent[] {
  const step = stepOf(event);
  if (step?.type === "deadline" || step?.type === "interrupted") {
    return [{ type: "signal", signal: step.type, reason: step.detail.reason }];
  }
  if (step?.type === "round-deadline") {
    const { round, hard } = step.detail;
    return [{ type: "round-deadline", round, hard }];
  }
  if (step?.type !== "unsent") return [];
  const { turnId, agent, round } = step.detail;
  return failed(book, { turnId, agent, round }, step.detail);
}
