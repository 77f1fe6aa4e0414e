// Bodies that may have been erased: whoever reads an old conversation must expect it.
import type { BodyRef } from "../../domain/envelope.ts";
import { isPolylogueError, PolylogueError } from "../../domain/errors.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { Journal } from "../../journal/journal.ts";

/** What stands in place of an erased text. */
export const ERASED = "[erased]";

/** Undefined where the body was erased. */
export async function keptBody(journal: Pick<Journal, "body">, body: BodyRef): Promise<JsonValue | undefined> {
  try {
    return await journal.body(body);
  } catch (error) {
    if (isPolylogueError(error) && error.code === "BODY_MISSING") return undefined;
    throw error;
  }
}

/** A text stored as a body of its own. */
export async function keptText(journal: Pick<Journal, "body">, body: BodyRef): Promise<string> {
  return String((await keptBody(journal, body)) ?? ERASED);
}

export function unknownConversation(id: ConversationId): PolylogueError {
  return new PolylogueError("CONVERSATION_UNKNOWN", {
    message: `There is no conversation ${id} in this home.`,
    mend: "Look it up with `polylogue conversation list`.",
  });
}
