// The store contract as one suite, run over every implementation. It knows
// nothing of SQL; what an implementation cannot do, it says why in its harness.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { sha256 } from "../../src/platform/hash.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store, StoredDocument, StoreTransaction } from "../../src/storage/store.ts";
import { sampleEvent, sampleId } from "./sample-events.ts";
import type { StoreHarness, StoreHome } from "./store-harness.ts";
import { leaseContract } from "./store-lease-contract.ts";
import { storeProperties } from "./store-properties.ts";

const STREAM = sampleId("stream");
const OTHER = sampleId("other stream");

export function storeContract(harness: StoreHarness): void {
  describe(`store contract: ${harness.name}`, () => {
    let home: StoreHome;
    let clock: VirtualClock;
    let store: Store;

    beforeEach(async () => {
      clock = createVirtualClock();
      home = await harness.createHome();
      store = await home.open(clock);
    });
    afterEach(async () => {
      await store.close();
      await home.dispose();
    });

    const append = (...events: Omit<JournalEvent, "position">[]): Promise<JournalEvent[]> =>
      store.transact((transaction) => transaction.insertEvents(events));
    const put = (collection: string, ...documents: StoredDocument[]): Promise<void> =>
      store.transact((transaction) => {
        for (const document of documents) transaction.putDocument(collection, document);
      });

    describe("events", () => {
      it("come back exactly as they were appended, with their position", async () => {
        const first = sampleEvent({ stream: STREAM, seq: 1 });
        const second = sampleEvent({ stream: STREAM, seq: 2, causationId: first.id, simulated: true });
        const appended = await append(first, second);
        expect(appended.map(({ position: _, ...event }) => event)).toEqual([first, second]);
        expect(await store.events({ stream: STREAM, after: 0, limit: 10 })).toEqual(appended);
        expect(await store.events({ after: 0, limit: 10 })).toEqual(appended);
      });

      it("keep ids and traces of any other form as they are", async () => {
        const odd = { ...sampleEvent({ stream: "mesh", seq: 1, causationId: "CAUSE" }), id: "not-a-uuid" };
        const event = { ...odd, trace: { traceparent: "cc-future-format" } };
        await append(event);
        expect(await store.events({ stream: "mesh", after: 0, limit: 1 })).toMatchObject([event]);
      });

      it("begin after position 0 and seq 0", async () => {
        expect(await store.read((reader) => [reader.lastPosition(), reader.lastSeq(STREAM)])).toEqual([0, 0]);
        expect(await store.events({ after: 0, limit: 9 })).toEqual([]);
      });

      it("have positions that strictly increase over all streams, and seqs of their own", async () => {
        await append(sampleEvent({ stream: STREAM, seq: 1 }), sampleEvent({ stream: OTHER, seq: 1 }));
        await append(sampleEvent({ stream: STREAM, seq: 2 }));
        const all = await store.events({ after: 0, limit: 10 });
        expect(all.map((event) => [event.stream, event.seq])).toEqual([
          [STREAM, 1],
          [OTHER, 1],
          [STREAM, 2],
        ]);
        const positions = all.map((event) => event.position);
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        expect(
          await store.read((reader) => [reader.lastPosition(), reader.lastSeq(STREAM), reader.lastSeq("none")]),
        ).toEqual([positions.at(-1), 2, 0]);
      });

      it("are read in pages, after a seq of one stream or a position of all", async () => {
        const appended = await append(...[1, 2, 3, 4, 5].map((seq) => sampleEvent({ stream: STREAM, seq })));
        expect(await store.events({ stream: STREAM, after: 1, limit: 2 })).toEqual(appended.slice(1, 3));
        expect(await store.events({ after: appended[2]?.position ?? 0, limit: 9 })).toEqual(appended.slice(3));
        expect(await store.events({ stream: "none", after: 0, limit: 9 })).toEqual([]);
        expect(await store.read((reader) => reader.readEvents({ after: 0, limit: 2 }))).toEqual(appended.slice(0, 2));
      });

      it.each([0, -1, 1.5, Number.NaN, 1_000_000_000])("are never read without a sound limit: %s", async (limit) => {
        await expect(store.events({ after: 0, limit })).rejects.toMatchObject({ code: "INTERNAL" });
        const query = { group: "", limit };
        await expect(store.read((reader) => reader.listDocuments("c", query))).rejects.toMatchObject({
          code: "INTERNAL",
        });
      });

      it("with a gap or a repeat in seq are refused", async () => {
        await append(sampleEvent({ stream: STREAM, seq: 1 }));
        await expect(append(sampleEvent({ stream: STREAM, seq: 3 }))).rejects.toMatchObject({ code: "SEQ_CONFLICT" });
        const again = sampleEvent({ stream: STREAM, seq: 1, label: "again" });
        await expect(append(again)).rejects.toMatchObject({ code: "SEQ_CONFLICT" });
        expect(await store.read((reader) => reader.lastSeq(STREAM))).toBe(1);
      });

      it("with an id that is there are refused, in any stream", async () => {
        const event = sampleEvent({ stream: STREAM, seq: 1 });
        await append(event);
        await expect(append({ ...event, stream: OTHER })).rejects.toMatchObject({ code: "DUPLICATE" });
        expect(await store.events({ after: 0, limit: 9 })).toHaveLength(1);
      });
    });

    describe("streams", () => {
      it("may have the name of anything else, and begin at seq 1", async () => {
        await append(sampleEvent({ stream: STREAM, seq: 1 }));
        // "user" is the actor of that event, and "none" is nothing.
        expect(await store.read((reader) => [reader.lastSeq("user"), reader.lastSeq("none")])).toEqual([0, 0]);
        await append(sampleEvent({ stream: "user", seq: 1 }));
        expect(await store.events({ stream: "user", after: 0, limit: 9 })).toHaveLength(1);
      });

      it("and collections may be many in one store", async () => {
        const MANY = 10_100;
        await store.transact((transaction) => {
          for (let number = 0; number < MANY; number++) {
            transaction.putDocument(`c${number}`, { key: "k", group: "", order: 0, value: number });
          }
        });
        const values = await store.read((reader) =>
          [0, 1, MANY - 1].map((number) => reader.getDocument(`c${number}`, "k")?.value),
        );
        expect(values).toEqual([0, 1, MANY - 1]);
      });
    });

    describe("transactions", () => {
      it("of one turn share a commit, but not their refusals", async () => {
        const refusal = new Error("no");
        const results = await Promise.allSettled([
          append(sampleEvent({ stream: STREAM, seq: 1 })),
          store.transact((transaction) => {
            transaction.insertEvents([sampleEvent({ stream: STREAM, seq: 2, label: "undone" })]);
            transaction.putDocument("new collection", { key: "undone", group: "", order: 0, value: 1 });
            throw refusal;
          }),
          append(sampleEvent({ stream: STREAM, seq: 2, label: "kept" })),
          put("another new collection", { key: "kept", group: "", order: 0, value: 2 }),
        ]);
        expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
        expect(results[1]).toMatchObject({ reason: refusal });
        expect((await store.events({ after: 0, limit: 9 })).map((event) => event.id)).toEqual([
          sampleId(`${STREAM}/1/`),
          sampleId(`${STREAM}/2/kept`),
        ]);
        const seen = await store.read((reader) => [
          reader.getDocument("new collection", "undone"),
          reader.getDocument("another new collection", "kept")?.value,
        ]);
        expect(seen).toEqual([undefined, 2]);
      });

      it("see what they have written themselves", async () => {
        const seen = await store.transact((transaction) => {
          transaction.insertEvents([sampleEvent({ stream: STREAM, seq: 1 })]);
          transaction.putDocument("c", { key: "k", group: "g", order: 1, value: { a: 1 } });
          transaction.putBody({ hash: sha256("x"), bytes: Buffer.from("x") });
          return [
            transaction.lastSeq(STREAM),
            transaction.readEvents({ stream: STREAM, after: 0, limit: 1 }).length,
            transaction.getDocument("c", "k")?.value,
            transaction.listDocuments("c", { group: "g", limit: 1 }).length,
            transaction.hasBody(sha256("x")),
          ];
        });
        expect(seen).toEqual([1, 1, { a: 1 }, 1, true]);
      });

      it("are never seen before their commit, not even by a read that begins inside one", async () => {
        let seenInside: Promise<unknown> | undefined;
        const refused = store.transact((transaction) => {
          transaction.putDocument("c", { key: "k", group: "", order: 0, value: 1 });
          seenInside = store.read((reader) => reader.getDocument("c", "k"));
          throw new Error("no");
        });
        await expect(refused).rejects.toThrow("no");
        expect(await seenInside).toBeUndefined();
      });

      it("with asynchronous work are refused and undone", async () => {
        const refused = store.transact(async (transaction) => {
          transaction.putDocument("c", { key: "k", group: "", order: 0, value: 1 });
          await Promise.resolve();
          throw new Error("too late to matter");
        });
        await expect(refused).rejects.toMatchObject({ code: "INTERNAL" });
        expect(await store.read((reader) => reader.getDocument("c", "k"))).toBeUndefined();
      });

      it("cannot be used after their end", async () => {
        let escaped: StoreTransaction | undefined;
        await store.transact((transaction) => {
          escaped = transaction;
        });
        expect(() => escaped?.putDocument("c", { key: "k", group: "", order: 0, value: 1 })).toThrow(/after its work/);
        expect(await store.read((reader) => reader.getDocument("c", "k"))).toBeUndefined();
      });

      it("of one caller run in the order in which they were asked for", async () => {
        const order: number[] = [];
        await Promise.all([1, 2, 3].map((n) => store.transact(() => order.push(n))));
        expect(order).toEqual([1, 2, 3]);
      });
    });

    describe("documents", () => {
      it("of a group are listed by order, ties by key, within bounds, either way, at most so many", async () => {
        const document = (key: string, order: number, group = "g"): StoredDocument => ({
          key,
          group,
          order,
          value: key,
        });
        await put(
          "c",
          document("b", 2),
          document("z", 1),
          document("a", 2),
          document("c", 9),
          document("x", 0, "other"),
        );
        await put("other", document("y", 1));
        const keys = async (query: object): Promise<string[]> =>
          store.read((reader) =>
            reader.listDocuments("c", { group: "g", limit: 10, ...query }).map((found) => found.key),
          );
        expect(await keys({})).toEqual(["z", "a", "b", "c"]);
        expect(await keys({ descending: true })).toEqual(["c", "b", "a", "z"]);
        expect(await keys({ orderMin: 2, orderMax: 8 })).toEqual(["a", "b"]);
        expect(await keys({ limit: 2 })).toEqual(["z", "a"]);
        expect(await keys({ group: "other" })).toEqual(["x"]);
        expect(await store.read((reader) => reader.listDocuments("none", { group: "g", limit: 1 }))).toEqual([]);
      });

      it("can change their value, their group and their order", async () => {
        await put("c", { key: "k", group: "a", order: 1, value: [1] });
        await put("c", { key: "k", group: "a", order: 1, value: [2] });
        expect(await store.read((reader) => reader.getDocument("c", "k")?.value)).toEqual([2]);
        await put("c", { key: "k", group: "b", order: 2, value: [3] });
        expect(
          await store.read((reader) => [
            reader.listDocuments("c", { group: "a", limit: 9 }),
            reader.listDocuments("c", { group: "b", limit: 9 }),
          ]),
        ).toEqual([[], [{ key: "k", group: "b", order: 2, value: [3] }]]);
      });

      it("can be deleted one by one or as a collection; what is not there is deleted in peace", async () => {
        const document = (key: string): StoredDocument => ({ key, group: "", order: 0, value: null });
        await put("c", document("a"), document("b"));
        await put("d", document("a"));
        await store.transact((transaction) => {
          transaction.deleteDocument("c", "a");
          transaction.deleteDocument("c", "none");
          transaction.deleteDocument("none", "a");
          transaction.clearCollection("none");
        });
        const count = (collection: string): Promise<number> =>
          store.read((reader) => reader.listDocuments(collection, { group: "", limit: 9 }).length);
        expect([await count("c"), await count("d")]).toEqual([1, 1]);
        await store.transact((transaction) => transaction.clearCollection("c"));
        expect([await count("c"), await count("d")]).toEqual([0, 1]);
      });
    });

    describe("bodies", () => {
      it("are kept once under their hash, whatever the bytes", async () => {
        const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
        const body = { hash: sha256(bytes), bytes };
        await store.transact((transaction) => transaction.putBody(body));
        await store.transact((transaction) => transaction.putBody({ hash: body.hash, bytes: Buffer.from("other") }));
        expect(Buffer.from((await store.body(body.hash)) ?? [])).toEqual(Buffer.from(bytes));
        expect(await store.body(sha256("none"))).toBeUndefined();
        expect(await store.read((reader) => [reader.hasBody(body.hash), reader.hasBody(sha256("none"))])).toEqual([
          true,
          false,
        ]);
      });
    });

    it("bodies under an address of another form are kept, too", async () => {
      await store.transact((transaction) => transaction.putBody({ hash: "md5-of-old", bytes: Buffer.from("x") }));
      expect(await store.body("md5-of-old")).toEqual(new Uint8Array(Buffer.from("x")));
      expect(await store.body("md5-of-other")).toBeUndefined();
    });

    describe("changes", () => {
      it("wake every listener once for a commit that wrote, and not for one that did not", async () => {
        let first = 0;
        let second = 0;
        const unsubscribe = store.onChange(() => first++);
        store.onChange(() => second++);
        await Promise.all([append(sampleEvent({ stream: STREAM, seq: 1 })), put("c")]);
        expect([first, second]).toEqual([1, 1]);
        await store.transact((transaction) => transaction.lastSeq(STREAM));
        await append(sampleEvent({ stream: STREAM, seq: 9 })).catch(() => {});
        expect([first, second]).toEqual([1, 1]);
        unsubscribe();
        unsubscribe();
        await append(sampleEvent({ stream: STREAM, seq: 2 }));
        expect([first, second]).toEqual([1, 2]);
      });
    });

    describe("closing", () => {
      it("commits what was queued first, then refuses every call", async () => {
        const queued = append(sampleEvent({ stream: STREAM, seq: 1 }));
        const closing = store.close();
        await expect(queued).resolves.toHaveLength(1);
        await closing;
        await store.close();
        const lease = { name: "l", owner: "o", token: 1, expiresAtUs: 1 };
        const calls = [
          () => append(sampleEvent({ stream: STREAM, seq: 2 })),
          () => store.read(() => 1),
          () => store.events({ after: 0, limit: 1 }),
          () => store.body(sha256("x")),
          () => store.acquireLease({ name: "l", owner: "o", ttlMs: 1, nowUs: 1 }),
          () => store.releaseLease(lease),
          () => store.readLease("l"),
        ];
        for (const call of calls) await expect(call()).rejects.toMatchObject({ code: "STORE_CLOSED" });
      });

      it("refuses a read that is still waiting when the store is gone", async () => {
        const closing = store.close();
        await expect(store.events({ after: 0, limit: 1 })).rejects.toMatchObject({ code: "STORE_CLOSED" });
        await closing;
      });

      if (harness.keepsData === true) {
        it("keeps everything for the next who opens", async () => {
          const [event] = await append(sampleEvent({ stream: STREAM, seq: 1 }));
          await put("c", { key: "k", group: "g", order: 1, value: { a: [1, null] } });
          await store.transact((transaction) => transaction.putBody({ hash: sha256("x"), bytes: Buffer.from("x") }));
          await store.close();
          store = await home.open(clock);
          expect(await store.events({ after: 0, limit: 9 })).toEqual([event]);
          expect(await store.read((reader) => reader.listDocuments("c", { group: "g", limit: 9 }))).toEqual([
            { key: "k", group: "g", order: 1, value: { a: [1, null] } },
          ]);
          expect(await store.body(sha256("x"))).toEqual(new Uint8Array(Buffer.from("x")));
          const next = await append(sampleEvent({ stream: STREAM, seq: 2 }));
          expect(next[0]?.position).toBeGreaterThan(event?.position ?? 0);
        });
      }
    });
  });

  leaseContract(harness);
  storeProperties(harness);
}
