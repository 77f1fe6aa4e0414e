// Projections of a journal: applied with the events, dropped and rebuilt to the
// same bytes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import type { Projection, ProjectionWriter } from "../../src/journal/journal.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store, StoredDocument } from "../../src/storage/store.ts";
import { verifies } from "../requirements.ts";
import { notes, openJournal } from "./journal-fixture.ts";
import { noteEvent, reasonOf } from "./sample-events.ts";
import type { StoreHarness } from "./store-harness.ts";

/** How often each reason was noted, by stream, with a ranking that moves documents between groups. */
const TALLY: Projection = {
  name: "tally",
  version: 1,
  collections: ["tally", "tally.last"],
  apply: (event, documents) => {
    const key = `${event.stream}/${reasonOf(event)}`;
    const before = documents.get("tally", key);
    const count = before === undefined ? 1 : (before.value as { count: number }).count + 1;
    if (count > 4) documents.delete("tally", key);
    else documents.put("tally", { key, group: count > 2 ? "often" : "seldom", order: event.seq, value: { count } });
    const earliest = documents.list("tally", { group: "seldom", limit: 1 })[0]?.key ?? null;
    documents.put("tally.last", { key: event.stream, group: "all", order: event.position, value: { earliest } });
  },
};

/** Remembers in which order projections saw the events. */
function recorder(name: string, seen: string[]): Projection {
  const apply = (event: JournalEvent): void => {
    seen.push(`${name} ${reasonOf(event)}`);
  };
  return { name, version: 1, collections: [name], apply };
}

function named(name: string, version: number, apply: (documents: ProjectionWriter) => void): Projection {
  return { name, version, collections: [name], apply: (_event, documents) => apply(documents) };
}

export function projectionContract(harness: StoreHarness): void {
  async function withStore(work: (store: Store, clock: VirtualClock) => Promise<void>): Promise<void> {
    const clock = createVirtualClock();
    const home = await harness.createHome();
    const store = await home.open(clock);
    try {
      await work(store, clock);
    } finally {
      await store.close();
      await home.dispose();
    }
  }

  /** Everything that the tally keeps, in order. */
  const dump = (store: Store): Promise<readonly (readonly StoredDocument[])[]> =>
    store.read((reader) => [
      reader.listDocuments("tally", { group: "often", limit: 1_000 }),
      reader.listDocuments("tally", { group: "seldom", limit: 1_000 }),
      reader.listDocuments("tally.last", { group: "all", limit: 1_000 }),
    ]);

  describe(`projection contract: ${harness.name}`, () => {
    it("are applied event by event, in the order in which they were registered", () =>
      withStore(async (store, clock) => {
        const seen: string[] = [];
        const journal = await openJournal(store, clock, [recorder("b", seen), recorder("a", seen)]);
        await journal.append({ stream: "s", decide: notes("1", "2") });
        expect(seen).toEqual(["b 1", "a 1", "b 2", "a 2"]);
      }));

    it("are there for the next decider of the same turn, and for readers", () =>
      withStore(async (store, clock) => {
        const journal = await openJournal(store, clock, [TALLY]);
        const count = (): Promise<{ result: unknown }> =>
          journal.append({
            stream: "s",
            decide: (view) => ({
              events: [noteEvent("x")],
              result: [
                view.document("tally", "s/x")?.value ?? null,
                view.documents("tally", { group: "seldom", limit: 9 }).length,
              ],
            }),
          });
        const all = await Promise.all([count(), count(), count()]);
        expect(all.map((appended) => appended.result)).toEqual([
          [null, 0],
          [{ count: 1 }, 1],
          [{ count: 2 }, 1],
        ]);
        expect(await journal.document("tally", "s/x")).toEqual({
          key: "s/x",
          group: "often",
          order: 3,
          value: { count: 3 },
        });
        expect(await journal.documents("tally", { group: "often", limit: 9 })).toHaveLength(1);
      }));

    it("that throw refuse the append that brought the event, and no other", () =>
      withStore(async (store, clock) => {
        const picky: Projection = {
          name: "picky",
          version: 1,
          collections: ["picky"],
          apply: (event, documents) => {
            documents.put("picky", { key: reasonOf(event), group: "", order: 0, value: 1 });
            if (reasonOf(event) === "bad") throw new Error("cannot be projected");
          },
        };
        const journal = await openJournal(store, clock, [picky]);
        const results = await Promise.allSettled(
          ["good", "bad", "fine"].map((reason) => journal.append({ stream: "s", decide: notes(reason) })),
        );
        expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
        expect((await journal.read({ after: 0, limit: 9 })).map(reasonOf)).toEqual(["good", "fine"]);
        expect((await journal.documents("picky", { group: "", limit: 9 })).map((found) => found.key)).toEqual([
          "fine",
          "good",
        ]);
      }));

    it("property: rebuilt, they are the same bytes, whatever happened", async () => {
      verifies("R7.4", "R7.3");
      const append = fc.record({
        stream: fc.constantFrom("s1", "s2"),
        reasons: fc.array(fc.constantFrom("a", "b", "c", "ü"), { maxLength: 4 }),
        isRefused: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(append, { maxLength: 25 }), (appends) =>
          withStore(async (store, clock) => {
            const journal = await openJournal(store, clock, [TALLY]);
            await Promise.allSettled(
              appends.map(({ stream, reasons, isRefused }) =>
                journal.append({ stream, ...(isRefused ? { expectedSeq: 99 } : {}), decide: notes(...reasons) }),
              ),
            );
            const before = JSON.stringify(await dump(store));
            await journal.rebuild("tally");
            expect(JSON.stringify(await dump(store))).toBe(before);
            // Rebuilt from nothing, too, and not only left as it was.
            await store.transact((transaction) => {
              for (const collection of TALLY.collections) transaction.clearCollection(collection);
            });
            await journal.rebuild("tally");
            expect(JSON.stringify(await dump(store))).toBe(before);
          }),
        ),
        { numRuns: 40 },
      );
    });

    it("are rebuilt over many pages of events", () =>
      withStore(async (store, clock) => {
        const journal = await openJournal(store, clock, [TALLY]);
        const many = Array.from({ length: 2_000 }, (_, index) => `${index}`);
        await journal.append({ stream: "s", decide: notes(...many) });
        await journal.append({ stream: "s", decide: notes("last") });
        const before = await dump(store);
        await journal.rebuild("tally");
        expect(await dump(store)).toEqual(before);
        expect(await journal.document("tally.last", "s")).toMatchObject({ order: 2_001 });
      }));

    it("are rebuilt at the next start when their version was raised, and only then", () =>
      withStore(async (store, clock) => {
        let calls = 0;
        const write = (text: string) => (documents: ProjectionWriter) => {
          calls += 1;
          documents.put("p", { key: "k", group: "", order: 0, value: text });
        };
        const first = await openJournal(store, clock, [named("p", 1, write("old"))]);
        await first.append({ stream: "s", decide: notes("x", "y") });
        await openJournal(store, clock, [named("p", 1, write("same version"))]);
        expect([calls, (await first.document("p", "k"))?.value]).toEqual([2, "old"]);
        const second = await openJournal(store, clock, [named("p", 2, write("new"))]);
        expect([calls, (await second.document("p", "k"))?.value]).toEqual([4, "new"]);
      }));

    it("that are new get what was there before them", () =>
      withStore(async (store, clock) => {
        const journal = await openJournal(store, clock);
        await journal.append({ stream: "s", decide: notes("x") });
        const later = await openJournal(store, clock, [TALLY]);
        expect((await later.document("tally", "s/x"))?.value).toEqual({ count: 1 });
      }));

    it("of a program that another has overtaken can no longer write", () =>
      withStore(async (store, clock) => {
        const nothing = (): void => {};
        const old = await openJournal(store, clock, [named("p", 1, nothing)]);
        const young = await openJournal(store, clock, [named("p", 2, nothing)]);
        await expect(old.append({ stream: "s", decide: notes("late") })).rejects.toMatchObject({ code: "STORE_NEWER" });
        await young.append({ stream: "s", decide: notes("fine") });
        expect(await old.read({ after: 0, limit: 9 })).toHaveLength(1);
      }));

    it("of a newer program are not rebuilt by an older one, which cannot open the store", () =>
      withStore(async (store, clock) => {
        const write = (text: string) => (documents: ProjectionWriter) => {
          documents.put("p", { key: "k", group: "", order: 0, value: text });
        };
        const young = await openJournal(store, clock, [named("p", 2, write("young"))]);
        await young.append({ stream: "s", decide: notes("x") });
        await expect(openJournal(store, clock, [named("p", 1, write("old"))])).rejects.toMatchObject({
          code: "STORE_NEWER",
          message: expect.stringContaining("projection p is of version 2"),
        });
        expect((await young.document("p", "k"))?.value).toBe("young");
        await young.append({ stream: "s", decide: notes("it goes on") });
      }));

    it("see their own collections only", () =>
      withStore(async (store, clock) => {
        const thief = named("thief", 1, (documents) => {
          documents.get("tally", "k");
        });
        const journal = await openJournal(store, clock, [TALLY, thief]);
        await expect(journal.append({ stream: "s", decide: notes("x") })).rejects.toMatchObject({ code: "INTERNAL" });
      }));

    it("cannot share a name or a collection", () =>
      withStore(async (store, clock) => {
        const nothing = (): void => {};
        const twice = [named("p", 1, nothing), named("p", 1, nothing)];
        await expect(openJournal(store, clock, twice)).rejects.toMatchObject({ code: "INTERNAL" });
        const sharing = [TALLY, { ...named("q", 1, nothing), collections: ["tally"] }];
        await expect(openJournal(store, clock, sharing)).rejects.toThrow(/collection tally/);
      }));

    it("that do not exist cannot be rebuilt", () =>
      withStore(async (store, clock) => {
        const journal = await openJournal(store, clock, [TALLY]);
        await expect(journal.rebuild("none")).rejects.toMatchObject({
          code: "PROJECTION_UNKNOWN",
          mend: expect.stringContaining("tally"),
        });
      }));
  });
}
