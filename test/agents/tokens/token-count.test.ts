// Token counts offline: the real vocabulary, the rule of thumb before it is
// loaded, and texts that try to be more than text.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenCounter, FAMILY_FACTORS, roughTokens } from "../../../src/agents/tokens/token-count.ts";

const ENGLISH = "The quick brown fox jumps over the lazy dog, and nobody in the village was surprised by it. ".repeat(
  10,
);

describe("token counter", () => {
  it("counts by rule of thumb until the vocabulary is loaded, then exactly", async () => {
    const counter = createTokenCounter();
    const rough = counter.count(ENGLISH, "gpt");
    await counter.load();
    const exact = counter.count(ENGLISH, "gpt");
    expect(exact).toBe(Math.ceil(201 * FAMILY_FACTORS.gpt));
    expect(rough / exact).toBeGreaterThan(0.8);
    expect(rough / exact).toBeLessThan(1.5);
    expect(counter.count("<|endoftext|>", "gpt")).toBeGreaterThan(1);
    expect(counter.count("", "gpt")).toBe(0);
  });

  it("knows that newer Claude models make more tokens of the same text", () => {
    const counter = createTokenCounter(async () => roughTokens);
    expect(counter.count(ENGLISH, "claude-new")).toBeGreaterThan(counter.count(ENGLISH, "claude"));
  });

  it("goes on by rule of thumb when the vocabulary cannot be loaded, and loads once", async () => {
    let loads = 0;
    const counter = createTokenCounter(() => {
      loads += 1;
      return Promise.reject(new Error("no such file"));
    });
    await Promise.all([counter.load(), counter.load()]);
    expect(loads).toBe(1);
    expect(counter.count("abcd", "gpt")).toBe(2);
  });

  it("samples a very long text, and remembers what it counted", async () => {
    let calls = 0;
    let longest = 0;
    const counter = createTokenCounter(async () => (text) => {
      calls += 1;
      longest = Math.max(longest, text.length);
      return text.length / 5;
    });
    await counter.load();
    const long = "x".repeat(1_000_000);
    expect(counter.count(long, "mistral")).toBe(Math.ceil(200_000 * FAMILY_FACTORS.mistral));
    expect(longest).toBe(100_000);
    counter.count(long, "mistral");
    expect(calls).toBe(1);
    for (let index = 0; index < 300; index++) counter.count(`${index}`.padEnd(600, "y"), "mistral");
    counter.count(long, "mistral");
    expect(calls).toBe(302);
  });
});

describe("rule of thumb", () => {
  it("counts other scripts by their bytes", () => {
    expect(roughTokens("abcdefgh")).toBe(2);
    expect(roughTokens("素数")).toBe(3);
    expect(roughTokens("é")).toBe(1);
  });

  it("never counts less for more text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        expect(roughTokens(a + b)).toBeGreaterThanOrEqual(roughTokens(a));
      }),
    );
  });
});
