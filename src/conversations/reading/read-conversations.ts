// Reading conversations out of the journal: one as a document, or the list.
import type { BodyRef } from "../../domain/envelope.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import { usdFromNano } from "../../domain/money.ts";
import { isoFromUs } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import { conversationDocument } from "./conversation-document.ts";
import { CONVERSATIONS_COLLECTION, CONVERSATIONS_GROUP, type ConversationRow } from "./conversations-projection.ts";
import type { ConversationDocument, ConversationListDocument } from "./documents.ts";
import { keptBody, keptText, unknownConversation } from "./kept-body.ts";

const QUESTION_CHARS_MAX = 200;

/** Throws `CONVERSATION_UNKNOWN`. */
export async function readConversation(journal: Journal, id: ConversationId): Promise<ConversationDocument> {
  const events: JournalEvent[] = [];
  for await (const event of journal.readAll(id)) events.push(event);
  if (events[0]?.kind !== "conversation.created") throw unknownConversation(id);
  const bodies = new Map<string, JsonValue>();
  for (const body of bodiesOf(events)) {
    const value = await keptBody(journal, body);
    if (value !== undefined) bodies.set(body.hash, value);
  }
  return conversationDocument(events, (body) => bodies.get(body.hash));
}

/** The newest first, at most `limit`. */
export async function listConversations(journal: Journal, limit: number): Promise<ConversationListDocument> {
  const rows = await conversationRows(journal, limit);
  const conversations = await Promise.all(
    rows.map(async (row) => ({
      id: row.id,
      status: row.status,
      question: start(await keptText(journal, row.question)),
      createdAt: isoFromUs(row.createdAtUs),
      costUsd: usdFromNano(row.costNanoUsd),
      tokens: row.tokens,
      simulated: row.simulated,
    })),
  );
  return { schema: "polylogue.conversations/1", conversations };
}

/** Without their questions; for looking up ids and what is still running. */
export async function conversationRows(journal: Journal, limit: number): Promise<readonly ConversationRow[]> {
  const query = { group: CONVERSATIONS_GROUP, descending: true, limit };
  const documents = await journal.documents(CONVERSATIONS_COLLECTION, query);
  return documents.map(({ value }) => value as unknown as ConversationRow);
}

function bodiesOf(events: readonly JournalEvent[]): readonly BodyRef[] {
  return events.flatMap((event) => {
    if (event.kind === "conversation.created") return [event.data.question];
    return event.kind === "message.accepted" ? [event.data.envelope.body] : [];
  });
}

function start(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  return line.length <= QUESTION_CHARS_MAX ? line : `${line.slice(0, QUESTION_CHARS_MAX - 1)}…`;
}
