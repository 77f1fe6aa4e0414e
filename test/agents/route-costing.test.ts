// What a route costs: reservations are never below what is settled.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AgentRequest } from "../../src/agents/agent.ts";
import { createPriceTable } from "../../src/agents/prices/price-table.ts";
import builtIn from "../../src/agents/prices/prices.json" with { type: "json" };
import { createRouteCosting } from "../../src/agents/route-costing.ts";
import { createTokenCounter, roughTokens } from "../../src/agents/tokens/token-count.ts";
import { createTokenEstimator } from "../../src/agents/tokens/token-estimate.ts";
import { VENDORS } from "../../src/agents/vendors/list.ts";
import { vendorTable } from "../../src/agents/vendors/vendor.ts";
import { US_PER_MS } from "../../src/domain/time.ts";
import { promptTokens, type TokenUsage } from "../../src/domain/usage.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { requestFor } from "./model-agent-bench.ts";

const vendors = vendorTable(VENDORS);
const prices = createPriceTable();
const at = (iso: string): number => Date.parse(iso) * US_PER_MS;

const NOON = at("2026-11-22T12:00:00Z");

function costingOf(vendorName: string, model: string, { startUs = NOON, table = prices } = {}) {
  const vendor = vendors.get(vendorName);
  if (vendor === undefined) throw new Error(vendorName);
  const clock = createVirtualClock(startUs);
  const estimator = createTokenEstimator(createTokenCounter(async () => roughTokens));
  return {
    clock,
    costing: createRouteCosting({ route: { vendor: vendorName, model }, vendor, prices: table, estimator, clock }),
  };
}

const ROUTES = builtIn.rows.filter((row) => vendors.has(row.vendor)).map((row) => [row.vendor, row.model] as const);
const count = fc.integer({ min: 0, max: 1_100_000 });
const usages = fc
  .record({ input: count, cacheRead: count, cacheWrite: count, output: fc.integer({ min: 0, max: 400_000 }) })
  .map((usage): TokenUsage => ({ ...usage, reasoning: 0 }));
/** Any moment around the known changes of price, and any hour of a week. */
const moments = fc
  .integer({ min: at("2026-11-20T00:00:00Z") / 1e6, max: at("2026-12-05T00:00:00Z") / 1e6 })
  .map((seconds) => seconds * 1e6);

describe("costs", () => {
  it("what is settled is never above what was reserved, at any time, for any model", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ROUTES),
        usages,
        fc.tuple(moments, fc.integer({ min: 0, max: 3_000 })),
        ([vendor, model], usage, [startUs, laterSeconds]) => {
          const { costing, clock } = costingOf(vendor, model, { startUs });
          const reserved = costing.costMaxNanoUsd(promptTokens(usage), usage.output);
          const settled = costingOf(vendor, model, {
            startUs: clock.nowUs() + laterSeconds * 1_000_000,
          }).costing.costNanoUsd(usage);
          if (reserved === undefined || settled === undefined) throw new Error(`${model} has no price`);
          expect(Number.isInteger(settled)).toBe(true);
          expect(settled).toBeLessThanOrEqual(reserved);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("more tokens never cost less", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ROUTES),
        usages,
        fc.constantFrom("input", "cacheRead", "cacheWrite", "output"),
        ([vendor, model], usage, field) => {
          const { costing } = costingOf(vendor, model);
          const more = { ...usage, [field]: usage[field as "input"] + 1 };
          expect(costing.costNanoUsd(more)).toBeGreaterThanOrEqual(costing.costNanoUsd(usage) ?? 0);
          expect(costing.costMaxNanoUsd(usage.input + 1, usage.output)).toBeGreaterThanOrEqual(
            costing.costMaxNanoUsd(usage.input, usage.output) ?? 0,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("reserves by the next price when the call may end under it", () => {
    const before = costingOf("google", "gemini-4-argon", {
      startUs: at("2026-11-30T22:30:00Z"),
    }).costing.costMaxNanoUsd(1_000, 1_000);
    const near = costingOf("google", "gemini-4-argon", { startUs: at("2026-11-30T23:30:00Z") }).costing.costMaxNanoUsd(
      1_000,
      1_000,
    );
    expect([before, near]).toEqual([12_000_000, 24_000_000]);
  });

  it("charges by the price at which the call began, though it ended under the next", async () => {
    const { costing, clock } = costingOf("google", "gemini-4-argon", { startUs: at("2026-11-30T23:59:00Z") });
    const usage = { input: 1_000, cacheRead: 0, cacheWrite: 0, output: 1_000, reasoning: 0 };
    const [startedAtUs, before] = [clock.nowUs(), costing.costNanoUsd(usage)];
    await clock.advance(120_000);
    expect(costing.costNanoUsd(usage)).toBe(2 * (before ?? 0));
    expect(costing.costNanoUsd(usage, startedAtUs)).toBe(before);
  });

  it("knows no price for what nobody priced, before or after its dates", () => {
    expect(costingOf("anthropic", "claude-unheard-of").costing.costMaxNanoUsd(1, 1)).toBeUndefined();
    expect(
      costingOf("anthropic", "claude-unheard-of").costing.costNanoUsd({
        input: 1,
        cacheRead: 0,
        cacheWrite: 0,
        output: 1,
        reasoning: 0,
      }),
    ).toBeUndefined();
    expect(
      costingOf("deepseek", "deepseek-flash", { startUs: at("2026-08-01T00:00:00Z") }).costing.costMaxNanoUsd(1, 1),
    ).toBeUndefined();
  });

  it("charges nothing for a server of one's own, unless told to", () => {
    expect(costingOf("openai-compatible", "llama-3").costing.costMaxNanoUsd(1_000_000, 1_000)).toBe(0);
    const own = {
      vendor: "openai-compatible",
      model: "llama-3",
      source: "power bill",
      as_of: "2026-11-01",
      price: { input: 0.1, output: 0.2 },
    };
    expect(
      costingOf("openai-compatible", "llama-3", { table: createPriceTable([own]) }).costing.costMaxNanoUsd(
        1_000,
        1_000,
      ),
    ).toBe(300_000);
    expect(costingOf("deepseek-anthropic", "deepseek-flash").costing.costMaxNanoUsd(0, 1_000)).toBe(1_200_000);
  });

  it("tells its wire, window and what decided it", () => {
    const { costing } = costingOf("anthropic", "claude-haiku-4-5");
    expect(costing).toMatchObject({
      wire: "anthropic-messages",
      contextTokensMax: 200_000,
      hashes: { prices: prices.digest },
    });
    expect(costing.hashes.policy).not.toBe(costingOf("anthropic", "claude-opus-5-5").costing.hashes.policy);
  });
});

describe("estimates", () => {
  const request = (more: Partial<AgentRequest> = {}) =>
    requestFor({ vendor: "anthropic", model: "claude-opus-5-5" }, more);
  const usage = (input: number): TokenUsage => ({ input, cacheRead: 0, cacheWrite: 0, output: 5, reasoning: 0 });

  it("grow with everything that is sent", () => {
    const { costing } = costingOf("anthropic", "claude-opus-5-5");
    const base = costing.estimateInputTokens(request());
    const call = { type: "tool-call", callId: "c", tool: "look", input: { at: "x".repeat(400) } } as const;
    const result = { type: "tool-result", callId: "c", tool: "look", output: "y".repeat(400), isError: false } as const;
    const attachment = { type: "attachment", name: "a", mediaType: "text/plain", text: "z ".repeat(400) } as const;
    const said = { type: "text", text: "hello" } as const;
    const larger: Partial<AgentRequest>[] = [
      { system: "Be brief. ".repeat(20) },
      {
        history: [
          { role: "user", parts: [said, attachment, { type: "data", schemaName: "d", value: "w".repeat(99) }] },
        ],
      },
      { history: [...request().history, { role: "assistant", parts: [call] }, { role: "user", parts: [result] }] },
      {
        history: [
          ...request().history,
          { role: "assistant", parts: [said], opaque: { signature: "s".repeat(400) } },
          { role: "user", parts: [said] },
        ],
      },
      { tools: [{ name: "look", description: "Looks around. ".repeat(9), inputSchema: {} }] },
      { answerFormat: { name: "a", schema: { description: "long ".repeat(40) } } },
    ];
    for (const more of larger) expect(costing.estimateInputTokens(request(more))).toBeGreaterThan(base);
    const reasoning = {
      history: [
        {
          role: "user" as const,
          parts: [...(request().history[0]?.parts ?? []), { type: "reasoning" as const, text: "r".repeat(400) }],
        },
      ],
    };
    expect(costing.estimateInputTokens(request(reasoning))).toBe(base);
  });

  it("learn upwards at once, and never reserve less than the table says", () => {
    const { costing } = costingOf("anthropic", "claude-opus-5-5");
    const base = costing.estimateInputTokens(request());
    costing.calibrate(request(), usage(1));
    expect(costing.estimateInputTokens(request())).toBe(base);
    for (let call = 0; call < 30; call++) costing.calibrate(request(), usage(base * 2));
    const learned = costing.estimateInputTokens(request());
    expect(learned).toBeGreaterThan(base * 1.9);
    costing.calibrate(request(), usage(0));
    expect(costing.estimateInputTokens(request())).toBe(learned);
    for (let call = 0; call < 60; call++) costing.calibrate(request(), usage(10_000_000));
    expect(costing.estimateInputTokens(request())).toBeLessThanOrEqual(base * 4 + 4);
  });

  it("learn for each model apart", () => {
    const estimator = createTokenEstimator(createTokenCounter(async () => roughTokens));
    const vendor = vendors.get("anthropic");
    if (vendor === undefined) throw new Error("anthropic");
    const clock = createVirtualClock();
    const of = (model: string) =>
      createRouteCosting({ route: { vendor: "anthropic", model }, vendor, prices, estimator, clock });
    const other = requestFor({ vendor: "anthropic", model: "claude-opus-5" });
    const before = of("claude-opus-5").estimateInputTokens(other);
    of("claude-opus-5-5").calibrate(request(), usage(100_000));
    expect(of("claude-opus-5").estimateInputTokens(other)).toBe(before);
  });
});
