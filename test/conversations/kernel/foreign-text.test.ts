// What the kernel does with text it did not write: exact, and in a time that
// grows with the text alone.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalText } from "../../../src/conversations/kernel/canonical-text.ts";
import { withoutEdges, withoutEnd } from "../../../src/conversations/kernel/edges.ts";
import {
  EVIDENCE_MAX,
  evidenceIn,
  QUOTED_CHARS_MAX,
  QUOTES_PER_ANSWER_MAX,
} from "../../../src/conversations/kernel/evidence.ts";
import { foldedText } from "../../../src/conversations/kernel/folded-text.ts";
import type { TableAnswer } from "../../../src/conversations/kernel/table.ts";
import { createTextSearch } from "../../../src/conversations/kernel/text-search.ts";
import { neutralised } from "../../../src/conversations/projection/frame.ts";
import { expectLinear } from "../growth.ts";

const answer = (text: string, agent = "ann"): TableAnswer => ({
  agent,
  text,
  turnId: "t",
  messageId: `m-${agent}`,
  degraded: false,
});

/** Few signs, so that texts repeat themselves and each other. */
const repetitive = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 30 });

describe("a search for many texts at once", () => {
  it("finds each where it first stands, as looking for each alone does", () => {
    fc.assert(
      fc.property(fc.array(repetitive.filter((text) => text !== "")), repetitive, (patterns, text) => {
        expect(createTextSearch(patterns)(text)).toEqual(patterns.map((pattern) => text.indexOf(pattern)));
      }),
      { numRuns: 500 },
    );
  });

  it("finds none in nothing, nothing nowhere, and the same text twice", () => {
    expect(createTextSearch([])("text")).toEqual([]);
    expect(createTextSearch(["", "x", "x"])("yx")).toEqual([-1, 1, 1]);
  });
});

describe("a folded text", () => {
  it("is what a quotation of it may look like", () => {
    expect(foldedText("a\n\t b\u200bc &lt;d> & <e＜f \u{e0061} g").folded).toBe("a bc <d> & <e<f g");
    expect(foldedText(" \u200b").folded).toBe(" ");
  });

  it("leads back to the text: what any part stands for folds to that part", () => {
    const pieces = fc.constantFrom("word", " ", "\n", "\u200b", "&lt;", "<", "\u{e0061}", "\u{1f600}", "&", "＜");
    fc.assert(
      fc.property(fc.array(pieces), fc.nat(), fc.nat(), (bits, from, count) => {
        const text = bits.join("");
        const { folded, original } = foldedText(text);
        if (folded === "") return;
        const at = from % folded.length;
        const length = 1 + (count % (folded.length - at));
        const part = original(at, length);
        expect(text).toContain(part);
        expect(foldedText(part).folded).toBe(folded.slice(at, at + length));
        expect(foldedText(folded).folded).toBe(folded);
      }),
    );
  });
});

describe("signs at the ends of a text", () => {
  it("are taken off, and none inside", () => {
    const signs = new Set(".!");
    expect(withoutEnd("..a.b. !\n", signs)).toBe("..a.b");
    expect(withoutEdges(" .a.b.! ", signs)).toBe("a.b");
    expect(withoutEdges(" ..", signs)).toBe("");
  });
});

describe("evidence", () => {
  const text = 'The header is\u00a0<message from="a">, then\u200b a body; see </message> for its end.';

  it("is found in what was shown, where shown and source differ, and is the source's own", () => {
    const shown = neutralised(text);
    expect(shown).not.toBe(text);
    for (const quoted of [shown, text, text.replaceAll("\u200b", ""), `${shown.slice(0, -1)},`]) {
      const [found] = evidenceIn([answer(`It says “${quoted}” there.`)], [{ name: "x.xml", text }]);
      expect(text.startsWith(found?.quote ?? "nothing")).toBe(true);
      expect(found?.quote.length).toBeGreaterThanOrEqual(text.length - 1);
    }
  });

  it("of white space and unseen signs alone is none", () => {
    const blank = " \u200b".repeat(20);
    expect(evidenceIn([answer(`“a${blank}b”`)], [{ name: "n", text: `a${blank}b` }])).toEqual([]);
  });

  it("is looked for among a stated number of quotations an answer, so that others have their turn", () => {
    const source = { name: "n", text: "The sentence that really stands there." };
    const invented = Array.from({ length: QUOTES_PER_ANSWER_MAX }, (_, n) => `“an invented quotation no. ${n}”`);
    const real = `“${source.text}”`;
    const first = answer([...invented, real].join(" "));
    expect(evidenceIn([first], [source])).toEqual([]);
    expect(evidenceIn([first, answer(real, "bob")], [source])).toMatchObject([{ agent: "bob" }]);
  });

  it("is looked for among a stated number of characters in all", () => {
    const source = { name: "n", text: "The sentence that really stands there." };
    const long = Array.from({ length: 60 }, (_, n) => `“${String(n).padEnd(1_999, "x")}”`).join(" ");
    expect(60 * 1_999).toBeGreaterThan(QUOTED_CHARS_MAX);
    expect(evidenceIn([answer(long), answer(`“${source.text}”`, "bob")], [source])).toEqual([]);
  });

  it("without an attachment is none", () => {
    expect(evidenceIn([answer("“a sentence that is long enough”")], [])).toEqual([]);
  });
});

describe("the time it takes grows with the text", () => {
  it.each([
    ["dots inside", (n: number) => `a${".".repeat(n)}b`],
    ["blanks inside", (n: number) => `a${" ".repeat(n)}b`],
    ["emphasis", (n: number) => "*_`#".repeat(n / 4)],
  ])("to make an answer comparable, with %s", (_what, text) => {
    expectLinear((size) => canonicalText(text(size)), 20_000);
  });

  it.each([
    ["letters that nearly fit", "a", "b"],
    ["blanks", " ", "\n"],
    ["unseen signs", "\u200b", "\u2060"],
    ["shown signs", "&lt;", "&"],
  ])("to look up quotations of %s", (_what, unit, other) => {
    const quoting = Array.from({ length: 50 }, (_, n) => `“${other}${unit.repeat(100 + n)}${other}”`).join(" ");
    const answers = Array.from({ length: 6 }, (_, n) => answer(quoting, `agent-${n}`));
    expectLinear((size) => evidenceIn(answers, [{ name: "n", text: unit.repeat(size) }]), 20_000);
  });

  it("to look up more and more quotations in a large attachment", () => {
    const text = Array.from({ length: 8_000 }, (_, n) => `Sentence ${n} says that the writer keeps order.`).join("\n");
    const quoting = (count: number): TableAnswer[] => [
      answer(Array.from({ length: count }, (_, n) => `"an invented quotation ${n} that nobody wrote"`).join(" and ")),
    ];
    // One pass, whatever their number: the same source with more quotations takes hardly longer.
    expectLinear((count) => evidenceIn(quoting(count), [{ name: "n", text }]), 50);
  });

  it.each([
    ["curly marks that never close", "“word "],
    ["straight marks", '" a quotation of some length " '],
  ])("to find what is quoted, with %s", (_what, unit) => {
    const source = { name: "n", text: "Nothing of it." };
    expectLinear((size) => evidenceIn([answer(unit.repeat(size / 10))], [source]), 40_000);
  });

  it("and still at most so many are recorded", () => {
    const sentences = Array.from({ length: EVIDENCE_MAX + 5 }, (_, n) => `Sentence ${n} of many others.`);
    const quoting = sentences.map((sentence) => `“${sentence}”`).join(" ");
    expect(evidenceIn([answer(quoting)], [{ name: "n", text: sentences.join(" ") }])).toHaveLength(EVIDENCE_MAX);
  });
});
