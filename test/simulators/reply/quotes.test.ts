// What is quoted of documents and of peers: whole sentences, for the side taken.
import { describe, expect, it } from "vitest";
import { evidenceFor, fittingQuotes } from "../../../src/simulators/reply/evidence.ts";
import { supportOf, toneOf } from "../../../src/simulators/reply/leaning.ts";
import { claimOf } from "../../../src/simulators/reply/peer-quote.ts";
import { assignmentOf } from "../../../src/simulators/reply/question.ts";
import { overlap, rankSentences } from "../../../src/simulators/reply/rank.ts";
import { sentencesOf } from "../../../src/simulators/reply/sentences.ts";
import { sidesOf } from "../../../src/simulators/reply/sides.ts";

const quotable = (text: string, name = "d.md"): string[] => sentencesOf({ name, text }).map(({ quote }) => quote);

describe("sentences of a document", () => {
  it("are whole and stand on one line, exactly as they are written", () => {
    const text = [
      "# The harbour is a heading here",
      "The harbour was built long ago. It is deep enough for every ship that",
      "comes. A light shows the way at night to all.  The market is open",
      "every day, in summer and in winter.",
      "",
      "- one harbour with a wall",
      "- The wall keeps the waves out in winter.",
      "| The table | has a row that is long. |",
      "```",
      "The code is not a sentence of prose.",
      "```",
      "Should the wall be higher than now?",
      "See [the map](map.md) for the whole of the town.",
    ].join("\n");
    expect(quotable(text)).toEqual([
      "The harbour was built long ago.",
      "A light shows the way at night to all.",
      "The wall keeps the waves out in winter.",
    ]);
  });

  it("give way to whole clauses where each runs over lines, and to points of a list without full stops", () => {
    const wrapped =
      "The harbour was built very long ago by monks, and the\nwall came later; a light was put upon it in\nthe end.";
    expect(quotable(wrapped)).toEqual(["The harbour was built very long ago by monks"]);
    expect(quotable("- tea\n- the wall keeps all waves out\n")).toEqual(["the wall keeps all waves out"]);
    expect(quotable("# Only a heading that is quite long\n| a | table |\n")).toEqual([]);
  });

  it("come from the comments of source code, else from its lines", () => {
    const code =
      '/**\n * Opens the gate of the harbour. It is\n * closed at night.\n */\nconst gates = 3;\n// Nobody may enter without a pilot.\nlog("x");\n';
    expect(quotable(code, "gate.ts")).toEqual(["Opens the gate of the harbour.", "Nobody may enter without a pilot."]);
    expect(quotable('const gates = 3;\nlog("x is long");\n}', "gate.ts")).toEqual(["const gates = 3;"]);
  });

  it("keep abbreviations and file names whole, and stop at a limit", () => {
    expect(quotable("The file docs/architecture.md says that version 1.2 is enough for us. Good.")).toEqual([
      "The file docs/architecture.md says that version 1.2 is enough for us.",
    ]);
    expect(quotable("This line is long enough to be quoted here.\n".repeat(6_000))).toHaveLength(5_000);
  });

  it("know what their place says of them", () => {
    const text = [
      "What speaks for it:",
      "",
      "- The wall keeps the waves out.",
      "",
      "What speaks against it:",
      "",
      "- The wall takes years to build.",
      "",
      "The wall is made of stone there.",
      "",
      "## Risks",
      "The wall may fall in an earthquake. In favour: the wall is very thick.",
    ].join("\n");
    expect(sentencesOf({ name: "d.md", text }).map(({ lean, heading }) => [lean, heading])).toEqual([
      [1, ""],
      [-1, ""],
      [0, ""],
      [-1, "Risks"],
      [1, "Risks"],
    ]);
  });
});

describe("the rank of sentences", () => {
  it("follows how well they fit", () => {
    const text =
      "The market opens at six in the morning. The deep harbour takes large ships at any tide. Gulls nest on the roof of the market.";
    expect(rankSentences([{ name: "d", text }], "Which ships can the harbour take?")[0]?.quote).toBe(
      "The deep harbour takes large ships at any tide.",
    );
    expect(rankSentences([], "Anything?")).toEqual([]);
  });

  it("knows the share of keywords", () => {
    expect(overlap("the deep harbour", "a deep harbour and ships")).toBe(1);
    expect(overlap("", "ships")).toBe(0);
  });
});

describe("evidence", () => {
  const evidence = (question: string, text: string, label: string) => {
    const messages = [
      {
        role: "user" as const,
        text: `${question}<attachment name="d.md">${text}</attachment>`,
        calls: [],
        results: [],
      },
    ];
    const prompt = { system: "", messages, model: "m", tools: [], parallelTools: true, isJson: false };
    const assignment = assignmentOf({ ...prompt, toolChoice: { kind: "auto" } });
    const quotes = fittingQuotes(rankSentences(assignment.documents, assignment.question), assignment.question);
    const sides = sidesOf(assignment.question, quotes);
    const side = sides.find((one) => one.label === label);
    if (side === undefined) throw new Error(`There is no side ${label}.`);
    return evidenceFor(quotes, { assignment, stance: { side, sides, allies: [], rivals: [] }, seed: "1" });
  };

  it("argues for the side taken, and against it only at the end", () => {
    const text =
      "One writer thread keeps the order simple.\nOne writer thread delays everybody who waits.\nOne writer thread sits in a file of its own.\nA second writer thread needs a lock and fails often.\n";
    const question = "Should we use one writer thread?";
    const yes = evidence(question, text, "Yes");
    expect(yes[0]?.support).toBe(1);
    expect(yes.at(-1)?.quote).toBe("One writer thread delays everybody who waits.");
    expect(yes.find(({ quote }) => quote.startsWith("A second"))?.support).toBe(1);
    expect(evidence(question, text, "No")[0]?.quote).toBe("One writer thread delays everybody who waits.");
    const depends = evidence(question, text, "It depends");
    expect(depends.map(({ role }) => role).slice(0, 2)).toEqual(["for", "against"]);
    expect(toneOf(depends[0]?.quote ?? "")).toBeGreaterThan(0);
    expect(evidence(question, "One writer thread sits in a file.", "It depends")[0]?.role).toBeUndefined();
  });

  it("for an option speaks of it, by its name or its heading", () => {
    const question = "Should the writers use one thread or many shards?";
    const sides = sidesOf(question, []);
    const supports = (quote: string, heading = ""): number[] =>
      sides.map((side) => supportOf({ source: "d.md", score: 1, lean: 0, quote, heading }, side, { question, sides }));
    expect(supports("The shards are fast.")).toEqual([-1, 1]);
    expect(supports("Each of the shards needs a lock.")).toEqual([1, -1]);
    expect(supports("The shards have names.")).toEqual([-0.25, 0.25]);
    expect(supports("It cannot deadlock with itself.", "The thread")).toEqual([1, -1]);
    expect(supports("The thread and the shards are fast.")).toEqual([0, 0]);
    expect(supports("It is safe.", "Thread or shards")).toEqual([0, 0]);
    expect(supports("It is safe.")).toEqual([0, 0]);
    const placed = { source: "d.md", score: 1, lean: -1 as const, quote: "The thread is fast.", heading: "" };
    expect(sides.map((side) => supportOf(placed, side, { question, sides }))).toEqual([-1, 1]);
    const text =
      "The writers are known by their names.\nOne thread is quick for the writers.\nThe thread and the shards serve the writers.";
    expect(evidence(question, text, "one thread").map(({ quote }) => quote)).toEqual([
      "One thread is quick for the writers.",
      "The thread and the shards serve the writers.",
    ]);
  });

  it("for a question about the text as a whole is what argues in it, and for one it is silent on nothing", () => {
    const text =
      "The town lies by the sea in the north.\nThe old wall is slow to mend and costs much.\nThe gate is simple and safe to use.\n\nWhat speaks against it:\n\n- The tower takes up the market place.\n";
    const quotes = (question: string): string[] =>
      fittingQuotes(rankSentences([{ name: "d.md", text }], question), question).map(({ quote }) => quote);
    const [town, wall, gate, tower] = text.match(/The [^.]*\./g) ?? [];
    expect(quotes("What are the risks of this design?")).toEqual([tower, wall]);
    expect(quotes("What are the benefits?")).toEqual([gate]);
    expect(quotes("Should this be done?")).toEqual([tower, wall, gate]);
    expect(quotes("What is in this document?")).toEqual([town, wall, gate, tower]);
    expect(quotes("Should we buy a cache?")).toEqual([]);
    expect(quotes("Is the wall-gate open?")).toEqual([gate, wall]);
    const plain = "The town lies by the sea in the north.";
    expect(fittingQuotes(rankSentences([{ name: "d.md", text: plain }], "Risks?"), "Risks?")).toHaveLength(1);
  });

  it("hears what negations turn", () => {
    expect(toneOf("It never fails.")).toBeGreaterThan(0);
    expect(toneOf("It is not simple.")).toBeLessThan(0);
    expect(toneOf("It cannot see that.")).toBeLessThan(0);
    expect(toneOf("It is red.")).toBe(0);
  });
});

describe("the claim of a peer", () => {
  it("is a whole sentence of its own words without a quotation, a reason where there is one", () => {
    const text =
      "Yes, it is right.  I rely on d.md: “It was so.” The  benefits come every day, as I can show. Is it so?";
    const said = claimOf(text) ?? "";
    expect(said).toBe("The  benefits come every day, as I can show");
    expect(text).toContain(said);
    expect(claimOf("No, thank you very much. It costs too much, and “someone else said this” anyway.")).toBe(
      "No, thank you very much",
    );
    expect(claimOf("As he says, “all of this is so very true”.\n\nThe sea is calm in the morning.")).toBe(
      "The sea is calm in the morning",
    );
  });

  it("is nothing where nothing is said in a sentence", () => {
    for (const text of ["", "Too short.", "Is this a question for all of us?", `Word ${"and more ".repeat(30)}.`])
      expect(claimOf(text)).toBeUndefined();
  });
});
