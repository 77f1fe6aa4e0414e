// Every place where the store writes, one after the other: the machine stops
// there, or the write fails there. The same short life is lived each time.
import { copyFileSync, existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isPolylogueError } from "../../../src/domain/errors.ts";
import { createJournal } from "../../../src/journal/create-journal.ts";
import { createCountingFailpoints, type Failpoints } from "../../../src/platform/failpoints.ts";
import { createIdSource } from "../../../src/platform/ids.ts";
import { createSeededRandom } from "../../../src/platform/random.ts";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";
import { createSqliteStore, type SqliteStore } from "../../../src/storage/sqlite/sqlite-store.ts";
import { createdEvent, noteEvent } from "../../contracts/sample-events.ts";
import { verifies } from "../../requirements.ts";
import { COUNTS } from "../fixtures/writer-settings.ts";
import { createTemporaryFile, type TemporaryFile } from "./sqlite-home.ts";

const STREAM = "s";
const APPENDS = 4;

interface Life {
  /** Appends that were acknowledged, and those that were refused. */
  readonly acknowledged: Set<number>;
  readonly refused: Map<number, unknown>;
  store?: SqliteStore;
}

/** Opens a store, appends in two turns (two callers share each commit), takes a lease, closes. */
async function live(path: string, failpoints: Failpoints, life: Life): Promise<void> {
  const clock = createVirtualClock();
  // The image of the disk is taken from the files, synced or not, so that syncing would only cost time.
  const store = await createSqliteStore({ path, clock, failpoints, synchronous: "NORMAL" });
  life.store = store;
  const ids = createIdSource(clock, createSeededRandom("sweep"));
  const journal = await createJournal({ store, clock, ids, projections: [COUNTS], failpoints });
  const append = async (number: number): Promise<void> => {
    const body = journal.encodeBody(`body ${number}`);
    const note = noteEvent(`${number}`);
    const decide = () => ({
      events: number === 0 ? [createdEvent(), note] : [note, note],
      bodies: [body],
      result: null,
    });
    await journal.append({ stream: STREAM, decide }).then(
      () => life.acknowledged.add(number),
      (error) => life.refused.set(number, error),
    );
  };
  for (let number = 0; number < APPENDS; number += 2) await Promise.all([append(number), append(number + 1)]);
  await store.acquireLease({ name: "l", owner: "me", ttlMs: 1, nowUs: 0 }).catch(() => {});
  await store
    .transact((transaction) => {
      transaction.putDocument("c", { key: "k", group: "a", order: 0, value: 1 });
      transaction.putDocument("c", { key: "k", group: "b", order: 0, value: 1 });
      transaction.deleteDocument("c", "k");
      transaction.clearCollection("c");
    })
    .catch(() => {});
}

/** Opens what is left and checks that it is whole: each append there with both its events, or not at all. */
async function inspect(path: string): Promise<Set<number>> {
  const clock = createVirtualClock();
  const store = await createSqliteStore({ path, clock, synchronous: "NORMAL" });
  expect(await store.integrityCheck("full")).toEqual([]);
  const journal = await createJournal({
    store,
    clock,
    ids: createIdSource(clock, createSeededRandom("i")),
    projections: [COUNTS],
  });
  const events = await journal.read({ after: 0, limit: 100 });
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  expect((await journal.document("counts", STREAM))?.value ?? 0).toBe(events.length);
  const counts = new Map<number, number>();
  for (const event of events) {
    // The creation stands beside the first note.
    const number = event.kind === "conversation.cancel-requested" ? Number(event.data.reason) : 0;
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  expect([...counts.values()].every((count) => count === 2)).toBe(true);
  for (const number of counts.keys())
    expect(await journal.body(journal.encodeBody(`body ${number}`).ref)).toBe(`body ${number}`);
  await store.close();
  return new Set(counts.keys());
}

async function countHits(): Promise<{ count: number; names: string[] }> {
  const failpoints = createCountingFailpoints();
  const life: Life = { acknowledged: new Set(), refused: new Map() };
  await live(":memory:", failpoints, life);
  await life.store?.close();
  return { count: failpoints.count(), names: failpoints.names() };
}

describe("at every failpoint", () => {
  let file: TemporaryFile;
  beforeEach(() => {
    file = createTemporaryFile();
  });
  afterEach(() => file.remove());

  it("stands a name for each kind of write, before and after it", async () => {
    const { count, names } = await countHits();
    expect(names).toEqual(
      expect.arrayContaining(
        [
          "store.begin",
          "store.commit",
          "store.event",
          "store.body",
          "store.name",
          "store.lease",
          "store.collection.clear",
        ]
          .concat(["store.document.put", "store.document.move", "store.document.delete"])
          .flatMap((name) => [`${name}.before`, `${name}.after`]),
      ),
    );
    expect(names).toEqual(
      expect.arrayContaining(["store.migrate.before", "store.migrate.commit.after", "journal.decided"]),
    );
    expect(count).toBeGreaterThan(80);
  });

  it("the power may fail: what was acknowledged by then is on the disk, whole", async () => {
    verifies("R7.4");
    const { count } = await countHits();
    for (let crashAt = 1; crashAt <= count; crashAt++) {
      const own = createTemporaryFile();
      const life: Life = { acknowledged: new Set(), refused: new Map() };
      let acknowledgedBefore = new Set<number>();
      const image = `${own.path}.image`;
      const crash = (): void => {
        acknowledgedBefore = new Set(life.acknowledged);
        // The disk as the next start would find it: the file and its log, without the memory they share.
        for (const suffix of ["", "-wal"]) {
          if (existsSync(own.path + suffix)) copyFileSync(own.path + suffix, image + suffix);
        }
      };
      await live(own.path, createCountingFailpoints({ crashAt, crash }), life);
      await life.store?.close();
      const found = await inspect(image);
      for (const number of acknowledgedBefore) expect(found).toContain(number);
      own.remove();
    }
  });

  it.each([":memory:", "file"])(
    "the write may fail (%s): its callers hear of it, and the store goes on",
    async (place) => {
      verifies("R7.4");
      const { count } = await countHits();
      for (let crashAt = 1; crashAt <= count; crashAt++) {
        const own = createTemporaryFile();
        const path = place === "file" ? own.path : ":memory:";
        const life: Life = { acknowledged: new Set(), refused: new Map() };
        let failedAt = "";
        const failpoints = createCountingFailpoints({
          crashAt,
          crash: (name) => {
            failedAt = name;
            throw new Error("injected");
          },
        });
        const opening = await live(path, failpoints, life).then(
          () => undefined,
          (error: Error) => error,
        );
        if (opening !== undefined) {
          // It failed before the first append: nothing was promised to anybody.
          expect(opening.message).toBe("injected");
          expect(life.acknowledged.size).toBe(0);
          await life.store?.close();
          own.remove();
          continue;
        }
        for (const error of life.refused.values())
          expect(isPolylogueError(error) || (error as Error).message).toBe("injected");
        // A commit that was done but could not say so leaves its callers in doubt; any other failure writes nothing.
        const store = life.store as SqliteStore;
        const events = await store.events({ after: 0, limit: 100 });
        const expected = APPENDS - (failedAt === "store.commit.after" ? 0 : life.refused.size);
        expect(events).toHaveLength(expected * 2);
        expect(life.acknowledged.size + life.refused.size).toBe(APPENDS);
        expect(await store.acquireLease({ name: "after", owner: "me", ttlMs: 1, nowUs: 0 })).toMatchObject({
          token: 1,
        });
        await store.close();
        if (place === "file") for (const number of life.acknowledged) expect(await inspect(own.path)).toContain(number);
        own.remove();
      }
    },
  );
});
