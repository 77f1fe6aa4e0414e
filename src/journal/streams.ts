// Which conversations are simulated: stated once, when the conversation is
// created, and true of every later event of its stream.
import { PolylogueError } from "../domain/errors.ts";
import type { StreamId } from "../domain/ids.ts";
import type { StoredDocument } from "../storage/store.ts";
import type { Projection } from "./journal.ts";

const COLLECTION = "journal.conversations";

/** The journal's own projection: one document per conversation, `{ simulated }`. */
export const CONVERSATION_MARKS: Projection = {
  name: "journal.conversations",
  version: 1,
  collections: [COLLECTION],
  apply: (event, documents) => {
    if (event.kind !== "conversation.created") return;
    const { stream, simulated, atUs } = event;
    documents.put(COLLECTION, { key: stream, group: "", order: atUs, value: { simulated } });
  },
};

/** What one append knows of a stream's mark; undefined where the stream is no conversation. */
export interface StreamMarks {
  of(stream: StreamId): boolean | undefined;
}

export interface MarkCache {
  /** For one transaction: reads what is not cached. */
  within(read: (collection: string, key: string) => StoredDocument | undefined): StreamMarks;
  /** After the commit: a mark that is durable never changes. */
  learn(stream: StreamId, simulated: boolean): void;
}

/** The cache starts anew beyond it. */
const CACHED_MAX = 10_000;

export function createMarkCache(): MarkCache {
  const known = new Map<StreamId, boolean>();
  return {
    within: (read) => ({
      of: (stream) => {
        const cached = known.get(stream);
        if (cached !== undefined) return cached;
        const document = read(COLLECTION, stream);
        return document === undefined ? undefined : (document.value as { simulated: boolean }).simulated;
      },
    }),
    learn: (stream, simulated) => {
      if (known.size >= CACHED_MAX) known.clear();
      known.set(stream, simulated);
    },
  };
}

/** Throws when an event says otherwise than its conversation. */
export function assertSameMark(stream: StreamId, mark: boolean, said: boolean): void {
  if (mark === said) return;
  throw mark
    ? new PolylogueError("CONVERSATION_SIMULATED", {
        message: `Conversation ${stream} is simulated, and what is real cannot be added to it.`,
        mend: "Continue it with --simulated, or begin a new conversation.",
      })
    : new PolylogueError("CONVERSATION_NOT_SIMULATED", {
        message: `Conversation ${stream} is real, and what a simulator made cannot be added to it.`,
        mend: "Continue it without --simulated, or begin a new conversation.",
      });
}
