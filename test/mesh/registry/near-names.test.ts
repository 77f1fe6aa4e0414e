// Names close to a mistyped one.
import { describe, expect, it } from "vitest";
import { nearNames } from "../../../src/mesh/registry/near-names.ts";

describe("near names", () => {
  it.each([
    ["cluade", ["claude"]],
    ["gemni", ["gemini"]],
    ["deepseek-r1", ["deepseek"]],
    ["deep", ["deepseek"]],
    ["zzzzzz", []],
    ["", []],
  ])("of %j are %j", (name, near) => {
    expect(nearNames(name, ["gemini", "claude", "deepseek"])).toEqual(near);
  });

  it("are at most three, the nearest first", () => {
    expect(nearNames("aaaa", ["aaxx", "aaaa1", "aaab", "aaac", "bbbb"])).toEqual(["aaaa1", "aaab", "aaac"]);
  });
});
