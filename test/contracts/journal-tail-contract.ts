// Following a journal: nothing is skipped, nothing comes twice, and it ends when told to.
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import type { Journal, TailOptions } from "../../src/journal/journal.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store } from "../../src/storage/store.ts";
import { verifies } from "../requirements.ts";
import { notes, openJournal } from "./journal-fixture.ts";
import { reasonOf } from "./sample-events.ts";
import type { StoreHarness, StoreHome } from "./store-harness.ts";

interface Follower {
  readonly seen: JournalEvent[];
  readonly end: Promise<void>;
  stop(): void;
  /** Resolves when so many events were seen. */
  reached(count: number): Promise<void>;
}

export function follow(journal: Journal, options: Omit<TailOptions, "signal">): Follower {
  const controller = new AbortController();
  const seen: JournalEvent[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const run = async (): Promise<void> => {
    for await (const event of journal.tail({ ...options, signal: controller.signal })) {
      seen.push(event);
      for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
    }
  };
  return {
    seen,
    end: run(),
    stop: () => controller.abort(),
    reached: (count) =>
      new Promise((resolve) => {
        if (seen.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

export function tailContract(harness: StoreHarness): void {
  describe(`tail contract: ${harness.name}`, () => {
    let home: StoreHome;
    let clock: VirtualClock;
    let store: Store;
    let journal: Journal;

    beforeEach(async () => {
      clock = createVirtualClock();
      home = await harness.createHome();
      store = await home.open(clock);
      journal = await openJournal(store, clock);
    });
    afterEach(async () => {
      await store.close();
      await home.dispose();
    });
    const append = (stream: string, ...reasons: string[]) => journal.append({ stream, decide: notes(...reasons) });

    it("gives what is there, then what comes, from any place, of one stream or of all", async () => {
      await append("s", "1", "2");
      await append("t", "3");
      const all = follow(journal, { after: 0 });
      const late = follow(journal, { after: 2 });
      const one = follow(journal, { after: 1, stream: "s" });
      await append("s", "4");
      await append("t", "5");
      await Promise.all([all.reached(5), late.reached(3), one.reached(2)]);
      expect([all, late, one].map(({ seen }) => seen.map(reasonOf).join(""))).toEqual(["12345", "345", "24"]);
      for (const follower of [all, late, one]) {
        follower.stop();
        await follower.end;
      }
    });

    it("ends at once when it is told to: before, while it waits, and between two events", async () => {
      await append("s", "1", "2");
      const before = follow(journal, { after: 0 });
      before.stop();
      await before.end;
      const waiting = follow(journal, { after: 2 });
      await clock.advance(1);
      waiting.stop();
      await waiting.end;
      const controller = new AbortController();
      const seen: string[] = [];
      for await (const event of journal.tail({ after: 0, signal: controller.signal })) {
        seen.push(reasonOf(event));
        controller.abort();
      }
      expect([waiting.seen.length, seen]).toEqual([0, ["1"]]);
      const aborted = journal.tail({ after: 0, signal: AbortSignal.abort() });
      for await (const event of aborted) throw new Error(`came ${event.seq}`);
    });

    it("leaves no listener behind when its reader walks away", async () => {
      await append("s", "1");
      const { signal } = new AbortController();
      for await (const event of journal.tail({ after: 0, signal })) {
        expect(event.seq).toBe(1);
        break;
      }
      // A listener that is left would keep polling: then simulated time would never stand still.
      await expect(clock.run(new Promise(() => {}))).rejects.toThrow("stands still");
    });

    it("rests while nothing happens: it reads once for each time it is woken, not more", async () => {
      let reads = 0;
      const counted: Store = {
        ...store,
        events: (query) => {
          reads += 1;
          return store.events(query);
        },
      };
      const follower = follow(await openJournal(counted, clock), { after: 0 });
      await append("s", "1");
      await follower.reached(1);
      await clock.advance(10);
      const readsBefore = reads;
      await clock.advance(1_000);
      expect(reads).toBe(readsBefore);
      await append("s", "2");
      await follower.reached(2);
      await clock.advance(10);
      expect(reads).toBe(readsBefore + 1);
      follower.stop();
      await follower.end;
    });

    it("fails its reader, and does not hang, when the store is closed", async () => {
      const follower = follow(journal, { after: 0 });
      const failed = expect(follower.end).rejects.toMatchObject({ code: "STORE_CLOSED" });
      await store.close();
      await failed;
    });

    it("property: several followers from random places each see exactly the log after it", async () => {
      verifies("R7.4");
      const appended = fc.array(
        fc.record({ stream: fc.constantFrom("s", "t"), count: fc.integer({ min: 1, max: 4 }), pause: fc.boolean() }),
        { minLength: 1, maxLength: 12 },
      );
      const places = fc.array(fc.record({ after: fc.nat(8), stream: fc.constantFrom("s", "t", undefined) }), {
        minLength: 1,
        maxLength: 4,
      });
      await fc.assert(
        fc.asyncProperty(appended, places, async (appends, starts) => {
          const ownHome = await harness.createHome();
          const ownStore = await ownHome.open(createVirtualClock());
          const own = await openJournal(ownStore, createVirtualClock());
          const followers = starts.map(({ after, stream }) =>
            follow(own, { after, ...(stream === undefined ? {} : { stream }) }),
          );
          const writes: Promise<unknown>[] = [];
          for (const [index, { stream, count, pause }] of appends.entries()) {
            const reasons = Array.from({ length: count }, (_, number) => `${index}/${number}`);
            writes.push(own.append({ stream, decide: notes(...reasons) }));
            if (pause) await Promise.all(writes);
          }
          await Promise.all(writes);
          for (const [index, { after, stream }] of starts.entries()) {
            const log = await own.read({ after: 0, limit: 1_000 });
            const expected = log.filter((event) =>
              stream === undefined ? event.position > after : event.stream === stream && event.seq > after,
            );
            await followers[index]?.reached(expected.length);
            expect(followers[index]?.seen).toEqual(expected);
          }
          for (const follower of followers) follower.stop();
          await Promise.all(followers.map((follower) => follower.end));
          await ownStore.close();
          await ownHome.dispose();
        }),
        { numRuns: 30 },
      );
    });
  });
}
