// What a failed call left behind, read in a time that grows with the reply alone.
import { describe, expect, it } from "vitest";
import { evidenceOf } from "../../../src/agents/failures/evidence.ts";
import { expectLinear } from "../../conversations/growth.ts";

describe("a gateway's page", () => {
  it.each([
    ["<html><title lang='en'> Bad Gateway </title><p>nginx</p>", "Bad Gateway"],
    ["<html><p>upstream\n<b>is</b>  gone</p></html>", "upstream is gone"],
    ["a < b", "a < b"],
    ["<title>", ""],
  ])("%j says %j", (body, message) => {
    expect(evidenceOf({ status: 502, body }).message).toBe(message);
  });

  it.each([
    ["signs that open", "<"],
    ["titles that open", "<title "],
    ["titles that never close", "<title>x"],
    ["blanks", "   \n"],
  ])("of %s takes a time that grows with it", (_what, unit) => {
    expectLinear((size) => evidenceOf({ status: 502, body: unit.repeat(size / unit.length) }), 40_000);
  });
});
