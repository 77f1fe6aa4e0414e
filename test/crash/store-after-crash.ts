// What must hold of a store after any crash. For tests that kill processes.
import { expect } from "vitest";
import type { BodyRef } from "../../src/domain/envelope.ts";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import type { Journal, Projection } from "../../src/journal/journal.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createIdSource } from "../../src/platform/ids.ts";
import { createSystemRandom } from "../../src/platform/random.ts";
import { createSqliteStore, type SqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";

export interface OpenedJournal {
  readonly store: SqliteStore;
  readonly journal: Journal;
}

export async function openAfterCrash(path: string, projections: readonly Projection[]): Promise<OpenedJournal> {
  const clock = createSystemClock();
  const store = await createSqliteStore({ path, clock });
  const ids = createIdSource(clock, createSystemRandom());
  return { store, journal: await createJournal({ store, clock, ids, projections }) };
}

export interface Acknowledged {
  readonly events: readonly { readonly stream: string; readonly seq: number; readonly id: string }[];
  readonly bodies: readonly BodyRef[];
}

/**
 * Every acknowledged event is there, in its place; no stream has a gap, no id
 * comes twice; the acknowledged bodies can be read; SQLite finds nothing wrong.
 */
export async function expectNothingLost(
  { store, journal }: OpenedJournal,
  acknowledged: Acknowledged,
): Promise<JournalEvent[]> {
  expect(await store.integrityCheck("full")).toEqual([]);
  const all = await readEverything(journal);
  const byId = new Map(all.map((event) => [event.id, event]));
  expect(byId.size).toBe(all.length);
  for (const { id, stream, seq } of acknowledged.events) expect(byId.get(id)).toMatchObject({ stream, seq });
  const lastSeqs = new Map<string, number>();
  for (const { stream, seq } of all) {
    expect(seq).toBe((lastSeqs.get(stream) ?? 0) + 1);
    lastSeqs.set(stream, seq);
  }
  for (const body of acknowledged.bodies) await journal.body(body);
  return all;
}

async function readEverything(journal: Journal): Promise<JournalEvent[]> {
  const all: JournalEvent[] = [];
  while (true) {
    const page = await journal.read({ after: all.at(-1)?.position ?? 0, limit: 1_000 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}
