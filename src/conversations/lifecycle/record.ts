// A conversation as one process holds it: its events so far and the bodies they
// refer to, read from the journal and never ahead of it.
import type { BodyRef } from "../../domain/envelope.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import type { Part } from "../../domain/part.ts";
import type { Journal } from "../../journal/journal.ts";
import type { MessageBody } from "../../mesh/mesh.ts";
import { ERASED, keptBody, keptText, unknownConversation } from "../reading/kept-body.ts";

export interface ConversationRecord {
  readonly conversationId: ConversationId;
  /** In order of seq. The array grows; what it holds never changes. */
  readonly events: readonly JournalEvent[];
  readonly created: JournalEventOf<"conversation.created">;
  readonly question: string;
  readonly attachments: readonly { readonly name: string; readonly text: string }[];
  /** Parts of an accepted message; those of an erased body say so. */
  parts(body: BodyRef): readonly Part[];
  /** Reads on to the end of the stream. Several callers share one reading. */
  refresh(): Promise<void>;
}

const PAGE = 500;

/** Throws `CONVERSATION_UNKNOWN`. */
export async function openRecord(journal: Journal, conversationId: ConversationId): Promise<ConversationRecord> {
  const events: JournalEvent[] = [];
  const bodies = new Map<string, readonly Part[]>();
  let reading: Promise<void> = Promise.resolve();

  async function readOn(): Promise<void> {
    const fresh: JournalEvent[] = [];
    while (true) {
      const after = fresh.at(-1)?.seq ?? events.at(-1)?.seq ?? 0;
      const page = await journal.read({ stream: conversationId, after, limit: PAGE });
      for (const event of page) await keepBody(event);
      fresh.push(...page);
      // Added at once, so that nobody sees half of a commit.
      if (page.length < PAGE) return void events.push(...fresh);
    }
  }

  async function keepBody(event: JournalEvent): Promise<void> {
    if (event.kind !== "message.accepted" || bodies.has(event.data.envelope.body.hash)) return;
    const { body } = event.data.envelope;
    const value = (await keptBody(journal, body)) as MessageBody | undefined;
    bodies.set(body.hash, value?.parts ?? [{ type: "text", text: ERASED }]);
  }

  function refresh(): Promise<void> {
    reading = reading.then(readOn, readOn);
    return reading;
  }

  await refresh();
  const created = createdEvent(events, conversationId);
  const question = await keptText(journal, created.data.question);
  const attachments = await Promise.all(
    created.data.attachments.map(async ({ name, body }) => ({ name, text: await keptText(journal, body) })),
  );
  return {
    conversationId,
    events,
    created,
    question,
    attachments,
    parts: (body) => bodies.get(body.hash) ?? [],
    refresh,
  };
}

function createdEvent(events: readonly JournalEvent[], id: ConversationId): JournalEventOf<"conversation.created"> {
  const created = events.find((event) => event.kind === "conversation.created");
  if (created !== undefined) return created;
  throw unknownConversation(id);
}
