// Keeps the documents behind deliveries from the events of conversations.
import { DELIVERY_STATES_FINAL, type Envelope } from "../../domain/envelope.ts";
import type { TurnId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Projection, ProjectionWriter } from "../../journal/journal.ts";
import {
  CROSSINGS_COLLECTION,
  crossingKey,
  DEAD_COLLECTION,
  DELIVERIES_COLLECTION,
  type DeliveryDocument,
  deliveryKey,
  INBOX_COLLECTION,
  MESSAGES_COLLECTION,
  type MessageDocument,
  readDelivery,
  readMessage,
  readTurn,
  TURNS_COLLECTION,
  type TurnDocument,
  turnOf,
} from "./delivery-documents.ts";

export const deliveryProjection: Projection = {
  name: "mesh-deliveries",
  version: 1,
  collections: [
    MESSAGES_COLLECTION,
    DELIVERIES_COLLECTION,
    INBOX_COLLECTION,
    DEAD_COLLECTION,
    TURNS_COLLECTION,
    CROSSINGS_COLLECTION,
  ],
  apply,
};

function apply(event: JournalEvent, documents: ProjectionWriter): void {
  switch (event.kind) {
    case "message.accepted":
      accepted(event, documents);
      break;
    case "message.rerouted":
      rerouted(event, documents);
      break;
    case "message.delivered":
    case "message.started":
    case "message.answered":
    case "message.refused":
    case "message.expired":
    case "message.dead":
      moved(event, documents);
      break;
    case "turn.completed":
    case "turn.failed":
    case "attempt.started":
    case "attempt.settled":
      changeTurn(documents, event.data.turnId, (turn) => afterTurnEvent(turn, event));
      break;
    default:
  }
}

function afterTurnEvent(
  turn: TurnDocument,
  event: JournalEventOf<"turn.completed" | "turn.failed" | "attempt.started" | "attempt.settled">,
): TurnDocument {
  switch (event.kind) {
    case "turn.completed":
      return { ...turn, state: "completed" };
    case "turn.failed":
      return { ...turn, state: "failed" };
    case "attempt.started":
      return { ...turn, attempts: turn.attempts + 1 };
    case "attempt.settled":
      return { ...turn, settled: event.data.outcome !== "lost" };
  }
}

// ---------------------------------------------------------------- accepting

function accepted(event: JournalEventOf<"message.accepted">, documents: ProjectionWriter): void {
  const { envelope, round } = event.data;
  putMessage(documents, envelope.id, {
    conversationId: envelope.conversationId,
    seq: event.seq,
    trace: event.trace,
    from: envelope.from,
    mode: envelope.to.mode,
    ...(envelope.to.mode === "anycast" ? { skill: envelope.to.skill } : {}),
    recipients: envelope.recipients,
    intent: envelope.intent,
    trust: envelope.trust,
    deadlineUs: envelope.deadlineUs,
    ...(envelope.turnId === undefined ? {} : { turnId: envelope.turnId }),
    ...(round === undefined ? {} : { round }),
    hops: envelope.hops,
    via: envelope.via,
    ...(envelope.origin === undefined ? {} : { origin: envelope.origin }),
    messagesLeft: envelope.messagesLeft - prepaidReplies(envelope),
  });
  takeFromParent(envelope, documents);
  for (const recipient of envelope.recipients) open(event, { recipient, documents });
}

/** A request pays for the one reply of each recipient when it is accepted. */
export function prepaidReplies(envelope: Pick<Envelope, "intent" | "recipients">): number {
  return envelope.intent === "request" ? envelope.recipients.length : 0;
}

function takeFromParent(envelope: Envelope, documents: ProjectionWriter): void {
  if (envelope.origin !== undefined) {
    const key = crossingKey(envelope.origin, envelope.conversationId);
    const value = { messageId: envelope.id };
    if (documents.get(CROSSINGS_COLLECTION, key) === undefined) {
      documents.put(CROSSINGS_COLLECTION, { key, group: envelope.conversationId, order: 0, value });
    }
  }
  const [parent] = envelope.parents;
  const before = parent && readMessage(documents.get(MESSAGES_COLLECTION, parent.messageId));
  if (parent === undefined || before === undefined) return;
  const own = envelope.intent === "reply" ? 0 : 1;
  const messagesLeft = before.messagesLeft - envelope.messagesLeft - own;
  putMessage(documents, parent.messageId, { ...before, messagesLeft });
}

function open(
  event: JournalEventOf<"message.accepted">,
  to: { readonly recipient: string; readonly documents: ProjectionWriter },
): void {
  const { envelope } = event.data;
  const { recipient, documents } = to;
  const turnId =
    envelope.intent === "request" && envelope.turnId !== undefined
      ? turnOf(envelope.turnId, envelope.to.mode, recipient)
      : undefined;
  putDelivery(documents, {
    messageId: envelope.id,
    conversationId: envelope.conversationId,
    recipient,
    seq: event.seq,
    intent: envelope.intent,
    state: "accepted",
    deadlineUs: envelope.deadlineUs,
    ...ofTurn(turnId),
    starts: 0,
    redeliveries: 0,
    acceptedAtUs: event.atUs,
  });
  if (turnId === undefined) return;
  const { id: requestId, conversationId } = envelope;
  const turn: TurnDocument = {
    turnId,
    conversationId,
    requestId,
    agent: recipient,
    state: "open",
    attempts: 0,
    reroutes: 0,
    settled: false,
  };
  putTurn(documents, turn, event.seq);
}

// ------------------------------------------------------------------- moving

type Move = JournalEventOf<
  "message.delivered" | "message.started" | "message.answered" | "message.refused" | "message.expired" | "message.dead"
>;

function moved(event: Move, documents: ProjectionWriter): void {
  const key = deliveryKey(event.data.messageId, event.data.recipient);
  const before = readDelivery(documents.get(DELIVERIES_COLLECTION, key));
  if (before === undefined) return;
  putDelivery(documents, afterMove(before, event, documents));
  if (event.kind === "message.started") {
    changeTurn(documents, before.turnId, (turn) => ({ ...turn, settled: false }));
  }
  if (event.kind === "message.dead") {
    const { code, reason } = event.data;
    const value = { ...before, state: "dead", endedAtUs: event.atUs, code, reason } as unknown as JsonObject;
    documents.put(DEAD_COLLECTION, { key, group: DEAD_COLLECTION, order: event.atUs, value });
  }
}

function afterMove(before: DeliveryDocument, event: Move, documents: ProjectionWriter): DeliveryDocument {
  const endedAtUs = event.atUs;
  switch (event.kind) {
    case "message.delivered":
      return { ...before, state: "delivered", incarnation: event.data.incarnation, deliveredAtUs: event.atUs };
    case "message.started":
      return {
        ...before,
        state: "started",
        starts: event.data.delivery,
        redeliveries: before.redeliveries + (isRedelivery(before, documents) ? 1 : 0),
        startedAtUs: before.startedAtUs ?? event.atUs,
      };
    case "message.answered": {
      const { replyId } = event.data;
      return { ...before, state: "answered", endedAtUs, ...(replyId === undefined ? {} : { replyId }) };
    }
    case "message.expired":
      return { ...before, state: "expired", endedAtUs };
    case "message.refused":
    case "message.dead": {
      const { code, reason } = event.data;
      return { ...before, state: event.kind === "message.dead" ? "dead" : "refused", endedAtUs, code, reason };
    }
  }
}

/** Started before, and that start did not end in an orderly way. */
export function isRedelivery(
  delivery: DeliveryDocument,
  documents: { get(collection: string, key: string): ReturnType<ProjectionWriter["get"]> },
): boolean {
  if (delivery.state !== "started" || delivery.turnId === undefined) return false;
  return readTurn(documents.get(TURNS_COLLECTION, delivery.turnId))?.settled === false;
}

/** The candidate that had it is done with it; the next one gets a delivery of its own, or its old one anew. */
function rerouted(event: JournalEventOf<"message.rerouted">, documents: ProjectionWriter): void {
  const { messageId, from, to, code, reason } = event.data;
  const before = readDelivery(documents.get(DELIVERIES_COLLECTION, deliveryKey(messageId, from)));
  if (before === undefined) return;
  putDelivery(documents, { ...before, state: "refused", endedAtUs: event.atUs, code, reason });
  const again = readDelivery(documents.get(DELIVERIES_COLLECTION, deliveryKey(messageId, to)));
  const { conversationId, seq, intent, deadlineUs, turnId } = before;
  putDelivery(documents, {
    messageId,
    conversationId,
    recipient: to,
    seq,
    intent,
    state: "accepted",
    deadlineUs,
    ...ofTurn(turnId),
    starts: again?.starts ?? 0,
    redeliveries: again?.redeliveries ?? 0,
    acceptedAtUs: event.atUs,
  });
  changeTurn(documents, turnId, (turn) => ({ ...turn, agent: to, reroutes: turn.reroutes + 1, settled: true }));
}

// ------------------------------------------------------------------ writing

function putMessage(documents: ProjectionWriter, id: string, message: MessageDocument): void {
  documents.put(MESSAGES_COLLECTION, {
    key: id,
    group: message.conversationId,
    order: message.seq,
    value: message as unknown as JsonObject,
  });
}

function putDelivery(documents: ProjectionWriter, delivery: DeliveryDocument): void {
  const document = {
    key: deliveryKey(delivery.messageId, delivery.recipient),
    group: delivery.conversationId,
    order: delivery.seq,
    value: delivery as unknown as JsonObject,
  };
  documents.put(DELIVERIES_COLLECTION, document);
  if (isAtRest(delivery)) documents.delete(INBOX_COLLECTION, document.key);
  else documents.put(INBOX_COLLECTION, document);
}

/** Nothing will happen to it any more. */
export function isAtRest(delivery: Pick<DeliveryDocument, "state" | "intent">): boolean {
  if (DELIVERY_STATES_FINAL.includes(delivery.state)) return true;
  return delivery.state === "delivered" && (delivery.intent === "inform" || delivery.intent === "reply");
}

function putTurn(documents: ProjectionWriter, turn: TurnDocument, order: number): void {
  documents.put(TURNS_COLLECTION, { key: turn.turnId, group: turn.conversationId, order, value: { ...turn } });
}

/** A turn that no message opened is not the mesh's. */
function changeTurn(
  documents: ProjectionWriter,
  turnId: TurnId | undefined,
  change: (turn: TurnDocument) => TurnDocument,
): void {
  const document = turnId === undefined ? undefined : documents.get(TURNS_COLLECTION, turnId);
  if (document !== undefined) putTurn(documents, change(readTurn(document) as TurnDocument), document.order);
}

function ofTurn(turnId: TurnId | undefined): { readonly turnId?: TurnId } {
  return turnId === undefined ? {} : { turnId };
}
