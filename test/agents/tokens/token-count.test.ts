// Token counts offline: the real vocabulary, the rule of thumb before it is
// loaded, and texts that try to be more than text.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createTokenCounter,
  FAMILY_FACTORS,
  PIECE_CHARS_MAX,
  roughTokens,
} from "../../../src/agents/tokens/token-count.ts";
import { createSeededRandom } from "../../../src/platform/random.ts";

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
    let chars = 0;
    const counter = createTokenCounter(async () => (text) => {
      calls += 1;
      chars += text.length;
      return text.length * 2;
    });
    await counter.load();
    const long = "x".repeat(1_000_000);
    expect(counter.count(long, "mistral")).toBe(Math.ceil(2_000_000 * FAMILY_FACTORS.mistral));
    expect(chars).toBe(100_000);
    const callsForSample = calls;
    counter.count(long, "mistral");
    expect(calls).toBe(callsForSample);
    for (let index = 0; index < 300; index++) counter.count(`${index}`.padEnd(500, "y"), "mistral");
    counter.count(long, "mistral");
    expect(calls).toBe(2 * callsForSample + 300);
  });

  it("cuts a text into pieces of bounded length, which make the text again", async () => {
    const units = fc.constantFrom("word ", " ", "字", "\u{1f600}", "\n", "letters".repeat(40), " ".repeat(300));
    await fc.assert(
      fc.asyncProperty(fc.array(units, { minLength: 1, maxLength: 60 }), async (bits) => {
        const text = bits.join("");
        const pieces: string[] = [];
        const counter = createTokenCounter(async () => (piece) => {
          pieces.push(piece);
          return 1;
        });
        await counter.load();
        counter.count(text, "gpt");
        expect(pieces.join("")).toBe(text);
        for (const piece of pieces) {
          expect(piece.length).toBeLessThanOrEqual(PIECE_CHARS_MAX);
          expect(piece.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it("counts prose in pieces as it would at once, and a run without blanks with a token a piece more at most", async () => {
    const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
    const counter = createTokenCounter();
    await counter.load();
    const factor = FAMILY_FACTORS.gpt;
    const prose = ENGLISH.repeat(20);
    expect(counter.count(prose, "gpt")).toBe(Math.ceil(countTokens(prose) * factor));
    const random = createSeededRandom(7);
    const letters = Array.from({ length: 3_000 }, () => String.fromCharCode(97 + random.integer(26))).join("");
    const whole = countTokens(letters);
    const counted = counter.count(letters, "gpt") / factor;
    expect(counted).toBeGreaterThan(whole - 2);
    expect(counted).toBeLessThan(whole + 3_000 / PIECE_CHARS_MAX + 2);
  });

  it("asks the tokenizer for work that grows with the text, also without a single blank", async () => {
    // Merging pairs takes the square of a run's length; a run here is a piece.
    const workOn = async (text: string): Promise<number> => {
      let work = 0;
      const counter = createTokenCounter(async () => (piece) => {
        work += piece.length ** 2;
        return 1;
      });
      await counter.load();
      counter.count(text, "gpt");
      return work;
    };
    for (const unit of ["x", "字", "\u{1f600}", "\n", "x".repeat(600)]) {
      const few = unit.repeat(6_000 / unit.length);
      expect(await workOn(few.repeat(16))).toBeLessThan(20 * (await workOn(few)));
    }
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
