// Costs: by whom, by what, when; simulated money apart.
import { describe, expect, it } from "vitest";
import { allDocuments } from "../../src/app/all-documents.ts";
import type { CostsDocument } from "../../src/app/polylogue.ts";
import type { DocumentQuery, StoredDocument } from "../../src/storage/store.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { KEYS, open, openSimulated, vendorNetwork } from "./open.ts";

const QUESTION = "Should there be one writer?";
const sumOf = ({ rows }: CostsDocument) => rows.reduce((sum, { costUsd }) => sum + costUsd, 0);

describe("costs", () => {
  it("agree with the conversations, however they are grouped, and keep simulated money apart", async () => {
    const home = temporaryFolder();
    const real = await open({ home, environment: KEYS, fetch: vendorNetwork().fetch });
    const simulated = await openSimulated({ home });
    const paid = await real.ask({ question: QUESTION, as: "gather" });
    const played = await simulated.ask({ question: QUESTION, as: "gather" });
    for (const by of ["agent", "vendor", "model", "conversation", "day"] as const) {
      const costs = await real.costs({ by });
      expect(costs).toMatchObject({ schema: "polylogue.costs/1", by, includesSimulated: false, reservedUsd: 0 });
      expect(costs.totalUsd).toBeCloseTo(paid.costUsd, 9);
      expect(sumOf(costs)).toBeCloseTo(paid.costUsd, 9);
      expect(costs.rows.every((row) => !row.simulated)).toBe(true);
      const all = await simulated.costs({ by, simulated: true });
      expect(all.totalUsd).toBeCloseTo(paid.costUsd + played.costUsd, 9);
      expect(all.rows.reduce((sum, { calls }) => sum + calls, 0)).toBe(6);
      expect(new Set(all.rows.map((row) => row.simulated))).toEqual(new Set([true, false]));
    }
    const { rows } = await real.costs({ simulated: true });
    expect(new Set(rows.map(({ key }) => key))).toEqual(new Set(["claude", "gemini", "deepseek"]));
    expect(rows.map(({ costUsd }) => costUsd)).toEqual(rows.map(({ costUsd }) => costUsd).sort((a, b) => b - a));
    expect(rows.every(({ tokens }) => tokens.output > 0)).toBe(true);
    const conversations = await real.costs({ by: "conversation", simulated: true });
    expect(new Set(conversations.rows.map(({ key }) => key))).toEqual(
      new Set([paid.conversationId, played.conversationId]),
    );
  });

  it("show the newest day first", async () => {
    const cell = (day: string, simulated: boolean) => ({
      simulated,
      day,
      attempts: 1,
      usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
      costNanoUsd: 1_000_000_000,
    });
    const { readCosts } = await import("../../src/app/costs.ts");
    const cells = [cell("2026-11-21", false), cell("2026-11-22", true), cell("2026-11-22", false)];
    const documents = async (collection: string) =>
      collection === "costs"
        ? cells.map((value, index) => ({ key: `${index}`, group: "days", order: index, value }))
        : [];
    const { rows, totalUsd } = await readCosts({ documents }, { by: "day", simulated: true });
    expect(rows.map(({ key, simulated }) => [key, simulated])).toEqual([
      ["2026-11-22", true],
      ["2026-11-22", false],
      ["2026-11-21", false],
    ]);
    expect(totalUsd).toBe(3);
  });

  it("show what is reserved while an attempt is under way", async () => {
    const polylogue = await openSimulated({ simulatedLatency: "lively" });
    const seen = Promise.withResolvers<CostsDocument>();
    const stop = new AbortController();
    await polylogue.ask({
      question: QUESTION,
      signal: stop.signal,
      onProgress: ({ type }) => {
        if (type !== "attempt-started" || stop.signal.aborted) return;
        stop.abort();
        polylogue.costs({ simulated: true }).then(seen.resolve, seen.reject);
      },
    });
    expect((await seen.promise).reservedUsd).toBeGreaterThan(0);
    expect((await polylogue.costs({ simulated: true })).reservedUsd).toBe(0);
  });
});

describe("all documents", () => {
  const stored = (orders: readonly number[]): StoredDocument[] =>
    orders.map((order, index) => ({ key: `k${index}`, group: "g", order, value: index }));
  const reader = (all: readonly StoredDocument[]) => ({
    documents: async (_collection: string, { limit, orderMin = 0 }: DocumentQuery) =>
      all.filter(({ order }) => order >= orderMin).slice(0, limit),
  });

  it("come each once, whatever the size of a page", async () => {
    const all = stored([1, 1, 2, 3, 3, 3, 4, 9]);
    for (const page of [4, 5, 8, 9, 100]) {
      expect(await allDocuments(reader(all), { collection: "c", group: "g", page })).toEqual(all);
    }
    expect(await allDocuments(reader([]), { collection: "c", group: "g" })).toEqual([]);
  });

  it("fail rather than leave some out", async () => {
    const all = stored([1, 3, 3, 3, 4]);
    await expect(allDocuments(reader(all), { collection: "c", group: "g", page: 2 })).rejects.toMatchObject({
      code: "INTERNAL",
    });
  });
});
