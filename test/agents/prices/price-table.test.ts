// The price table: which row holds, and that its data are what they should be.
import { describe, expect, it } from "vitest";
import { costMaxOf, costOf, isPeak } from "../../../src/agents/prices/cost.ts";
import { createPriceTable, type PriceRow } from "../../../src/agents/prices/price-table.ts";
import builtIn from "../../../src/agents/prices/prices.json" with { type: "json" };
import { US_PER_MS } from "../../../src/domain/time.ts";

const at = (iso: string): number => Date.parse(iso) * US_PER_MS;
const NOW = at("2026-11-22T12:00:00Z");
const prices = createPriceTable();
const find = (vendor: string, model: string, time = NOW): PriceRow => {
  const row = prices.find(vendor, model, time);
  if (row === undefined) throw new Error(`no price for ${model}`);
  return row;
};
const MILLION = { input: 1_000_000, cacheRead: 0, cacheWrite: 0, output: 1_000_000, reasoning: 0 };
const usd = (vendor: string, model: string, time = NOW): number => {
  const row = find(vendor, model, time);
  return costOf({ ...MILLION, input: 1_000, output: 1_000 }, { row, peaks: prices.peaksOf(row), at: time }) / 1_000_000;
};

describe("rows", () => {
  it("are found by id, by alias and under a dated id", () => {
    expect(find("anthropic", "claude-haiku-4-5-20251001").model).toBe("claude-haiku-4-5");
    expect(find("openai", "gpt-4.1-2025-04-14").model).toBe("gpt-4.1");
    expect(find("deepseek", "deepseek-v4-flash").model).toBe("deepseek-flash");
    expect(prices.find("anthropic", "claude-unheard-of", NOW)).toBeUndefined();
    expect(prices.find("google", "claude-haiku-4-5", NOW)).toBeUndefined();
  });

  it("follow the vendors' price lists (dollars for a thousand tokens in and out)", () => {
    expect(usd("anthropic", "claude-sonnet-5-5")).toBe(12);
    expect(usd("anthropic", "claude-opus-5-5")).toBe(24);
    expect(usd("google", "gemini-3.8-flash")).toBe(4.5);
    expect(usd("openai", "gpt-6.1-sol")).toBe(12);
  });

  it.each(["gemini-4-argon", "gemini-4-carbon"])("%s doubles at the start of December 2026", (model) => {
    expect(usd("google", model, at("2026-11-30T23:59:59.999Z"))).toBe(12);
    expect(usd("google", model, at("2026-12-01T00:00:00Z"))).toBe(24);
  });

  it("never overlap for one model, so that the order of rows says nothing", () => {
    for (const row of builtIn.rows) {
      const others = builtIn.rows.filter(
        (other) => other !== row && other.vendor === row.vendor && other.model === row.model,
      );
      for (const other of others) {
        const { valid_from: from = "", valid_until: until = "9" } = row as Partial<PriceRow>;
        const { valid_from: otherFrom = "", valid_until: otherUntil = "9" } = other as Partial<PriceRow>;
        expect(until <= otherFrom || otherUntil <= from).toBe(true);
      }
    }
  });

  it("all have a source, a date, and a cache that is never dearer to read than input", () => {
    for (const { source, as_of, price } of builtIn.rows) {
      expect(source).not.toBe("");
      expect(as_of <= builtIn.as_of).toBe(true);
      expect("cache_read" in price ? price.cache_read : 0).toBeLessThanOrEqual(price.input);
    }
  });
});

describe("the user's own rows", () => {
  const own = {
    vendor: "anthropic",
    model: "claude-opus-5-5",
    source: "contract",
    as_of: "2026-11-01",
    price: { input: 1, output: 2 },
  };

  it("stand before ours and change the digest", () => {
    const table = createPriceTable([own]);
    expect(table.find("anthropic", "claude-opus-5-5", NOW)?.source).toBe("contract");
    expect(table.find("anthropic", "claude-haiku-5-5", NOW)).toEqual(find("anthropic", "claude-haiku-5-5"));
    expect(table.digest).not.toBe(prices.digest);
    expect(createPriceTable().digest).toBe(prices.digest);
  });

  it.each([{}, { ...own, price: { input: -1, output: 2 } }, { ...own, typo: 1 }, { ...own, peak: "lunar" }])(
    "are refused when they are wrong (%#)",
    (row) => {
      expect(() => createPriceTable([row])).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    },
  );
});

describe("tiers, caches and peaks", () => {
  const haiku = find("anthropic", "claude-haiku-5-5");
  const costAt = (row: PriceRow, usage: Partial<typeof MILLION>, time = NOW) =>
    costOf({ ...MILLION, input: 0, output: 0, ...usage }, { row, peaks: prices.peaksOf(row), at: time });

  it("prices all tokens by the size of the whole prompt, cached or not", () => {
    expect(costAt(haiku, { input: 100_000 })).toBe(10_000_000);
    expect(costAt(haiku, { input: 100_001 })).toBe(50_000_500);
    expect(costAt(haiku, { input: 1, cacheRead: 100_000 })).toBe(500 + 5_000_000);
    expect(costAt(find("openai", "gpt-6.1-sol"), { input: 272_001 })).toBe(272_001 * 4_000);
    expect(costAt(find("google", "gemini-2.5-pro"), { input: 200_000 })).toBe(250_000_000);
  });

  it("reserves by the dearest tier on the way, also where more costs less", () => {
    const row = {
      vendor: "v",
      model: "m",
      source: "s",
      as_of: "2026-11-01",
      price: { input: 4, output: 4 },
      tiers: [
        { prompt_tokens_above: 100, price: { input: 1, output: 1 } },
        { prompt_tokens_above: 50, price: { input: 2, output: 2 } },
      ],
    };
    expect(costAt(row, { input: 101 })).toBe(101_000);
    expect(costAt(row, { input: 60 })).toBe(120_000);
    expect(costMaxOf(101, 0, row)).toBe(404_000);
  });

  it("prices what the cache gave and took, for five minutes or an hour", () => {
    const opus = find("anthropic", "claude-opus-5-5");
    expect(costAt(opus, { cacheRead: 1_000, cacheWrite: 1_000 })).toBe(200_000 + 5_000_000);
    const hour = costOf(
      { ...MILLION, input: 0, output: 0, cacheWrite: 1_000 },
      { row: opus, peaks: undefined, at: NOW, cacheTtl: "1h" },
    );
    expect(hour).toBe(8_000_000);
    // No request asks for an hour, so none is reserved for.
    expect(costMaxOf(1_000, 0, opus)).toBe(5_000_000);
    const hydrogen = find("google", "gemini-4-hydrogen");
    expect(costAt(hydrogen, { cacheRead: 1_000 })).toBe(costAt(hydrogen, { input: 1_000 }));
    const plain = costOf(
      { ...MILLION, input: 0, output: 0, cacheWrite: 1_000 },
      { row: hydrogen, peaks: undefined, at: NOW, cacheTtl: "1h" },
    );
    expect(plain).toBe(1_500_000);
  });

  it("knows DeepSeek's peaks to the minute, and no weekends", () => {
    const peaks = prices.peaksOf(find("deepseek", "deepseek-flash"));
    if (peaks === undefined) throw new Error("no peaks");
    const monday = (time: string) => isPeak(peaks, at(`2026-11-23T${time}Z`));
    expect(["00:59:59.999", "04:00:00", "05:59:59", "10:00:00", "20:00:00"].map(monday)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(["01:00:00", "03:59:59.999", "06:00:00", "09:59:59.999"].map(monday)).toEqual([true, true, true, true]);
    expect(isPeak(peaks, at("2026-11-22T02:00:00Z"))).toBe(false);
    expect(isPeak(peaks, at("2026-11-28T07:00:00Z"))).toBe(false);
    const row = find("deepseek", "deepseek-v4-pro");
    expect(costAt(row, { output: 1_000 }, at("2026-11-23T02:00:00Z"))).toBe(3_960_000);
    expect(costAt(row, { output: 1_000 }, at("2026-11-22T02:00:00Z"))).toBe(1_980_000);
    expect(costMaxOf(0, 1_000, row)).toBe(3_960_000);
  });
});
