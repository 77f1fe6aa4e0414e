// "Did you mean".
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearNames, suggestion } from "../../src/domain/near-names.ts";

const KNOWN = ["claude", "gemini", "deepseek", "openai", "claude-haiku"];

describe("near names", () => {
  it.each([
    ["cluade", ["claude"]],
    ["Gemni", ["gemini"]],
    ["deepsek", ["deepseek"]],
    ["openia", ["openai"]],
    ["clau", ["claude", "claude-haiku"]],
    ["x", []],
    ["mistral", []],
    ["deepseek-r1", ["deepseek"]],
    ["", []],
  ])("of %s are %j", (typed, expected) => {
    expect(nearNames(typed, KNOWN)).toEqual(expected);
  });

  it("are at most three, the nearest first", () => {
    expect(nearNames("aaaa", ["aaxx", "aaac", "aaaa", "aaab", "aaaa1", "bbbb"])).toEqual(["aaaa", "aaaa1", "aaab"]);
  });

  it("one slip is always found", () => {
    const slip = fc.tuple(fc.constantFrom(...KNOWN), fc.nat(), fc.constantFrom("drop", "swap", "double"));
    fc.assert(
      fc.property(slip, ([name, at, kind]) => {
        const index = at % (name.length - 1);
        const [a = "", b = ""] = [name[index], name[index + 1]];
        const middle = { drop: b, swap: b + a, double: a + a + b }[kind];
        const typed = name.slice(0, index) + middle + name.slice(index + 2);
        expect(nearNames(typed, KNOWN)).toContain(name);
      }),
      { seed: 3 },
    );
  });

  it("says what there is when nothing is near", () => {
    expect(suggestion("clade", KNOWN)).toBe("Did you mean claude?");
    expect(suggestion("zzz", ["b", "a"])).toBe("There are: a, b.");
    expect(suggestion("zzz", [])).toBe("There are none.");
  });
});
