// One conversation as a document: a pure function of its events and bodies.
import type { ConversationStatus } from "../../domain/decision.ts";
import type { BodyRef } from "../../domain/envelope.ts";
import type { JournalEvent, JournalEventOf, JournalKind } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import { usdFromNano } from "../../domain/money.ts";
import { textOf } from "../../domain/part.ts";
import { isoFromUs, US_PER_MS } from "../../domain/time.ts";
import { addUsage, NO_USAGE, type TokenUsage } from "../../domain/usage.ts";
import type { MessageBody } from "../../mesh/mesh.ts";
import type { AskDocument, ConversationDocument, MessageDocument } from "./documents.ts";
import { ERASED } from "./kept-body.ts";
import { shownAttempts } from "./shown-attempts.ts";
import { shownDeliveries } from "./shown-deliveries.ts";

/** Undefined for a body that was erased. */
export type ReadBody = (body: BodyRef) => JsonValue | undefined;

/** `events`: a conversation's whole stream, in order. Throws `RangeError` for any other stream. */
export function conversationDocument(events: readonly JournalEvent[], bodyOf: ReadBody): ConversationDocument {
  const [created] = eventsOf(events, "conversation.created");
  if (created === undefined) throw new RangeError("the stream does not begin with conversation.created");
  const { question, attachments, orchestration, seed } = created.data;
  const [ended] = eventsOf(events, "conversation.ended");
  return {
    schema: "polylogue.conversation/1",
    id: created.stream,
    status: statusOf(events),
    question: String(bodyOf(question) ?? ERASED),
    attachments: attachments.map(({ name, mediaType, body }) => ({ name, mediaType, bytes: body.bytes })),
    orchestration,
    createdAt: isoFromUs(created.atUs),
    endedAt: ended === undefined ? null : isoFromUs(ended.atUs),
    seed,
    simulated: created.simulated,
    ...spent(events),
    epochs: eventsOf(events, "handshake.installed").map(({ data }) => ({
      epoch: data.epoch,
      digest: data.digest,
      members: data.members.map(({ agent }) => agent),
    })),
    messages: shownMessages(events, bodyOf),
    result: resultDocument(events),
  };
}

/** What the conversation came to; null while it has not ended. */
export function resultDocument(events: readonly JournalEvent[]): AskDocument | null {
  const [created] = eventsOf(events, "conversation.created");
  const [ended] = eventsOf(events, "conversation.ended");
  if (created === undefined || ended === undefined) return null;
  const { status, answer, decision, ballots, dissent, quorum, rounds, turns, stopReasons } = ended.data.outcome;
  return {
    schema: "polylogue.ask/1",
    conversationId: created.stream,
    ...{ status, answer, decision, ballots, dissent, quorum, rounds, turns },
    ...spent(events),
    latencyMs: Math.round((ended.atUs - created.atUs) / US_PER_MS),
    stopReasons,
    simulated: created.simulated,
  };
}

function eventsOf<K extends JournalKind>(events: readonly JournalEvent[], kind: K): readonly JournalEventOf<K>[] {
  return events.filter((event): event is JournalEventOf<K> => event.kind === kind);
}

function statusOf(events: readonly JournalEvent[]): ConversationStatus {
  const [ended] = eventsOf(events, "conversation.ended");
  if (ended !== undefined) return ended.data.outcome.status;
  const last = events.findLast(({ kind }) => kind === "conversation.paused" || kind === "conversation.resumed");
  return last?.kind === "conversation.paused" ? "paused" : "running";
}

function spent(events: readonly JournalEvent[]): { readonly costUsd: number; readonly tokens: TokenUsage } {
  const settled = eventsOf(events, "attempt.settled");
  return {
    costUsd: usdFromNano(settled.reduce((sum, { data }) => sum + data.costNanoUsd, 0)),
    tokens: settled.reduce((sum, { data }) => addUsage(sum, data.usage), NO_USAGE),
  };
}

function shownMessages(events: readonly JournalEvent[], bodyOf: ReadBody): readonly MessageDocument[] {
  const deliveries = shownDeliveries(events);
  const attempts = shownAttempts(events);
  const rounds = new Map<string, number>();
  return eventsOf(events, "message.accepted").map(({ seq, atUs, data }) => {
    const { envelope } = data;
    const { id, from, recipients, to, intent, turnId, inReplyTo, answeredBy } = envelope;
    // A reply belongs to the round of the request that opened its turn.
    const round = data.round ?? (turnId === undefined ? undefined : rounds.get(turnId));
    if (turnId !== undefined && round !== undefined) rounds.set(turnId, round);
    return {
      id,
      seq,
      at: isoFromUs(atUs),
      sender: from,
      recipients,
      mode: to.mode,
      intent,
      round: round ?? null,
      text: messageText(bodyOf(envelope.body)),
      inReplyTo: inReplyTo ?? null,
      ...(answeredBy === undefined ? {} : { answeredBy: { vendor: answeredBy.vendor, model: answeredBy.model } }),
      deliveries: deliveries.get(id) ?? [],
      attempts: attempts.get(id) ?? [],
    };
  });
}

function messageText(body: JsonValue | undefined): string {
  return body === undefined ? ERASED : textOf((body as unknown as MessageBody).parts);
}
