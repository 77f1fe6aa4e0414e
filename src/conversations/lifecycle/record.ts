// A conversation as one process holds it: its events so far and the bodies they
// refer to, read from the journal and never ahead of it.
import type { BodyRef } from "../../domain/envelope.ts";
import { isPolylogueError, PolylogueError } from "../../domain/errors.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { Part } from "../../domain/part.ts";
import type { Journal } from "../../journal/journal.ts";
import type { MessageBody } from "../../mesh/mesh.ts";

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
const ERASED = "[erased]";

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
    const value = await bodyOr(journal, body, { parts: [{ type: "text", text: ERASED }] });
    bodies.set(body.hash, (value as unknown as MessageBody).parts);
  }

  function refresh(): Promise<void> {
    reading = reading.then(readOn, readOn);
    return reading;
  }

  await refresh();
  const created = createdEvent(events, conversationId);
  const question = await textBody(journal, created.data.question);
  const attachments = await Promise.all(
    created.data.attachments.map(async ({ name, body }) => ({ name, text: await textBody(journal, body) })),
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

/** A text stored as a body of its own; an erased one reads `[erased]`. */
export async function textBody(journal: Journal, body: BodyRef): Promise<string> {
  return (await bodyOr(journal, body, ERASED)) as string;
}

async function bodyOr(journal: Journal, body: BodyRef, erased: JsonValue): Promise<JsonValue> {
  try {
    return await journal.body(body);
  } catch (error) {
    if (isPolylogueError(error) && error.code === "BODY_MISSING") return erased;
    throw error;
  }
}

function createdEvent(events: readonly JournalEvent[], id: ConversationId): JournalEventOf<"conversation.created"> {
  const created = events.find((event) => event.kind === "conversation.created");
  if (created !== undefined) return created;
  throw new PolylogueError("CONVERSATION_UNKNOWN", {
    message: `There is no conversation ${id} in this home.`,
    mend: "Look it up with `polylogue conversation list`.",
  });
}
