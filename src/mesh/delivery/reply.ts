// The decider of a turn's one result: the reply, the answered delivery, the
// completed turn and what the answer means, in one transaction.
import type { Route } from "../../domain/agent-card.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { AttemptId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import type { DecisionView } from "../../journal/journal.ts";
import { type Accepted, decideAccepted, type MessageDraft } from "./accept-message.ts";
import { readTurn, TURNS_COLLECTION } from "./delivery-documents.ts";
import { deliveryIn, eventsOfDelivery, turnClosed, turnIn, turnStarted } from "./transitions.ts";

export interface ReplyDraft {
  /** Its intent is `reply`; it names its request or its turn. */
  readonly message: MessageDraft;
  readonly attemptId?: AttemptId;
  readonly answeredBy?: Route;
}

export interface Replied extends Accepted {
  readonly events: readonly NewJournalEvent[];
}

/**
 * Throws `TURN_CLOSED` when the turn has a result or is somebody else's by now,
 * `USAGE` when the sender was never asked, and what accepting a message throws.
 */
export function decideReply(view: DecisionView, draft: ReplyDraft): Replied {
  const messageId = requestOf(view, draft.message);
  const message: MessageDraft = { ...draft.message, inReplyTo: messageId };
  const delivery = deliveryIn(view, { messageId, recipient: message.from });
  const turn = delivery && turnIn(view, delivery);
  if (delivery === undefined || turn === undefined) throw neverAsked(message);
  const { turnId } = turn;
  const accepted = decideAccepted(view, { ...message, turnId });
  if (accepted.event === undefined) return { ...accepted, events: [] };
  if (turn.state !== "open" || turn.agent !== message.from) throw turnClosed(turnId);
  const { envelope } = accepted.event.data;
  const agent = message.from;
  const events: NewJournalEvent[] = [
    // A pulling agent shows that it has begun by answering.
    ...eventsOfDelivery(view, { messageId, recipient: agent, incarnation: envelope.incarnation }),
    ...(delivery.starts === 0 ? pulledStart(view, { delivery, turn }) : []),
    accepted.event,
    { kind: "message.answered", actor: agent, data: { messageId, recipient: agent, replyId: envelope.id } },
    {
      kind: "turn.completed",
      actor: agent,
      data: {
        turnId,
        agent,
        messageId: envelope.id,
        body: envelope.body,
        ...(draft.attemptId === undefined ? {} : { attemptId: draft.attemptId }),
        ...(draft.answeredBy === undefined ? {} : { answeredBy: draft.answeredBy }),
      },
    },
  ];
  return { ...accepted, events };
}

type Opened = {
  readonly delivery: NonNullable<ReturnType<typeof deliveryIn>>;
  readonly turn: NonNullable<ReturnType<typeof turnIn>>;
};

function pulledStart(view: DecisionView, { delivery, turn }: Opened): NewJournalEvent[] {
  const { messageId, recipient } = delivery;
  const started: NewJournalEvent = {
    kind: "message.started",
    actor: recipient,
    data: { messageId, recipient, delivery: 1 },
  };
  return [started, turnStarted(view, delivery, turn)];
}

function requestOf(view: DecisionView, message: MessageDraft): string {
  if (message.inReplyTo !== undefined) return message.inReplyTo;
  const turn = message.turnId && readTurn(view.document(TURNS_COLLECTION, message.turnId));
  if (!turn) throw neverAsked(message);
  return turn.requestId;
}

function neverAsked(message: MessageDraft): PolylogueError {
  return new PolylogueError("USAGE", {
    message: `${message.from} replies to a request that was not made to it`,
    mend: "give the id of the request, or of its turn, in the same conversation",
  });
}
