// The list of conversations, kept with the events. It holds no text of anybody:
// the question is read from its body, so that erasing the body erases it here too.
import type { ConversationStatus } from "../../domain/decision.ts";
import type { BodyRef } from "../../domain/envelope.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { NanoUsd } from "../../domain/money.ts";
import type { TimestampUs } from "../../domain/time.ts";
import { addUsage, NO_USAGE, type TokenUsage } from "../../domain/usage.ts";
import type { Projection, ProjectionWriter } from "../../journal/journal.ts";

export const CONVERSATIONS_COLLECTION = "conversations";
export const CONVERSATIONS_GROUP = "all";

export interface ConversationRow {
  readonly id: ConversationId;
  readonly status: ConversationStatus;
  readonly question: BodyRef;
  readonly orchestration: string;
  readonly createdAtUs: TimestampUs;
  readonly endedAtUs: TimestampUs | null;
  readonly costNanoUsd: NanoUsd;
  readonly tokens: TokenUsage;
  readonly simulated: boolean;
}

/** One document for each conversation, by time of creation. */
export const conversationsProjection: Projection = {
  name: "conversations",
  version: 1,
  collections: [CONVERSATIONS_COLLECTION],
  apply,
};

function apply(event: JournalEvent, documents: ProjectionWriter): void {
  const row = event.kind === "conversation.created" ? newRow(event) : changedRow(event, documents);
  if (row === undefined) return;
  const value = row as unknown as JsonValue;
  documents.put(CONVERSATIONS_COLLECTION, { key: row.id, group: CONVERSATIONS_GROUP, order: row.createdAtUs, value });
}

/** Undefined where the event changes nothing that is listed. */
function changedRow(event: JournalEvent, documents: ProjectionWriter): ConversationRow | undefined {
  const document = documents.get(CONVERSATIONS_COLLECTION, event.stream);
  if (document === undefined) return undefined;
  const row = document.value as unknown as ConversationRow;
  switch (event.kind) {
    case "conversation.paused":
      return { ...row, status: "paused" };
    case "conversation.resumed":
      return { ...row, status: "running" };
    case "conversation.ended":
      return { ...row, status: event.data.outcome.status, endedAtUs: event.atUs };
    case "attempt.settled": {
      const { costNanoUsd, usage } = event.data;
      return { ...row, costNanoUsd: row.costNanoUsd + costNanoUsd, tokens: addUsage(row.tokens, usage) };
    }
    default:
      return undefined;
  }
}

function newRow({ stream, atUs, simulated, data }: JournalEventOf<"conversation.created">): ConversationRow {
  const { question, orchestration } = data;
  return {
    id: stream,
    status: "running",
    question,
    orchestration,
    createdAtUs: atUs,
    endedAtUs: null,
    costNanoUsd: 0,
    tokens: NO_USAGE,
    simulated,
  };
}
