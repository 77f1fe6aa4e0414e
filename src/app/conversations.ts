// Conversations from outside: reading them, and reaching into those that run,
// here or in another process.
import { exportMarkdown } from "../conversations/reading/export-markdown.ts";
import { listConversations, readConversation } from "../conversations/reading/read-conversations.ts";
import type { ConversationId } from "../domain/ids.ts";
import type { JournalEvent } from "../domain/journal-event.ts";
import { isoFromUs } from "../domain/time.ts";
import { listDead } from "../mesh/delivery/queries.ts";
import { conversationLease } from "../storage/store.ts";
import type { Context } from "./context.ts";
import { findConversationId, readOrigin } from "./conversation-origin.ts";
import type { ConversationDocument, ConversationListDocument, DeadDocument } from "./polylogue.ts";

/** The newest so many, unless told: as many as one page of a store holds. */
const LIST_MAX = 100_000;

export async function list(context: Context, limit = LIST_MAX): Promise<ConversationListDocument> {
  return listConversations(await context.journal(), limit);
}

export async function show(context: Context, id: string): Promise<ConversationDocument> {
  const journal = await context.journal();
  return readConversation(journal, await findConversationId(journal, id));
}

export async function markdown(context: Context, id: string): Promise<string> {
  const journal = await context.journal();
  return exportMarkdown(await readConversation(journal, await findConversationId(journal, id)));
}

/**
 * Ends when the conversation has ended and everything after the place was shown.
 * Read from the beginning, because the end may lie before the place.
 */
export async function* tail(
  context: Context,
  id: string,
  { after, signal }: { readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<JournalEvent> {
  const journal = await context.journal();
  const stream = await findConversationId(journal, id);
  for await (const event of journal.tail({ stream, after: 0, signal })) {
    if (event.seq > after) yield event;
    if (event.kind !== "conversation.ended") continue;
    // What came in late stands behind the end.
    for await (const late of journal.readAll(stream)) if (late.seq > Math.max(event.seq, after)) yield late;
    return;
  }
}

/** Whoever drives it ends it; where nobody does, it is ended here. */
export async function cancel(context: Context, id: string, reason: string): Promise<void> {
  const journal = await context.journal();
  const origin = await readOrigin(journal, await findConversationId(journal, id));
  // To end it here takes its members' ports; to say that it shall end takes none.
  const cards = (await isDriven(context, origin.id)) ? [] : origin.roster;
  await context.sides.use(origin.name, cards, (side) => side.conversations.cancel(origin.id, reason));
}

async function isDriven(context: Context, id: ConversationId): Promise<boolean> {
  const store = await context.store();
  const lease = await store.readLease(conversationLease(id));
  return lease !== undefined && lease.expiresAtUs > context.clock.nowUs();
}

export interface UserMessage {
  readonly id: string;
  readonly text: string;
  /** All members unless told. */
  readonly to?: readonly string[];
}

export async function send(context: Context, { id, text, to }: UserMessage): Promise<{ readonly messageId: string }> {
  const journal = await context.journal();
  const origin = await readOrigin(journal, await findConversationId(journal, id));
  const receipt = await context.sides.use(origin.name, [], (side) => side.conversations.send(origin.id, text, to));
  return { messageId: receipt.messageId };
}

export async function dead(context: Context, id?: string): Promise<DeadDocument> {
  const journal = await context.journal();
  const only = id === undefined ? undefined : await findConversationId(journal, id);
  const deliveries = await listDead(journal, { limit: LIST_MAX });
  return {
    schema: "polylogue.dead/1",
    dead: deliveries
      .filter(({ conversationId }) => only === undefined || conversationId === only)
      .map((delivery) => {
        // Whoever gave it up said when and why.
        const { conversationId, messageId, recipient, endedAtUs, code, reason } = delivery as Required<typeof delivery>;
        return { conversationId, messageId, recipient, at: isoFromUs(endedAtUs), code, reason };
      }),
  };
}
