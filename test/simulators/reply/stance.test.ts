// The sides of a question and how a text is told to take one.
import { describe, expect, it } from "vitest";
import { sharedClause, shortQuote } from "../../../src/simulators/reply/peer-quote.ts";
import { overlap, rankSentences, sentencesOf } from "../../../src/simulators/reply/sentences.ts";
import { optionsOf, sideIn, sidesOf } from "../../../src/simulators/reply/stance.ts";

const quote = (text: string): { source: string; quote: string; score: number } => ({
  source: "s",
  quote: text,
  score: 1,
});

describe("sides", () => {
  it.each([
    ["Should we use PostgreSQL or SQLite?", ["PostgreSQL", "SQLite"]],
    ["Which is better: tabs or spaces?", ["tabs", "spaces"]],
    ["Choose red, green, or blue for the door?", ["red", "green", "blue"]],
    ["Kafka vs. NATS for the bus?", ["Kafka", "NATS"]],
    ["Should we ship or not?", []],
    ["Is tea good?", []],
    ["Should we use tea or tea?", []],
  ])("%s", (question, options) => {
    expect(optionsOf(question)).toEqual(options);
  });

  it("are yes, no and it depends for a question of that kind, also after an opening", () => {
    const labels = (question: string): string[] => sidesOf(question, []).map((side) => side.label);
    expect(labels("Is tea good?")).toEqual(["Yes", "No", "It depends"]);
    expect(labels("Given the above, should we go?")).toEqual(["Yes", "No", "It depends"]);
    expect(labels("How do ships float?")).toEqual(["ship float"]);
    expect(labels("")).toEqual(["the simplest course"]);
    expect(
      sidesOf("How do ships float?", [quote("Heavy water, lifts ships."), quote("and so on it is")]).map(
        (side) => side.label,
      ),
    ).toEqual(["Heavy water"]);
  });

  it("are told by the first whole mention", () => {
    const sides = sidesOf("Is tea good?", []);
    expect(sideIn("No. Yes would be wrong.", sides)?.label).toBe("No");
    expect(sideIn("Nobody knows; it depends.", sides)?.label).toBe("It depends");
    expect(sideIn("Nobody knows.", sides)).toBeUndefined();
  });
});

describe("quotations of peers", () => {
  it("are exact beginnings of their own sentences", () => {
    const text = "No, thank you very much.  It costs  too much, and “someone else said this long thing here” anyway.";
    const said = shortQuote(text) ?? "";
    expect(said).toBe("It costs  too much, and");
    expect(text).toContain(said);
    expect(shortQuote("Only one sentence is here.")).toBe("Only one sentence is here");
    expect(shortQuote("Too short.")).toBeUndefined();
    expect(shortQuote(`Word ${"and more ".repeat(30)}`)?.split(" ").length).toBe(14);
  });

  it("name the matter that question and passage share", () => {
    expect(sharedClause("Should the harbour be deep?", [quote("The harbour is old.")])).toBe("harbour");
    expect(sharedClause("Is the harbour deep?", [])).toBe("harbour and deep");
    expect(sharedClause("Is it?", [])).toBe("what can be undone later");
  });
});

describe("sentences", () => {
  it("rank by how well they fit", () => {
    const documents = [
      {
        name: "d",
        text: "The market opens at six in the morning. The deep harbour takes large ships at any tide. Gulls nest on the roof of the market.",
      },
    ];
    expect(rankSentences(documents, "Which ships can the harbour take?")[0]?.quote).toBe(
      "The deep harbour takes large ships at any tide.",
    );
    expect(rankSentences([], "Anything?")).toEqual([]);
  });

  it("keep abbreviations and file names whole, and stop at a limit", () => {
    expect(sentencesOf("The file docs/architecture.md says that version 1.2 is enough for us. Good.")).toEqual([
      "The file docs/architecture.md says that version 1.2 is enough for us.",
    ]);
    expect(sentencesOf("This line is long enough to be quoted here.\n".repeat(6_000)).length).toBe(5_000);
  });

  it("overlap by their keywords", () => {
    expect(overlap("the deep harbour", "a deep harbour and ships")).toBe(1);
    expect(overlap("", "ships")).toBe(0);
  });
});
