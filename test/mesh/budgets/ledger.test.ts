// Costs by agent, vendor, model, conversation and day; simulated apart.
import { describe, expect, it } from "vitest";
import type { Route } from "../../../src/domain/agent-card.ts";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { createJournal } from "../../../src/journal/create-journal.ts";
import { createCostsProjection } from "../../../src/mesh/budgets/costs-projection.ts";
import { createLedger } from "../../../src/mesh/budgets/ledger.ts";
import { createIdSource } from "../../../src/platform/ids.ts";
import { createSeededRandom } from "../../../src/platform/random.ts";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";
import { createSqliteStore } from "../../../src/storage/sqlite/sqlite-store.ts";

const DAY_US = 86_400_000_000;
const FIRST_DAY_US = 20_000 * DAY_US;
const OPUS: Route = { vendor: "north", model: "opus" };
const FLASH: Route = { vendor: "south", model: "flash" };

interface Spent {
  readonly agent: string;
  readonly route: Route;
  readonly costNanoUsd: number;
  readonly conversation?: string;
  readonly day?: number;
  readonly simulated?: boolean;
  readonly estimated?: boolean;
}

async function setUp() {
  const clock = createVirtualClock(FIRST_DAY_US);
  const ids = createIdSource(clock, createSeededRandom(1));
  const store = await createSqliteStore({ path: ":memory:", clock });
  const journal = await createJournal({ store, ids, clock, projections: [createCostsProjection()] });
  const conversations = new Map<string, string>();
  let today = 0;

  async function spend({ agent, route, costNanoUsd, conversation = "one", day = 0, ...marks }: Spent) {
    const stream = conversations.get(conversation) ?? ids.next();
    conversations.set(conversation, stream);
    if (day > today) await clock.advance(((day - today) * DAY_US) / 1_000);
    today = Math.max(day, today);
    await journal.append({
      stream,
      simulated: marks.simulated ?? false,
      decide: () => ({
        events: [
          {
            kind: "attempt.settled",
            actor: agent,
            data: {
              attemptId: ids.next(),
              turnId: ids.next(),
              agent,
              route,
              outcome: "succeeded",
              usage: { ...NO_USAGE, input: 10, output: 5 },
              usageEstimated: marks.estimated ?? false,
              costNanoUsd,
              timings: { totalUs: 1, gapCounts: [] },
            },
          },
        ],
        result: undefined,
      }),
    });
    return stream;
  }
  return { journal, spend, ledger: createLedger(journal), close: () => store.close() };
}

const amounts = (rows: readonly { readonly name: string; readonly costNanoUsd: number }[]) =>
  rows.map(({ name, costNanoUsd }) => [name, costNanoUsd]);

describe("ledger", () => {
  it("sums by agent, vendor and model, dearest first", async () => {
    const { spend, ledger, close } = await setUp();
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 5 });
    await spend({ agent: "bob", route: FLASH, costNanoUsd: 30, estimated: true });
    await spend({ agent: "ann", route: FLASH, costNanoUsd: 7, conversation: "two", day: 1 });
    expect(amounts(await ledger.rows({ by: "agent", simulated: false }))).toEqual([
      ["bob", 30],
      ["ann", 12],
    ]);
    expect(amounts(await ledger.rows({ by: "vendor", simulated: false }))).toEqual([
      ["south", 37],
      ["north", 5],
    ]);
    const models = await ledger.rows({ by: "model", simulated: false });
    expect(models[0]).toEqual({
      name: "south/flash",
      attempts: 2,
      attemptsEstimated: 1,
      usage: { ...NO_USAGE, input: 20, output: 10 },
      costNanoUsd: 37,
    });
    await close();
  });

  it("sums by day in order, and by conversation, within whole days", async () => {
    const { spend, ledger, close } = await setUp();
    const one = await spend({ agent: "ann", route: OPUS, costNanoUsd: 9 });
    const two = await spend({ agent: "ann", route: OPUS, costNanoUsd: 2, conversation: "two", day: 1 });
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 4, day: 2 });
    expect((await ledger.rows({ by: "day", simulated: false })).map(({ costNanoUsd }) => costNanoUsd)).toEqual([
      9, 2, 4,
    ]);
    const middle = { fromUs: FIRST_DAY_US + DAY_US, toUs: FIRST_DAY_US + DAY_US };
    expect(amounts(await ledger.rows({ by: "day", simulated: false, ...middle }))).toEqual([["2024-10-05", 2]]);
    expect(amounts(await ledger.rows({ by: "conversation", simulated: false }))).toEqual([
      [one, 13],
      [two, 2],
    ]);
    await close();
  });

  it("sums one conversation by whatever is asked", async () => {
    const { spend, ledger, close } = await setUp();
    const conversationId = await spend({ agent: "ann", route: OPUS, costNanoUsd: 9 });
    await spend({ agent: "bob", route: FLASH, costNanoUsd: 9 });
    await spend({ agent: "bob", route: FLASH, costNanoUsd: 100, conversation: "two" });
    const by = async (grouping: "agent" | "conversation" | "day") =>
      amounts(await ledger.rows({ by: grouping, simulated: false, conversationId }));
    expect(await by("agent")).toEqual([
      ["ann", 9],
      ["bob", 9],
    ]);
    expect(await by("conversation")).toEqual([[conversationId, 18]]);
    expect(await by("day")).toEqual([["2024-10-04", 18]]);
    await close();
  });

  it("never mixes simulated spend with money", async () => {
    const { spend, ledger, close } = await setUp();
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 9 });
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 50, conversation: "two", simulated: true });
    expect(amounts(await ledger.rows({ by: "agent", simulated: false }))).toEqual([["ann", 9]]);
    expect(amounts(await ledger.rows({ by: "agent", simulated: true }))).toEqual([["ann", 50]]);
    await close();
  });

  it("leaves out no row, however many a day has", async () => {
    const projection = createCostsProjection();
    const rows = new Map<string, Parameters<Parameters<typeof projection.apply>[1]["put"]>[1]>();
    const writer = {
      get: (_collection: string, key: string) => rows.get(key),
      list: () => [],
      put: (_collection: string, document: typeof rows extends Map<string, infer D> ? D : never) =>
        void rows.set(document.key, document),
      delete: () => undefined,
    };
    for (let count = 0; count < 3_500; count++) {
      const atUs = FIRST_DAY_US + (count < 300 ? 0 : count < 3_300 ? 1 : 2) * DAY_US;
      const data = { agent: `agent-${count}`, route: OPUS, usage: NO_USAGE, usageEstimated: false, costNanoUsd: 1 };
      projection.apply(
        { kind: "attempt.settled", stream: "c", atUs, simulated: false, data } as unknown as JournalEvent,
        writer,
      );
    }
    const documents = async (_collection: string, query: { group: string; orderMin?: number; limit: number }) =>
      [...rows.values()]
        .filter(({ group, order }) => group === query.group && order >= (query.orderMin ?? 0))
        .sort((a, b) => a.order - b.order)
        .slice(0, query.limit);
    const found = await createLedger({ documents }).rows({ by: "agent", simulated: false });
    expect(found).toHaveLength(3_500);
    expect(found.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(3_500);
  });
});
