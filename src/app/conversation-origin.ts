// How a conversation was made: what is needed to go on with it as it began.
import { CONVERSATIONS_COLLECTION, CONVERSATIONS_GROUP } from "../conversations/reading/conversations-projection.ts";
import type { AgentCard } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { ConversationId } from "../domain/ids.ts";
import type { Journal } from "../journal/journal.ts";
import { allDocuments } from "./all-documents.ts";
import type { SideName } from "./sides.ts";

export interface ConversationOrigin {
  readonly id: ConversationId;
  readonly name: SideName;
  readonly roster: readonly AgentCard[];
  /** Name of its orchestration. */
  readonly orchestration: string;
}

/** Throws `CONVERSATION_UNKNOWN`. */
export async function readOrigin(journal: Pick<Journal, "read">, id: ConversationId): Promise<ConversationOrigin> {
  const [created] = await journal.read({ stream: id, after: 0, limit: 1 });
  if (created?.kind !== "conversation.created") throw unknown(id);
  const { roster, seed, orchestration } = created.data;
  return { id, name: { simulated: created.simulated, seed }, roster, orchestration };
}

/** Takes a whole id or a unique beginning of one. Throws `CONVERSATION_UNKNOWN`, or `USAGE` where several begin so. */
export async function findConversationId(
  journal: Pick<Journal, "document" | "documents">,
  text: string,
): Promise<ConversationId> {
  if ((await journal.document(CONVERSATIONS_COLLECTION, text)) !== undefined) return text;
  const rows =
    text === ""
      ? []
      : await allDocuments(journal, { collection: CONVERSATIONS_COLLECTION, group: CONVERSATIONS_GROUP });
  const [first, second] = rows.filter(({ key }) => key.startsWith(text.toLowerCase()));
  if (first === undefined) throw unknown(text);
  if (second === undefined) return first.key;
  throw new PolylogueError("USAGE", {
    message: `Several conversations begin with ${text}.`,
    mend: "Give more of the id; `polylogue conversation list` shows them.",
  });
}

function unknown(id: string): PolylogueError {
  return new PolylogueError("CONVERSATION_UNKNOWN", {
    message: `There is no conversation ${id} in this home.`,
    mend: "`polylogue conversation list` shows those there are.",
  });
}
