// Termination: each condition, and the laws of their algebra.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../../src/conversations/kernel/canonical-text.ts";
import type { TableRound } from "../../../src/conversations/kernel/table.ts";
import {
  type Condition,
  conditionName,
  held,
  holds,
  type Progress,
} from "../../../src/conversations/kernel/termination.ts";
import { expectLinear } from "../growth.ts";

/** Rounds from what each agent said: one record a round. */
function rounds(...said: Record<string, string>[]): TableRound[] {
  return said.map((answers, round) => ({
    round,
    plan: { stage: "s", isDiscussion: true, order: { kind: "parallel" }, asks: [], answersMin: 0 },
    asked: Object.keys(answers),
    answers: Object.entries(answers).map(([agent, text]) => ({
      agent,
      text,
      turnId: "",
      messageId: "",
      degraded: false,
    })),
    failures: [],
  }));
}

function progress(closed: readonly TableRound[], used: Partial<Progress["used"]> = {}): Progress {
  return { rounds: closed, used: { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0, ...used } };
}

describe("the work of looking", () => {
  it("grows with the rounds, not with their square, however long the answers are", () => {
    const before = (count: number) =>
      progress(rounds(...Array.from({ length: count }, (_, n) => ({ a: `answer ${n} ${"word ".repeat(200)}` }))));
    const conditions: Condition[] = [
      { kind: "repetition", limit: 3 },
      { kind: "stability", limit: 1 },
      { kind: "agreement" },
      { kind: "signal", text: "done" },
      { kind: "stall", limit: 2 },
    ];
    for (const condition of conditions) expectLinear((count) => holds(condition, before(count)), 200);
  });
});

describe("simple conditions", () => {
  const twice = rounds({ a: "Yes", b: "No" }, { a: "yes.", b: "no" });
  it.each<[Condition, Progress, boolean]>([
    [{ kind: "rounds", limit: 2 }, progress(twice), true],
    [{ kind: "rounds", limit: 3 }, progress(twice), false],
    [{ kind: "turns", limit: 4 }, progress([], { turns: 4 }), true],
    [{ kind: "turns", limit: 4 }, progress([], { turns: 3 }), false],
    [{ kind: "tokens", limit: 10 }, progress([], { tokens: 10 }), true],
    [{ kind: "costNanoUsd", limit: 10 }, progress([], { costNanoUsd: 9 }), false],
    [{ kind: "timeMs", limit: 10 }, progress([], { elapsedUs: 10_000 }), true],
    [{ kind: "timeMs", limit: 10 }, progress([], { elapsedUs: 9_999 }), false],
    [{ kind: "quorum", limit: 2 }, progress(twice), true],
    [{ kind: "quorum", limit: 1 }, progress([]), false],
    [{ kind: "agreement" }, progress(rounds({ a: "**Yes.**", b: "yes" })), true],
    [{ kind: "agreement" }, progress(rounds({ a: "yes", b: "no" })), false],
    [{ kind: "agreement" }, progress(rounds({ a: "yes" })), false],
    [{ kind: "agreement" }, progress([]), false],
    [{ kind: "stability", limit: 1 }, progress(twice), true],
    [{ kind: "stability", limit: 2 }, progress(twice), false],
    [{ kind: "stability", limit: 1 }, progress(rounds({ a: "x" }, { a: "y" })), false],
    [{ kind: "stability", limit: 1 }, progress(rounds({}, {})), false],
    [{ kind: "stall", limit: 1 }, progress(rounds({ a: "x", b: "y" }, { a: "y", b: "x" })), true],
    [{ kind: "stall", limit: 1 }, progress(rounds({ a: "x" }, { a: "z" })), false],
    [{ kind: "stall", limit: 1 }, progress(rounds({ a: "x" })), false],
    [{ kind: "repetition", limit: 2 }, progress(twice), true],
    [{ kind: "repetition", limit: 3 }, progress(twice), false],
    [{ kind: "repetition", limit: 2 }, progress(rounds({ a: "x" }, { a: "y" })), false],
    [{ kind: "signal", text: "DONE" }, progress(rounds({ a: "so it is\n  DONE \n" })), true],
    [{ kind: "signal", text: "DONE" }, progress(rounds({ a: "we are not DONE yet" })), false],
  ])("%j", (condition, now, expected) => {
    expect(holds(condition, now)).toBe(expected);
    expect(held(condition, now)).toEqual(expected ? [conditionName(condition)] : []);
  });
});

describe("the algebra", () => {
  const leaf = fc.record({
    kind: fc.constantFrom("rounds" as const, "turns" as const, "tokens" as const),
    limit: fc.nat({ max: 5 }),
  });
  const condition = fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constantFrom("any" as const, "all" as const), of: fc.array(tie("tree"), { maxLength: 3 }) }),
      fc.record({ kind: fc.constant("not" as const), of: tie("tree") }),
    ),
  })).tree;
  const now = fc
    .record({ turns: fc.nat({ max: 5 }), tokens: fc.nat({ max: 5 }) })
    .map((used) => progress(rounds({ a: "x" }), used));

  it("not, any and all are what they are called", () => {
    fc.assert(
      fc.property(condition, condition, now, (a, b, at) => {
        expect(holds({ kind: "not", of: a }, at)).toBe(!holds(a, at));
        expect(holds({ kind: "any", of: [a, b] }, at)).toBe(holds(a, at) || holds(b, at));
        expect(holds({ kind: "all", of: [a, b] }, at)).toBe(holds(a, at) && holds(b, at));
        const negated = (c: Condition): Condition => ({ kind: "not", of: c });
        expect(holds(negated({ kind: "any", of: [a, b] }), at)).toBe(
          holds({ kind: "all", of: [negated(a), negated(b)] }, at),
        );
      }),
    );
  });

  it("names every part that holds, in the order written", () => {
    const met: Condition = { kind: "rounds", limit: 1 };
    const unmet: Condition = { kind: "turns", limit: 9 };
    const whole: Condition = {
      kind: "any",
      of: [
        { kind: "all", of: [met, unmet] },
        { kind: "not", of: unmet },
        { kind: "not", of: met },
      ],
    };
    expect(held(whole, progress(rounds({ a: "x" })))).toEqual(["rounds(1)", "not turns(9)"]);
    expect(conditionName(whole)).toBe("any(all(rounds(1), turns(9)), not turns(9), not rounds(1))");
  });
});

describe("when two answers are the same", () => {
  it.each([
    ["Yes.", "**yes**"],
    ["one  writer\nthread", "One writer thread!"],
    ["“No”", "no"],
  ])("%j and %j are", (a, b) => {
    expect(canonicalText(a)).toBe(canonicalText(b));
  });

  it.each([
    ["yes", "no"],
    ["yes, but", "yes"],
    ["1.5", "15"],
  ])("%j and %j are not", (a, b) => {
    expect(canonicalText(a)).not.toBe(canonicalText(b));
  });
});
