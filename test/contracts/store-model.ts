// A store as plain arrays and maps, and the commands that are run on it and on
// a real one side by side.
import fc from "fast-check";
import { expect } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import type { VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { DocumentQuery, Store, StoredDocument } from "../../src/storage/store.ts";
import { sampleEvent } from "./sample-events.ts";
import type { StoreHome } from "./store-harness.ts";

export interface RealStore {
  readonly home: StoreHome;
  readonly clock: VirtualClock;
  store: Store;
}

export interface ModelledStore {
  readonly events: { readonly stream: string; readonly seq: number; readonly id: string }[];
  /** By collection, then key. */
  readonly documents: Map<string, Map<string, StoredDocument>>;
  readonly bodies: Map<string, string>;
}

type Command = fc.AsyncCommand<ModelledStore, RealStore>;

const stream = fc.constantFrom("s1", "s2");
const collection = fc.constantFrom("c1", "c2");
const key = fc.constantFrom("a", "b", "é", "z", "Z");
const group = fc.constantFrom("", "g", "h");
const order = fc.integer({ min: -3, max: 3 });
/** JSON as it comes back: no -0, no undefined. */
const value = fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json)));

export function storeCommands(canReopen: boolean): fc.Arbitrary<Iterable<Command>> {
  const all: fc.Arbitrary<Command>[] = [
    fc.record({ stream, count: fc.integer({ min: 1, max: 3 }) }).map(appendEvents),
    fc.record({ collection, document: fc.record({ key, group, order, value }) }).map(putDocument),
    fc.record({ collection, key }).map(deleteDocument),
    fc.record({ collection }).map(clearCollection),
    fc.record({ text: fc.string({ maxLength: 5 }) }).map(putBody),
    fc
      .record({
        stream: fc.option(stream, { nil: undefined }),
        after: fc.nat(6),
        limit: fc.integer({ min: 1, max: 5 }),
      })
      .map(readEvents),
    fc
      .record({
        collection,
        group,
        descending: fc.boolean(),
        limit: fc.integer({ min: 1, max: 4 }),
        from: order,
        to: order,
      })
      .map(listDocuments),
  ];
  if (canReopen) all.push(fc.constant(reopen()));
  return fc.commands(all, { maxCommands: 25 });
}

function command(name: string, run: (model: ModelledStore, real: RealStore) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

function appendEvents(options: { stream: string; count: number }): Command {
  return command(`append ${JSON.stringify(options)}`, async (model, { store }) => {
    const last = model.events.filter((event) => event.stream === options.stream).length;
    const events = Array.from({ length: options.count }, (_, index) =>
      sampleEvent({ stream: options.stream, seq: last + index + 1 }),
    );
    await store.transact((transaction) => transaction.insertEvents(events));
    model.events.push(...events.map(({ stream: name, seq, id }) => ({ stream: name, seq, id })));
  });
}

function documentsOf(model: ModelledStore, name: string): Map<string, StoredDocument> {
  const documents = model.documents.get(name) ?? new Map<string, StoredDocument>();
  model.documents.set(name, documents);
  return documents;
}

function putDocument(options: { collection: string; document: StoredDocument }): Command {
  return command(`put ${JSON.stringify(options)}`, async (model, { store }) => {
    await store.transact((transaction) => transaction.putDocument(options.collection, options.document));
    documentsOf(model, options.collection).set(options.document.key, options.document);
  });
}

function deleteDocument(options: { collection: string; key: string }): Command {
  return command(`delete ${JSON.stringify(options)}`, async (model, { store }) => {
    await store.transact((transaction) => transaction.deleteDocument(options.collection, options.key));
    documentsOf(model, options.collection).delete(options.key);
    expect(await store.read((reader) => reader.getDocument(options.collection, options.key))).toBeUndefined();
  });
}

function clearCollection(options: { collection: string }): Command {
  return command(`clear ${options.collection}`, async (model, { store }) => {
    await store.transact((transaction) => transaction.clearCollection(options.collection));
    documentsOf(model, options.collection).clear();
  });
}

function putBody({ text }: { text: string }): Command {
  return command(`body ${JSON.stringify(text)}`, async (model, { store }) => {
    const bytes = Buffer.from(text);
    await store.transact((transaction) => transaction.putBody({ hash: sha256(bytes), bytes }));
    model.bodies.set(sha256(bytes), text);
    for (const [hash, content] of model.bodies) {
      expect(Buffer.from((await store.body(hash)) ?? []).toString()).toBe(Buffer.from(content).toString());
    }
  });
}

function readEvents(query: { stream: string | undefined; after: number; limit: number }): Command {
  return command(`events ${JSON.stringify(query)}`, async (model, { store }) => {
    const { stream: name, after, limit } = query;
    const own = model.events.filter((event) => name === undefined || event.stream === name);
    // A position is the store's to choose: the position of the n-th event stands for n.
    const all = await store.events({ after: 0, limit: 1_000 });
    const start = name === undefined ? (all[Math.min(after, all.length) - 1]?.position ?? 0) : after;
    const page = await store.events({ ...(name === undefined ? {} : { stream: name }), after: start, limit });
    expect(page.map((event) => [event.stream, event.seq, event.id])).toEqual(
      own.slice(after, after + limit).map((event) => [event.stream, event.seq, event.id]),
    );
  });
}

interface ListOptions {
  readonly collection: string;
  readonly group: string;
  readonly descending: boolean;
  readonly limit: number;
  readonly from: number;
  readonly to: number;
}

function listDocuments(options: ListOptions): Command {
  return command(`list ${JSON.stringify(options)}`, async (model, { store }) => {
    const { group: wanted, descending, limit, from, to } = options;
    const query: DocumentQuery = { group: wanted, descending, limit, orderMin: from, orderMax: to };
    const expected = [...documentsOf(model, options.collection).values()]
      .filter((document) => document.group === wanted && document.order >= from && document.order <= to)
      .sort((a, b) => a.order - b.order || Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    if (descending) expected.reverse();
    const found = await store.read((reader) => reader.listDocuments(options.collection, query));
    expect(found).toEqual(expected.slice(0, limit));
  });
}

function reopen(): Command {
  return command("reopen", async (_model, real) => {
    await real.store.close();
    real.store = await real.home.open(real.clock);
  });
}
