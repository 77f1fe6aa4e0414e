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

/** What one append knows of its streams. */
export interface StreamMarks {
  /** Undefined where the stream is no conversation (yet). */
  of(stream: StreamId): boolean | undefined;
  /** A conversation is created in this append. */
  set(stream: StreamId, simulated: boolean): void;
  /** After the commit: what was read or set is durable now, and a mark never changes. */
  keep(): void;
}

export type ReadDocument = (collection: string, key: string) => StoredDocument | undefined;

/** The cache starts anew beyond it. */
const CACHED_MAX = 10_000;

/** Marks for one transaction after the other, with a cache of the durable ones. */
export function createStreamMarks(): (read: ReadDocument) => StreamMarks {
  const durable = new Map<StreamId, boolean>();
  return (read) => {
    const own = new Map<StreamId, boolean>();
    return {
      of: (stream) => {
        const known = durable.get(stream) ?? own.get(stream);
        if (known !== undefined) return known;
        const document = read(COLLECTION, stream);
        if (document === undefined) return undefined;
        const { simulated } = document.value as { readonly simulated: boolean };
        own.set(stream, simulated);
        return simulated;
      },
      set: (stream, simulated) => {
        own.set(stream, simulated);
      },
      keep: () => {
        if (durable.size + own.size > CACHED_MAX) durable.clear();
        for (const [stream, simulated] of own) durable.set(stream, simulated);
      },
    };
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
