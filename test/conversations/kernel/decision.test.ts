// The rules that count ballots: known cases, and what holds for any ballots.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Count } from "../../../src/conversations/kernel/decision/rule.ts";
import { BALLOT_RULES, ballotRule } from "../../../src/conversations/kernel/decision/rules.ts";
import { verdictOf } from "../../../src/conversations/kernel/verdict.ts";
import type { Ballot } from "../../../src/domain/decision.ts";
import { verifies } from "../../requirements.ts";

const choices = (...picked: (string | null)[]): Ballot[] =>
  picked.map((choice, index) =>
    choice === null ? { agent: `v${index}`, abstained: true } : { agent: `v${index}`, choice, reason: `for ${choice}` },
  );
const count = (ballots: readonly Ballot[], options: readonly string[] = ["a", "b", "c"]): Count => ({
  options,
  ballots,
  weightOf: () => 1,
});

describe("rules over first choices", () => {
  it.each<[(typeof BALLOT_RULES)[number], Ballot[], string | null, string | undefined]>([
    ["plurality", choices("a", "b", "a"), "a", undefined],
    ["plurality", choices("a", "b"), null, "tie between a and b"],
    ["plurality", choices(null, null), null, "no valid ballot was cast"],
    ["plurality", [], null, "no valid ballot was cast"],
    ["majority", choices("a", "a", "b"), "a", undefined],
    [
      "majority",
      choices("a", "a", "b", "c"),
      null,
      "a leads with 2 of 4 votes, but more than half of them were needed",
    ],
    ["majority", choices("a", null, null), "a", undefined],
    ["supermajority", choices("a", "a", "b"), "a", undefined],
    [
      "supermajority",
      choices("a", "a", "a", "b", "b"),
      null,
      "a leads with 3 of 5 votes, but at least 0.66 of them were needed",
    ],
    ["supermajority", choices("a", "b"), null, "tie between a and b"],
  ])("%s of %j", (...[name, ballots, winner, reason]) => {
    const tally = ballotRule(name, 0.66).count(count(ballots));
    expect(tally).toMatchObject(winner === null ? { winner, reason } : { winner });
  });

  it("weights count", () => {
    const weighted: Count = { ...count(choices("a", "b")), weightOf: (agent) => (agent === "v1" ? 2 : 1) };
    expect(ballotRule("majority", 0).count(weighted)).toMatchObject({ winner: "b", tallies: { a: 1, b: 2, c: 0 } });
  });
});

describe("borda", () => {
  const ranked = (...rankings: string[][]): Ballot[] =>
    rankings.map((ranking, index) => ({ agent: `v${index}`, ranking }));

  it("is the mean over the ballots that ranked an option", () => {
    // a is on no ballot of its author's; the author of c abstained.
    const ballots: Ballot[] = [...ranked(["b", "c"], ["a", "c"]), { agent: "v2", abstained: true }];
    expect(ballotRule("borda", 0).count(count(ballots))).toEqual({
      winner: null,
      tied: ["a", "b"],
      tallies: { a: 1, b: 1, c: 0 },
      reason: "tie between a and b",
    });
  });

  it("prefers what all put second over what divides them", () => {
    const ballots = ranked(["a", "b", "c"], ["c", "b", "a"], ["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]);
    expect(ballotRule("borda", 0).count(count(ballots)).winner).toBe("b");
  });

  it("without a ranking there is no winner", () => {
    expect(ballotRule("borda", 0).count(count(choices("a"))).winner).toBeNull();
  });
});

describe("every rule, for any ballots", () => {
  const options = ["a", "b", "c", "d"];
  const ballots = fc
    .array(
      fc.oneof(
        fc.shuffledSubarray(options, { minLength: 4 }).map((ranking) => ({ ranking, choice: ranking[0] ?? "a" })),
        fc.constant({ abstained: true as const }),
      ),
      { maxLength: 9 },
    )
    .map((cast): Ballot[] => cast.map((ballot, index) => ({ agent: `v${index}`, ...ballot })));

  it("does not depend on the order of options or of ballots", () => {
    verifies("R7.4");
    fc.assert(
      fc.property(ballots, fc.shuffledSubarray(options, { minLength: 4 }), (cast, shuffled) => {
        for (const name of BALLOT_RULES) {
          const rule = ballotRule(name, 0.66);
          const one = rule.count(count(cast, options));
          const other = rule.count(count(cast.toReversed(), shuffled));
          expect(other.winner).toBe(one.winner);
          expect(other.tied.toSorted()).toEqual(one.tied.toSorted());
        }
      }),
    );
  });

  it("a winner stands alone at the top; two at the top are a tie", () => {
    fc.assert(
      fc.property(ballots, (cast) => {
        for (const name of BALLOT_RULES) {
          const { winner, tied, tallies } = ballotRule(name, 0.66).count(count(cast, options));
          const best = Math.max(...Object.values(tallies));
          const top = options.filter((option) => tallies[option] === best);
          if (winner !== null) expect(top).toEqual([winner]);
          if (tied.length > 0) expect([winner, tied.length > 1]).toEqual([null, true]);
        }
      }),
    );
  });
});

describe("the verdict", () => {
  it("gives the winner's reasons and the dissent of those who preferred another", () => {
    const verdict = verdictOf(
      ballotRule("plurality", 0),
      count([...choices("a", "b", "a"), { agent: "mute", choice: "c" }, { agent: "gone", abstained: true }]),
    );
    expect(verdict.reasons).toEqual(["for a", "for a"]);
    expect(verdict.dissent).toEqual([
      { agent: "v1", position: "b", reason: "for b" },
      { agent: "mute", position: "c", reason: "" },
    ]);
  });

  it("whoever puts the winner first and does not share its conclusion dissents", () => {
    const ballots: Ballot[] = [
      { agent: "b", ranking: ["a", "c"], agrees: false, reason: "well argued, but wrong" },
      { agent: "c", ranking: ["a", "b"], agrees: true },
      { agent: "a", ranking: ["c", "b"], agrees: false },
    ];
    expect(verdictOf(ballotRule("borda", 0), count(ballots)).dissent).toEqual([
      { agent: "b", position: "ranks a first, but does not share its conclusion", reason: "well argued, but wrong" },
    ]);
  });

  it("whoever could not vote for the winner does not dissent", () => {
    const ballots: Ballot[] = [
      { agent: "a", ranking: ["b", "c"] },
      { agent: "b", ranking: ["a", "c"] },
      { agent: "c", ranking: ["a", "b"] },
    ];
    const { tally, dissent } = verdictOf(ballotRule("borda", 0), count(ballots));
    expect(tally.winner).toBe("a");
    expect(dissent).toEqual([]);
  });

  it("without a winner it says why, and nobody dissents", () => {
    expect(verdictOf(ballotRule("plurality", 0), count(choices("a", "b")))).toMatchObject({
      reasons: ["tie between a and b"],
      dissent: [],
    });
  });
});
