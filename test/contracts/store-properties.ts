// What holds of a store for every history: property tests against a model in memory.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store, StoredDocument, StoreTransaction } from "../../src/storage/store.ts";
import { verifies } from "../requirements.ts";
import { sampleEvent } from "./sample-events.ts";
import type { StoreHarness } from "./store-harness.ts";
import { type ModelledStore, storeCommands } from "./store-model.ts";

/** One write of a transaction, or the point at which it gives up. */
type Step =
  | { readonly do: "event"; readonly stream: string }
  | { readonly do: "put"; readonly key: string; readonly group: string }
  | { readonly do: "delete"; readonly key: string }
  | { readonly do: "refuse" };

const STREAMS = ["s1", "s2", "s3"];
const KEYS = ["k1", "k2", "k3", "k4"];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("event" as const), stream: fc.constantFrom(...STREAMS) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      key: fc.constantFrom(...KEYS),
      group: fc.constantFrom("g", "h"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key: fc.constantFrom(...KEYS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const) }) },
);

/** Turns of the event loop, each with the transactions that are asked for in it. */
const history = fc.array(fc.array(fc.array(step, { maxLength: 5 }), { minLength: 1, maxLength: 6 }), { maxLength: 6 });

export function storeProperties(harness: StoreHarness): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    const home = await harness.createHome();
    const store = await home.open(createVirtualClock());
    try {
      await work(store);
    } finally {
      await store.close();
      await home.dispose();
    }
  }

  describe(`store properties: ${harness.name}`, () => {
    it("whatever is refused, exactly the accepted transactions are there, in order, without gaps", async () => {
      verifies("R7.4", "R7.3");
      await fc.assert(
        fc.asyncProperty(history, (turns) =>
          withStore(async (store) => {
            const expected = createExpectation();
            for (const [turn, transactions] of turns.entries()) {
              const results = await Promise.allSettled(
                transactions.map((steps, index) =>
                  store.transact((transaction) => run(transaction, { steps, label: `${turn}/${index}` })),
                ),
              );
              for (const [index, steps] of transactions.entries()) {
                const isRefused = steps.some((one) => one.do === "refuse");
                expect(results[index]?.status).toBe(isRefused ? "rejected" : "fulfilled");
                if (!isRefused) expected.apply(steps, `${turn}/${index}`);
              }
            }
            await expected.check(store);
          }),
        ),
        { numRuns: 60 },
      );
    });

    it("behaves as its model does, command by command", async () => {
      verifies("R7.4");
      await fc.assert(
        fc.asyncProperty(storeCommands(harness.keepsData === true), async (commands) => {
          const clock = createVirtualClock();
          const home = await harness.createHome();
          const real = { home, clock, store: await home.open(clock) };
          try {
            await fc.asyncModelRun(() => ({ model: emptyModel(), real }), commands);
          } finally {
            await real.store.close();
            await home.dispose();
          }
        }),
        { numRuns: 40 },
      );
    });
  });
}

function emptyModel(): ModelledStore {
  return { events: [], documents: new Map(), bodies: new Map() };
}

interface Run {
  readonly steps: readonly Step[];
  readonly label: string;
}

function run(transaction: StoreTransaction, { steps, label }: Run): void {
  for (const [index, one] of steps.entries()) {
    if (one.do === "refuse") throw new Error("refused");
    if (one.do === "delete") transaction.deleteDocument("c", one.key);
    if (one.do === "put") transaction.putDocument("c", documentOf(one.key, one.group, `${label}/${index}`));
    if (one.do === "event") {
      const seq = transaction.lastSeq(one.stream) + 1;
      transaction.insertEvents([sampleEvent({ stream: one.stream, seq, label: `${label}/${index}` })]);
    }
  }
}

function documentOf(key: string, group: string, value: string): StoredDocument {
  return { key, group, order: value.length, value };
}

function createExpectation() {
  const log: { stream: string; seq: number; reason: string }[] = [];
  const seqs = new Map<string, number>();
  const documents = new Map<string, StoredDocument>();
  return {
    apply(steps: readonly Step[], label: string): void {
      for (const [index, one] of steps.entries()) {
        if (one.do === "delete") documents.delete(one.key);
        if (one.do === "put") documents.set(one.key, documentOf(one.key, one.group, `${label}/${index}`));
        if (one.do !== "event") continue;
        const seq = (seqs.get(one.stream) ?? 0) + 1;
        seqs.set(one.stream, seq);
        log.push({ stream: one.stream, seq, reason: `${label}/${index}` });
      }
    },
    async check(store: Store): Promise<void> {
      const events = await store.events({ after: 0, limit: 1_000 });
      expect(events).toMatchObject(
        log.map(({ stream, seq, reason }) => ({ stream, seq, id: sampleEvent({ stream, seq, label: reason }).id })),
      );
      expect(events).toHaveLength(log.length);
      for (const stream of STREAMS) {
        const own = await store.events({ stream, after: 0, limit: 1_000 });
        expect(own.map((event) => event.seq)).toEqual(own.map((_, index) => index + 1));
        expect(own).toEqual(events.filter((event) => event.stream === stream));
      }
      for (const key of KEYS) {
        expect(await store.read((reader) => reader.getDocument("c", key))).toEqual(documents.get(key));
      }
    },
  };
}
