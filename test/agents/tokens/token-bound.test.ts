// The upper estimate of a prompt against the real vocabulary, over kinds of text
// and mixtures that try to hide their dense part.
import fc from "fast-check";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { beforeAll, describe, expect, it } from "vitest";
import type { AgentRequest } from "../../../src/agents/agent.ts";
import { policyOf } from "../../../src/agents/policy.ts";
import { tokensMaxOf } from "../../../src/agents/tokens/token-bound.ts";
import { createTokenCounter, FAMILY_FACTORS } from "../../../src/agents/tokens/token-count.ts";
import { createTokenEstimator } from "../../../src/agents/tokens/token-estimate.ts";
import { anthropic } from "../../../src/agents/vendors/anthropic.ts";
import { createSeededRandom, type Random } from "../../../src/platform/random.ts";
import { verifies } from "../../requirements.ts";

const counter = createTokenCounter();
beforeAll(() => counter.load());

const WORDS = "the writer keeps order of events and every reader follows it by position although nobody asked".split(
  " ",
);
const many = (length: number, one: () => string): string => Array.from({ length }, one).join("");
const pick = (random: Random, from: readonly string[]): string => from[random.integer(from.length)] as string;
/** The estimator's own, on top of what this bounds. */
const MARGIN = 1.3;
const ALPHABET = [..."abcdefghijklmnopqrstuvwxyz"];

/** Each makes about a thousand characters. */
const KINDS: Readonly<Record<string, (random: Random) => string>> = {
  prose: (random) => many(180, () => `${pick(random, WORDS)} `),
  hex: (random) => Buffer.from(random.bytes(500)).toString("hex"),
  base64: (random) => Buffer.from(random.bytes(750)).toString("base64"),
  cjk: (random) => many(1_000, () => String.fromCharCode(0x4e00 + random.integer(20_000))),
  emoji: (random) => many(500, () => String.fromCodePoint(0x1f300 + random.integer(700))),
  code: (random) => many(25, () => `  if (${pick(random, WORDS)} === ${random.integer(99)}) { return ["x"]; }\n`),
  nonsense: (random) => many(250, () => `${many(3, () => pick(random, ALPHABET))} `),
  digits: (random) => many(1_000, () => String(random.integer(10))),
  blank: () => " ".repeat(1_000),
};

/** A few pieces of each kind, counted once: dense text takes long to count. */
const POOL_SIZE = 4;
const tokens = new Map<string, number>();
const countOnce = (text: string): number => {
  const counted = tokens.get(text) ?? countTokens(text);
  tokens.set(text, counted);
  return counted;
};
const POOL = Object.fromEntries(
  Object.entries(KINDS).map(([name, make]) => {
    const random = createSeededRandom(name);
    return [name, Array.from({ length: POOL_SIZE }, () => make(random))];
  }),
);

interface Drawn {
  readonly text: string;
  /** Counted piece by piece, which is not less than as a whole. */
  readonly tokens: number;
}

function textOf(drawn: readonly (readonly [kind: string, count: number])[]): Drawn {
  const pieces = drawn.flatMap(([name, count]) =>
    Array.from({ length: count }, (_, index) => POOL[name]?.[index % POOL_SIZE] ?? ""),
  );
  return { text: pieces.join(""), tokens: pieces.reduce((sum, piece) => sum + countOnce(piece), 0) };
}

const kind = fc.constantFrom(...Object.keys(KINDS));
/** Runs of pieces, as `[kind, how many]`. */
const runs = fc.array(fc.tuple(kind, fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 6 });

function requestOf(text: string): AgentRequest {
  return {
    system: "",
    history: [{ role: "user", parts: [{ type: "text", text }] }],
    newTurns: 1,
    sessionKey: "s",
    route: { vendor: "anthropic", model: "claude-sonnet-5-5" },
    outputTokensMax: 1_000,
  };
}

describe("the upper estimate of a prompt", () => {
  const policy = policyOf(anthropic.policies, "claude-sonnet-5-5");

  it("holds for any kind of text and any mixture", () => {
    verifies("R7.4");
    const estimator = createTokenEstimator(counter);
    fc.assert(
      fc.property(runs, (drawn) => {
        const { text, tokens: real } = textOf(drawn);
        const factor = FAMILY_FACTORS["claude-new"];
        expect(estimator.promptMax(requestOf(text), policy)).toBeGreaterThanOrEqual(real * factor);
        expect(tokensMaxOf(text, countOnce) * MARGIN).toBeGreaterThanOrEqual(real);
      }),
      { numRuns: 12 },
    );
  });

  it.each([
    [
      "hex behind prose",
      [
        ["prose", 100],
        ["hex", 300],
      ],
    ],
    [
      "Chinese behind prose",
      [
        ["prose", 100],
        ["cjk", 40],
      ],
    ],
    [
      "words without sense among words",
      Array.from({ length: 60 }, () => [
        ["prose", 2],
        ["nonsense", 1],
      ]).flat(),
    ],
  ] as const)("holds for %s, without the margin too", (_name, drawn) => {
    const { text, tokens: real } = textOf(drawn as never);
    expect(tokensMaxOf(text, countOnce)).toBeGreaterThanOrEqual(real);
  });

  it("of plain prose is not far above the count", () => {
    const { text, tokens: real } = textOf([["prose", 300]]);
    expect(tokensMaxOf(text, countOnce)).toBeLessThan(1.5 * real);
  });

  it("of ten million characters is had quickly, and only once", () => {
    let chars = 0;
    const estimator = createTokenEstimator({
      count: (text) => {
        chars += text.length;
        return Math.ceil(text.length / 4);
      },
      load: async () => undefined,
    });
    const request = requestOf("The order of events. ".repeat(500_000));
    const first = estimator.promptMax(request, policy);
    expect(chars).toBeLessThan(100_000);
    const before = chars;
    expect(estimator.promptMax(request, policy)).toBe(first);
    expect(chars).toBe(before);
    for (let index = 0; index < 33; index++) estimator.promptMax(requestOf(`${index}`.padEnd(100_001, "x ")), policy);
    const filled = chars;
    estimator.promptMax(request, policy);
    expect(chars).toBeGreaterThan(filled);
  });
});
