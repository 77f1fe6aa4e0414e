// The journal over a store: stamps what deciders return, keeps projections in
// the same transaction, and lets anybody read and follow.
import type { Clock } from "../platform/clock.ts";
import { type Failpoints, NO_FAILPOINTS } from "../platform/failpoints.ts";
import type { IdSource } from "../platform/ids.ts";
import type { Store } from "../storage/store.ts";
import { createAppend } from "./append.ts";
import { decodeBody, encodeBody } from "./body.ts";
import type { Journal, Projection } from "./journal.ts";
import { createProjections } from "./projections.ts";
import { CONVERSATION_MARKS, createStreamMarks, type StreamMarks } from "./streams.ts";
import { readPages, tailEvents } from "./tail.ts";

export interface JournalOptions {
  readonly store: Store;
  readonly ids: IdSource;
  readonly clock: Clock;
  /** In the order in which they are applied. Every process of one store must register the same ones. */
  readonly projections: readonly Projection[];
  readonly failpoints?: Failpoints;
}

/** Rebuilds the projections whose version changed, then resolves. */
export async function createJournal(options: JournalOptions): Promise<Journal> {
  const { store } = options;
  const projections = createProjections([CONVERSATION_MARKS, ...options.projections]);
  const marksWith = createStreamMarks();
  const append = createAppend({ ...options, failpoints: options.failpoints ?? NO_FAILPOINTS });
  await store.transact(projections.adopt);

  return {
    append: async (request) => {
      let marks: StreamMarks | undefined;
      const appended = await store.transact((transaction) => {
        projections.assertAdopted(transaction);
        marks = marksWith(transaction.getDocument);
        return append(transaction, { request, marks, project: projections.apply });
      });
      marks?.keep();
      return appended;
    },
    read: (query) => store.events(query),
    readAll: (stream) => readPages(store, { stream, after: 0 }),
    tail: (tailOptions) => tailEvents(store, tailOptions),
    document: (collection, key) => store.read((reader) => reader.getDocument(collection, key)),
    documents: (collection, query) => store.read((reader) => reader.listDocuments(collection, query)),
    body: async (ref) => decodeBody(ref, await store.body(ref.hash)),
    encodeBody,
    rebuild: (name) => store.transact((transaction) => projections.rebuild(transaction, name)),
    onChange: store.onChange,
  };
}
