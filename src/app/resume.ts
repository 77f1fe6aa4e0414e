// Drives conversations that have not ended to their end, each as it began:
// simulated ones over simulators of their seed, real ones over the network.
import { findOrchestration } from "../conversations/orchestrations/list.ts";
import {
  CONVERSATIONS_COLLECTION,
  CONVERSATIONS_GROUP,
  type ConversationRow,
} from "../conversations/reading/conversations-projection.ts";
import { ownRoute } from "../domain/agent-card.ts";
import { isPolylogueError, PolylogueError } from "../domain/errors.ts";
import type { ConversationId } from "../domain/ids.ts";
import type { Journal } from "../journal/journal.ts";
import type { StoredDocument } from "../storage/store.ts";
import { allDocuments } from "./all-documents.ts";
import { assertKeys, watch } from "./ask.ts";
import type { Context } from "./context.ts";
import { type ConversationOrigin, findConversationId, readOrigin } from "./conversation-origin.ts";
import type { Conversations, ResumeDocument } from "./polylogue.ts";

type ResumeOptions = NonNullable<Parameters<Conversations["resume"]>[1]>;
type ResumeRow = ResumeDocument["resumed"][number];

/** Conversations driven at the same time. */
const RESUMES_MAX = 8;

/** What cannot be resumed is said in its row, and keeps no other from its end. */
export async function resume(
  context: Context,
  ids: readonly string[] | "all",
  options: ResumeOptions,
): Promise<ResumeDocument> {
  const journal = await context.journal();
  const wanted =
    ids === "all"
      ? await openConversations(journal)
      : await Promise.all(ids.map((id) => findConversationId(journal, id)));
  const rows = new Map<ConversationId, ResumeRow>();
  const queue = [...new Set(wanted)];
  const work = async (): Promise<void> => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift())
      rows.set(id, await resumeOne(context, id, options));
  };
  await Promise.all(Array.from({ length: RESUMES_MAX }, work));
  return { schema: "polylogue.resume/1", resumed: [...new Set(wanted)].map((id) => rows.get(id) as ResumeRow) };
}

/** The oldest first. */
async function openConversations(journal: Journal): Promise<ConversationId[]> {
  const documents = await allDocuments(journal, { collection: CONVERSATIONS_COLLECTION, group: CONVERSATIONS_GROUP });
  return documents
    .map(({ value }) => value as unknown as ConversationRow)
    .filter(isOpen)
    .map(({ id }) => id);
}

function isOpen({ status }: Pick<ConversationRow, "status">): boolean {
  return status === "running" || status === "paused";
}

async function resumeOne(context: Context, id: ConversationId, options: ResumeOptions): Promise<ResumeRow> {
  const journal = await context.journal();
  const status = await statusOf(journal, id);
  if (!isOpen({ status })) return { conversationId: id, status };
  try {
    const origin = await readOrigin(journal, id);
    const { name, roster } = origin;
    await assertAskable(context, origin);
    return await context.sides.use(name, roster, async (side) => {
      if (status === "paused") await side.conversations.resume(id);
      const stopWatching = watch(side, id, options);
      try {
        // An interrupt leaves it to be resumed again: to resume is not to decide that it ends here.
        const result = await side.conversations.run(
          id,
          options.signal === undefined ? {} : { release: options.signal },
        );
        if (result.kind === "ended") return { conversationId: id, status: result.outcome.status };
        return { conversationId: id, status: "running", code: "CANCELLED", reason: "It was left to be resumed." };
      } finally {
        stopWatching();
      }
    });
  } catch (error) {
    if (!isPolylogueError(error)) throw error;
    const reason = error.code === "LEASE_HELD" ? "Another process drives it." : error.message;
    return { conversationId: id, status: await statusOf(journal, id), code: error.code, reason };
  }
}

/** Its members may have lost their vendor or their keys since it began; waiting for them would take until its deadline. */
async function assertAskable(context: Context, { name, roster, orchestration }: ConversationOrigin): Promise<void> {
  const factory = await context.factory(name);
  for (const { id, vendor } of roster.map((card) => ({ id: card.id, ...ownRoute(card) }))) {
    if (factory.own.has(id) || factory.vendors.has(vendor)) continue;
    throw new PolylogueError("VENDOR_UNKNOWN", {
      message: `Its agent ${id} is of the vendor ${vendor}, which the configuration no longer has.`,
      mend: `Describe it again under vendors.${vendor}, or cancel the conversation.`,
    });
  }
  const known = findOrchestration(orchestration, await context.orchestrations());
  await assertKeys({ cards: roster, factory, orchestration: known });
}

/** Of a conversation that there is. */
async function statusOf(journal: Journal, id: ConversationId): Promise<ConversationRow["status"]> {
  const { value } = (await journal.document(CONVERSATIONS_COLLECTION, id)) as StoredDocument;
  return (value as unknown as ConversationRow).status;
}
