// The matter of a question, its sides, and how a text is told to take one.
import { describe, expect, it } from "vitest";
import { capitalised, gerund, listed } from "../../../src/simulators/reply/grammar.ts";
import { isForeign, matterOf } from "../../../src/simulators/reply/matter.ts";
import { optionsOf } from "../../../src/simulators/reply/options.ts";
import { sideIn, sidesOf, statementOf } from "../../../src/simulators/reply/sides.ts";

const quote = (text: string, score = 1) => ({ source: "s.md", quote: text, score, lean: 0 as const, heading: "" });
const labels = (question: string): string[] => sidesOf(question, []).map((side) => side.label);

describe("options", () => {
  it.each([
    ["Should we use PostgreSQL or SQLite?", ["PostgreSQL", "SQLite"]],
    ["Which is better: tabs or spaces?", ["tabs", "spaces"]],
    ["Choose red, green, or blue for the door?", ["red", "green", "blue"]],
    ["Kafka vs. NATS for the bus?", ["Kafka", "NATS"]],
    ["Should we rewrite the service in Go or keep it in Java?", ["rewriting the service in Go", "keeping it in Java"]],
    ["Is it better to ship on Friday or to wait until Monday?", ["shipping on Friday", "waiting until Monday"]],
    ["Should we build or buy?", ["building", "buying"]],
    ["Should we ship today or tomorrow?", ["today", "tomorrow"]],
    ["Sollen wir SQLite oder PostgreSQL verwenden?", ["SQLite", "PostgreSQL"]],
    ["Should we ship or not?", []],
    ["Sollen wir gehen oder nicht?", []],
    ["Is tea good?", []],
    ["Should we use tea or tea?", []],
  ])("%s", (question, options) => {
    expect(optionsOf(question)).toEqual(options);
  });
});

describe("what is proposed", () => {
  it.each([
    ["Should this design use one writer thread?", "using one writer thread"],
    ["Should we really ship on Friday?", "shipping on Friday"],
    ["Given the above, should Polylogue support plugins?", "supporting plugins"],
    ["Should I sell my car?", "selling your car"],
    ["Is it worth using a cache?", "using a cache"],
    ["Would it be wise to retry a failed payment?", "retrying a failed payment"],
    ["Should the journal be sharded?", "sharding the journal"],
    ["Should the report be written by hand?", "writing the report by hand"],
    ["Must the service be there?", "doing this"],
    ["What speaks for and against it, and should it be done?", "doing this"],
    ["Should the gizmo frobnicate?", "doing this"],
    ["Sollen wir einen Cache verwenden?", "doing this"],
    ["Should we move all of the very old data of our customers to another place if it is cheap?", "doing this"],
    [
      "Should we move the old customer data to a new place because the present one is dear?",
      "moving the old customer data to a new place",
    ],
  ])("%s", (question, phrase) => {
    expect(matterOf(question)).toEqual({ kind: "action", phrase });
  });

  it("is nothing where a fact or anything else is asked", () => {
    for (const question of ["Is tea good?", "Can SQLite do it?", "Ist das gut?"])
      expect(matterOf(question)).toEqual({ kind: "fact" });
    expect(matterOf("What is the capital of France?")).toEqual({ kind: "open", isLookup: true });
    expect(matterOf("What is the best way to learn?")).toEqual({ kind: "open", isLookup: false });
    expect(matterOf("")).toEqual({ kind: "open", isLookup: false });
  });

  it("is put into words that fit a sentence", () => {
    expect(["use", "die", "be", "see", "run", "keep", "commit"].map(gerund)).toEqual([
      "using",
      "dying",
      "being",
      "seeing",
      "running",
      "keeping",
      "committing",
    ]);
    expect(["one writer", "iOS", "v8 engine", "x.md", "Über", "a", ""].map(capitalised)).toEqual([
      "One writer",
      "iOS",
      "v8 engine",
      "x.md",
      "Über",
      "A",
      "",
    ]);
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["", "a", "a and b", "a, b and c"]);
  });

  it("is known to be foreign", () => {
    expect(isForeign("Sollen wir einen Cache verwenden?")).toBe(true);
    expect(isForeign("Should we die on this hill?")).toBe(false);
  });
});

describe("sides", () => {
  it("are yes, no and it depends for a question of that kind, also after an opening", () => {
    expect(labels("Is tea good?")).toEqual(["Yes", "No", "It depends"]);
    expect(labels("Given the above, should we go?")).toEqual(["Yes", "No", "It depends"]);
    expect(labels("Soll man Tee trinken?")).toEqual(["Yes", "No", "It depends"]);
  });

  it("are passages of the text for an open question, else ways to go about it, else the plain lack of knowledge", () => {
    const passages = sidesOf("How do ships float?", [quote("Heavy water lifts ships."), quote("Wood is light.", 0)]);
    expect(passages.map(({ label, isRemote }) => [label, isRemote])).toEqual([
      ["Heavy water lifts ships.", false],
      ["Wood is light.", true],
    ]);
    expect(sidesOf("Explain the main point", [quote("Wood is light.", 0)])[0]?.isRemote).toBe(false);
    expect(labels("How do ships float?")).toEqual(["start small", "measure first", "settle the requirements first"]);
    expect(labels("Who was the first captain?")).toEqual(["cannot be told"]);
    expect(labels("")).toHaveLength(3);
  });

  it("are told by the first whole mention", () => {
    const sides = sidesOf("Is tea good?", []);
    expect(sideIn("No. Yes would be wrong.", sides)?.label).toBe("No");
    expect(sideIn("Tea has no lock. Yes, it is good.", sides)?.label).toBe("Yes");
    expect(sideIn("Nobody knows; it depends.", sides)?.label).toBe("It depends");
    expect(sideIn("Nobody knows.", sides)).toBeUndefined();
    const options = sidesOf("PostgreSQL or SQLite?", []);
    expect(sideIn("Sqlite, not PostgreSQL", options)?.label).toBe("SQLite");
  });

  it("are stated so that they can be told again", () => {
    for (const question of ["Should we go?", "Is tea good?", "tea or milk?", "How do I swim?", "Who is it?"])
      for (const side of sidesOf(question, [])) expect(sideIn(statementOf(side), sidesOf(question, []))).toEqual(side);
  });
});
