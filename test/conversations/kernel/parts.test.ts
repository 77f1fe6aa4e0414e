// The smaller parts of the kernel: settings, views, turn order, evidence.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVIDENCE_MAX, evidenceIn } from "../../../src/conversations/kernel/evidence.ts";
import { readSettings } from "../../../src/conversations/kernel/settings.ts";
import type { TableAnswer } from "../../../src/conversations/kernel/table.ts";
import { dueSeats, PARALLEL, SEQUENTIAL, type TurnOrder } from "../../../src/conversations/kernel/turn-order.ts";
import {
  anonymousView,
  responseLabel,
  shuffledOptions,
  withReviews,
} from "../../../src/conversations/kernel/visibility.ts";
import type { SettingSpecs } from "../../../src/conversations/orchestration.ts";
import type { JsonValue } from "../../../src/domain/json.ts";

describe("settings", () => {
  const specs: SettingSpecs = {
    rounds: { type: "integer", min: 1, max: 9, default: 2, summary: "" },
    share: { type: "number", min: 0, max: 1, default: 0.5, summary: "" },
    loud: { type: "boolean", default: false, summary: "" },
    rule: { type: "choice", values: ["one", "two"], default: "one", summary: "" },
    names: { type: "list", itemsMax: 3, summary: "" },
  };

  it("have defaults", () => {
    const settings = readSettings({}, specs);
    expect([
      settings.number("rounds"),
      settings.number("share"),
      settings.boolean("loud"),
      settings.choice("rule"),
      settings.list("names"),
    ]).toEqual([2, 0.5, false, "one", []]);
  });

  it.each<[string, JsonValue, unknown]>([
    ["rounds", 3, 3],
    ["rounds", "4", 4],
    ["share", 0.25, 0.25],
    ["loud", true, true],
    ["loud", "true", true],
    ["loud", "false", false],
    ["rule", "two", "two"],
    ["names", "a, b", ["a", "b"]],
    ["names", "a, b|c", ["a, b", "c"]],
    ["names", ["x"], ["x"]],
  ])("%s may be %j", (name, given, expected) => {
    const settings = readSettings({ [name]: given }, specs);
    const read = {
      rounds: settings.number,
      share: settings.number,
      loud: settings.boolean,
      rule: settings.choice,
      names: settings.list,
    }[name];
    expect(read?.(name)).toEqual(expected);
  });

  it.each<[string, JsonValue]>([
    ["rounds", 0],
    ["rounds", 1.5],
    ["rounds", "many"],
    ["rounds", ""],
    ["rounds", null],
    ["share", 2],
    ["loud", "yes"],
    ["rule", "three"],
    ["rule", 1],
    ["names", 3],
    ["names", ["a", 1]],
    ["names", "a|a"],
    ["names", "a|b|c|d"],
    ["unknown", 1],
  ])("%s may not be %j, and the error names it", (name, given) => {
    expect(() => readSettings({ [name]: given }, specs)).toThrow(
      expect.objectContaining({ code: "USAGE", message: expect.stringContaining(name), mend: expect.any(String) }),
    );
  });
});

describe("the anonymous view", () => {
  const answers = ["ann", "bob", "cyd", "dan"].map((agent) => ({ agent, turnId: `turn-${agent}` }));
  const view = (seed: number, viewer: string, ownIncluded = false) =>
    anonymousView({ seed, viewer, purpose: "p", answers, ownIncluded });

  it("leaves one's own out, labels the others, and keeps who wrote what", () => {
    const { visibility, labels, authors } = view(1, "ann");
    expect(labels).toEqual(["Response A", "Response B", "Response C"]);
    expect(Object.values(authors).toSorted()).toEqual(["bob", "cyd", "dan"]);
    const shown = visibility.kind === "anonymous" ? visibility.answers : [];
    expect(shown.map(({ label, turnId }) => [label, turnId])).toEqual(
      labels.map((label) => [label, `turn-${authors[label]}`]),
    );
    expect(Object.values(view(1, "ann", true).authors)).toContain("ann");
  });

  it("its order follows from seed and viewer alone, not from who answered first", () => {
    fc.assert(
      fc.property(fc.integer(), fc.shuffledSubarray(answers, { minLength: 4 }), (seed, arrived) => {
        const again = anonymousView({ seed, viewer: "ann", purpose: "p", answers: arrived, ownIncluded: false });
        expect(again).toEqual(view(seed, "ann"));
      }),
    );
  });

  it("over many seeds every answer stands first about equally often", () => {
    const first = new Map<string, number>();
    for (let seed = 0; seed < 600; seed++) {
      const author = view(seed, "ann").authors["Response A"] ?? "";
      first.set(author, (first.get(author) ?? 0) + 1);
    }
    for (const times of first.values()) expect(times).toBeGreaterThan(130);
    expect(first.size).toBe(3);
  });

  it("with reviews shows whose critique is of which answer, by the viewer's own labels, and no name", () => {
    const by = { seed: 4, viewer: "ann", purpose: "p" };
    const shown = anonymousView({ ...by, answers, ownIncluded: true });
    const reviews = ["bob", "cyd"].map((agent) => {
      const { authors } = anonymousView({ ...by, viewer: agent, answers, ownIncluded: false });
      return { agent, turnId: `review-${agent}`, authors: { ...authors, "Response Z": "nobody" } };
    });
    const { kind, ...visibility } = withReviews(shown, reviews, by);
    expect(kind).toBe("anonymous");
    const given = "reviews" in visibility ? (visibility.reviews ?? []) : [];
    expect(given.map(({ label }) => label)).toEqual(["Reviewer A", "Reviewer B"]);
    for (const { turnId, labels } of given) {
      const { authors = {} } = reviews.find((review) => review.turnId === turnId) ?? {};
      expect(Object.keys(labels)).toHaveLength(3);
      for (const [label, here] of Object.entries(labels)) {
        expect(shown.authors[here]).toBe((authors as Record<string, string>)[label]);
      }
    }
    expect(withReviews(shown, reviews.toReversed(), by)).toEqual(withReviews(shown, reviews, by));
    expect(withReviews(shown, [], by)).toEqual(shown.visibility);
  });

  it("has labels beyond Z", () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(responseLabel)).toEqual(
      ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"].map((letters) => `Response ${letters}`),
    );
  });

  it("options to choose from are shuffled for each voter, too", () => {
    const options = ["a", "b", "c", "d", "e", "f"];
    const orders = new Set(
      ["ann", "bob", "cyd", "dan"].map((viewer) =>
        shuffledOptions(options, { seed: 5, viewer, purpose: "p" }).join(""),
      ),
    );
    expect(orders.size).toBeGreaterThan(1);
    for (const order of orders) expect([...order].toSorted()).toEqual(options);
  });
});

describe("turn order", () => {
  const seats = ["a", "b", "c"];
  it("parallel asks all at once", () => {
    expect(dueSeats(PARALLEL, seats, { asked: [], ended: [] })).toEqual(seats);
    expect(dueSeats(PARALLEL, seats, { asked: seats, ended: [] })).toEqual([]);
  });

  it.each<[TurnOrder]>([[SEQUENTIAL], [{ kind: "random", seed: 4, round: 1 }]])(
    "%j asks one after another, each once",
    (order) => {
      const asked: string[] = [];
      for (let turn = 0; turn < seats.length; turn++) {
        const due = dueSeats(order, seats, { asked, ended: asked });
        expect(due).toHaveLength(1);
        asked.push(...due);
        expect(dueSeats(order, seats, { asked, ended: asked.slice(0, -1) })).toEqual([]);
      }
      expect(asked.toSorted()).toEqual(seats);
      expect(dueSeats(order, seats, { asked, ended: asked })).toEqual([]);
    },
  );
});

describe("evidence", () => {
  const answer = (text: string, agent = "ann"): TableAnswer => ({
    agent,
    text,
    turnId: "t",
    messageId: `m-${agent}`,
    degraded: false,
  });
  const source = {
    name: "notes.md",
    text: 'One writer thread\n  owns the file. Readers "never block the writer" here. Ends (really).',
  };

  it.each([
    ["curly marks", "He says “owns the file. Readers” so."],
    ["other white space", 'It says "One writer thread owns the file." there.'],
    ["a closing comma of the answer's", 'As "One writer thread\n  owns the file," shows.'],
    ["marks that do not say which opens", 'A "short" word, then "owns the file. Readers" indeed.'],
    ["signs with a meaning in patterns", 'See "block the writer" and "here. Ends (really)." at the end.'],
  ])("is found by %s, and is the source's own text", (_what, text) => {
    const found = evidenceIn([answer(text)], [source]);
    expect(found.length).toBeGreaterThan(0);
    for (const { quote, source: name, messageId } of found) {
      expect(source.text).toContain(quote);
      expect([name, messageId]).toEqual(["notes.md", "m-ann"]);
    }
  });

  it.each([
    ["what nobody wrote", '"this sentence is in no attachment"'],
    ["what is too short", '"owns the file"'],
    ["what is too short without its marks", '"Ends (really)......."'],
    ["what is too long", `"${"owns the file ".repeat(200)}"`],
    ["what is not quoted", "One writer thread owns the file."],
  ])("%s is none", (_what, text) => {
    expect(evidenceIn([answer(text)], [source])).toEqual([]);
  });

  it("is recorded once for each agent, from the first attachment that has it, and not without limit", () => {
    const quoting = '"One writer thread owns the file." "One writer thread owns the file."';
    const found = evidenceIn([answer(quoting), answer(quoting, "bob")], [source, { ...source, name: "copy.md" }]);
    expect(found.map(({ agent, source: name }) => [agent, name])).toEqual([
      ["ann", "notes.md"],
      ["bob", "notes.md"],
    ]);
    const sentences = Array.from({ length: 90 }, (_, index) => `This is sentence number ${index} of many.`);
    const all = evidenceIn(
      [answer(sentences.map((sentence) => `“${sentence}”`).join(" "))],
      [{ name: "long.md", text: sentences.join("\n") }],
    );
    expect(all).toHaveLength(EVIDENCE_MAX);
  });

  it("whatever is quoted, what is recorded stands in the source", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 30, maxLength: 200 }),
        fc.nat({ max: 100 }),
        fc.nat({ max: 100 }),
        (text, from, length) => {
          const quoted = text.slice(from, from + length);
          for (const { quote } of evidenceIn([answer(`“${quoted}” "${quoted}"`)], [{ name: "n", text }]))
            expect(text).toContain(quote);
        },
      ),
    );
  });
});
