// Inline projections: applied with each event, in the same transaction, in the
// order in which they were registered; rebuilt when their meaning changes.
import { PolylogueError } from "../domain/errors.ts";
import type { JournalEvent } from "../domain/journal-event.ts";
import type { StoreReader, StoreTransaction } from "../storage/store.ts";
import type { Projection, ProjectionWriter } from "./journal.ts";

const COLLECTION = "journal.projections";
const KEY = "versions";

/** Events read at once in a rebuild. */
const REBUILD_PAGE = 1_000;

export interface Projections {
  apply(transaction: StoreTransaction, events: readonly JournalEvent[]): void;
  /**
   * Rebuilds what this program reads anew, and makes its projections those of the
   * store. Throws `STORE_NEWER` when the store's are of a later program: to
   * rebuild them by older rules would lose what they say.
   */
  adopt(transaction: StoreTransaction): void;
  /** Throws `STORE_NEWER` when another program has since made other projections those of the store. */
  assertAdopted(reader: StoreReader): void;
  /** Throws `PROJECTION_UNKNOWN`. */
  rebuild(transaction: StoreTransaction, name: string): void;
}

export function createProjections(registered: readonly Projection[]): Projections {
  assertDisjoint(registered);
  // Kept as text, because it is compared in every append and understood only at a start.
  const adopted = JSON.stringify(Object.fromEntries(registered.map(({ name, version }) => [name, version])));

  function stored(reader: StoreReader): string | undefined {
    return reader.getDocument(COLLECTION, KEY)?.value as string | undefined;
  }

  return {
    apply: (transaction, events) => {
      for (const event of events) {
        for (const projection of registered) projection.apply(event, writerFor(projection, transaction));
      }
    },
    adopt: (transaction) => {
      const text = stored(transaction) ?? "{}";
      if (text === adopted) return;
      const before = JSON.parse(text) as Readonly<Record<string, number>>;
      for (const projection of registered) {
        const stored = before[projection.name] ?? 0;
        if (stored > projection.version) throw newer(projection, stored);
        if (stored < projection.version) rebuildOne(transaction, projection);
      }
      transaction.putDocument(COLLECTION, { key: KEY, group: "", order: 0, value: adopted });
    },
    assertAdopted: (reader) => {
      if (stored(reader) === adopted) return;
      throw new PolylogueError("STORE_NEWER", {
        message: "Another Polylogue has opened this store with other projections; writing with these would spoil them.",
        mend: "Restart this process with the same version as the other.",
      });
    },
    rebuild: (transaction, name) => {
      const projection = registered.find((candidate) => candidate.name === name);
      if (projection === undefined) {
        throw new PolylogueError("PROJECTION_UNKNOWN", {
          message: `There is no projection ${name}.`,
          mend: `Choose one of: ${registered.map((candidate) => candidate.name).join(", ")}.`,
        });
      }
      rebuildOne(transaction, projection);
    },
  };
}

function newer({ name, version }: Projection, stored: number): PolylogueError {
  return new PolylogueError("STORE_NEWER", {
    message: `This store was last written by a newer Polylogue: its projection ${name} is of version ${stored}, and this program knows version ${version}.`,
    mend: "Use that newer Polylogue, or another home.",
  });
}

/**
 * In one transaction, so that nobody ever reads half a projection: a budget
 * seen half would be overspent. It holds the write lock for as long as reading
 * the whole log takes, about a second for 100,000 events.
 */
function rebuildOne(transaction: StoreTransaction, projection: Projection): void {
  for (const collection of projection.collections) transaction.clearCollection(collection);
  const documents = writerFor(projection, transaction);
  let after = 0;
  while (true) {
    const page = transaction.readEvents({ after, limit: REBUILD_PAGE });
    for (const event of page) projection.apply(event, documents);
    const last = page.at(-1);
    if (last === undefined || page.length < REBUILD_PAGE) return;
    after = last.position;
  }
}

/** A projection sees its own collections only: what it read elsewhere would not be there in a rebuild. */
function writerFor({ name, collections }: Projection, transaction: StoreTransaction): ProjectionWriter {
  function own(collection: string): string {
    if (collections.includes(collection)) return collection;
    throw new PolylogueError("INTERNAL", {
      message: `Projection ${name} used collection ${collection}, which it does not list as its own.`,
    });
  }
  return {
    get: (collection, key) => transaction.getDocument(own(collection), key),
    list: (collection, query) => transaction.listDocuments(own(collection), query),
    put: (collection, document) => transaction.putDocument(own(collection), document),
    delete: (collection, key) => transaction.deleteDocument(own(collection), key),
  };
}

function assertDisjoint(registered: readonly Projection[]): void {
  const owners = new Map<string, string>();
  for (const { name, collections } of registered) {
    for (const taken of [`projection ${name}`, ...collections.map((collection) => `collection ${collection}`)]) {
      const other = owners.get(taken);
      if (other !== undefined) {
        throw new PolylogueError("INTERNAL", {
          message: `The ${taken} belongs to ${other} already, not also to ${name}.`,
        });
      }
      owners.set(taken, name);
    }
  }
}
