// What the costs projection keeps: a row by day and route, a row by conversation, simulated apart.
import { describe, expect, it } from "vitest";
import type { Route } from "../../../src/domain/agent-card.ts";
import type { NewJournalEvent } from "../../../src/domain/journal-event.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { createJournal } from "../../../src/journal/create-journal.ts";
import {
  CONVERSATIONS_GROUP,
  COSTS,
  type CostCell,
  createCostsProjection,
  DAYS_GROUP,
} from "../../../src/mesh/budgets/costs-projection.ts";
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
  async function cells(group: string): Promise<CostCell[]> {
    const documents = await journal.documents(COSTS, { group, limit: 100 });
    return documents.map(({ value }) => value as CostCell);
  }
  return { journal, clock, spend, cells, close: () => store.close() };
}

describe("costs projection", () => {
  it("sums each route of a day, and each conversation over its days", async () => {
    const { spend, cells, close } = await setUp();
    const one = await spend({ agent: "ann", route: OPUS, costNanoUsd: 5 });
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 7, estimated: true });
    await spend({ agent: "bob", route: FLASH, costNanoUsd: 1 });
    const two = await spend({ agent: "ann", route: OPUS, costNanoUsd: 2, conversation: "two", day: 1 });
    await spend({ agent: "bob", route: FLASH, costNanoUsd: 3, conversation: "one", day: 1 });

    const days = await cells(DAYS_GROUP);
    expect(
      days.map(({ day, agent, vendor, model, attempts, costNanoUsd }) => [
        day,
        agent,
        vendor,
        model,
        attempts,
        costNanoUsd,
      ]),
    ).toEqual([
      ["2024-10-04", "ann", "north", "opus", 2, 12],
      ["2024-10-04", "bob", "south", "flash", 1, 1],
      ["2024-10-05", "ann", "north", "opus", 1, 2],
      ["2024-10-05", "bob", "south", "flash", 1, 3],
    ]);
    expect(days[0]).toMatchObject({ attemptsEstimated: 1, usage: { input: 20, output: 10 } });
    expect(
      (await cells(CONVERSATIONS_GROUP)).map(({ conversationId, day, costNanoUsd }) => [
        conversationId,
        day,
        costNanoUsd,
      ]),
    ).toEqual([
      [one, "2024-10-04", 16],
      [two, "2024-10-05", 2],
    ]);
    await close();
  });

  it("never adds simulated money to real money", async () => {
    const { spend, cells, close } = await setUp();
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 9 });
    await spend({ agent: "ann", route: OPUS, costNanoUsd: 50, conversation: "play", simulated: true });
    const sums = (await cells(DAYS_GROUP)).map(({ simulated, costNanoUsd }) => [simulated, costNanoUsd]);
    expect(sums.toSorted()).toEqual([
      [false, 9],
      [true, 50],
    ]);
    await close();
  });

  it("counts an attempt on the day on which it began, as the budgets do", async () => {
    const { journal, clock, cells, close } = await setUp();
    const ids = createIdSource(clock, createSeededRandom(2));
    const [stream, attemptId, turnId] = [ids.next(), ids.next(), ids.next()];
    const both = { attemptId, turnId, agent: "ann", route: OPUS };
    const write = (event: NewJournalEvent) =>
      journal.append({ stream, decide: () => ({ events: [event], result: undefined }) });
    await write({
      kind: "attempt.started",
      actor: "ann",
      data: {
        ...both,
        step: 0,
        attempt: 1,
        wire: "w",
        reservedNanoUsd: 9,
        inputTokensEstimated: 1,
        outputTokensMax: 1,
        context: { ranges: [], except: [] },
        hashes: { config: "c", prices: "p", policy: "p" },
      },
    });
    await clock.advance(DAY_US / 1_000);
    const timings = { totalUs: 1, gapCounts: [] };
    const settled = { outcome: "succeeded", usage: NO_USAGE, usageEstimated: false, costNanoUsd: 7, timings } as const;
    await write({ kind: "attempt.settled", actor: "ann", data: { ...both, ...settled } });
    expect((await cells(DAYS_GROUP)).map(({ day, costNanoUsd }) => [day, costNanoUsd])).toEqual([["2024-10-04", 7]]);
    expect((await cells(CONVERSATIONS_GROUP)).map(({ day }) => day)).toEqual(["2024-10-04"]);
    expect(await journal.documents("costs_open_attempts", { group: stream, limit: 10 })).toEqual([]);
    await close();
  });

  it("rebuilt, it says the same", async () => {
    const { journal, spend, cells, close } = await setUp();
    for (const costNanoUsd of [3, 1, 4]) await spend({ agent: "ann", route: FLASH, costNanoUsd });
    const before = [await cells(DAYS_GROUP), await cells(CONVERSATIONS_GROUP)];
    await journal.rebuild("costs");
    expect([await cells(DAYS_GROUP), await cells(CONVERSATIONS_GROUP)]).toEqual(before);
    await close();
  });
});
