// Going on from an ended conversation: what came of it is shown to the members
// of the next. Simulated and real ones never follow each other.
import { PolylogueError } from "../../domain/errors.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { JournalEventOf } from "../../domain/journal-event.ts";
import type { Journal } from "../../journal/journal.ts";
import type { EarlierConversation } from "../projection/canonical.ts";
import { keptText } from "../reading/kept-body.ts";
import { openRecord } from "./record.ts";

type Ended = JournalEventOf<"conversation.ended">;

/** Throws `CONVERSATION_UNKNOWN`, `CONVERSATION_SIMULATED`, `CONVERSATION_NOT_SIMULATED`, or `USAGE` while it runs. */
export async function assertContinuable(journal: Journal, id: ConversationId, simulated: boolean): Promise<void> {
  const { created, ended } = await ends(journal, id);
  if (created.simulated && !simulated) {
    throw new PolylogueError("CONVERSATION_SIMULATED", {
      message: `Conversation ${id} was held with simulators, so real models cannot go on from it.`,
      mend: "Go on with --simulated, or ask anew without --continue.",
    });
  }
  if (!created.simulated && simulated) {
    throw new PolylogueError("CONVERSATION_NOT_SIMULATED", {
      message: `Conversation ${id} was held with real models, so simulators cannot go on from it.`,
      mend: "Go on without --simulated, or ask anew without --continue.",
    });
  }
  if (ended === undefined) {
    throw new PolylogueError("USAGE", {
      message: `Conversation ${id} has not ended yet, so nothing can go on from it.`,
      mend: "Let it end with `polylogue conversation resume`, or end it with `polylogue conversation cancel`.",
    });
  }
}

/** One conversation back; what that one went on from is part of its own record. */
export async function earlierOf(journal: Journal, id: ConversationId): Promise<EarlierConversation | undefined> {
  const { created, ended } = await ends(journal, id);
  const question = await keptText(journal, created.data.question);
  return ended && { question, status: ended.data.outcome.status, answer: ended.data.outcome.answer };
}

async function ends(journal: Journal, id: ConversationId) {
  const { created, events } = await openRecord(journal, id);
  return { created, ended: events.find((event): event is Ended => event.kind === "conversation.ended") };
}
