// Ballots on the wire: what is asked for, and what can be read of the answer.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BallotForm } from "../../../src/conversations/orchestration.ts";
import {
  ballotFormat,
  ballotPart,
  ballotWords,
  critiquesIn,
  readBallot,
} from "../../../src/conversations/projection/ballot.ts";
import { firstJsonObject } from "../../../src/conversations/projection/json-in-text.ts";
import { expectLinear } from "../growth.ts";

const ranking: BallotForm = { kind: "ranking", options: ["Response A", "Response B"] };
const choice: BallotForm = { kind: "choice", options: ["yes", "no"] };

describe("reading a ballot", () => {
  it("names what was said instead of a label, but not at any length", () => {
    const reading = readBallot(JSON.stringify({ choice: "x".repeat(50_000) }), choice, "ann");
    expect(reading).toMatchObject({ ok: false, fault: expect.stringContaining('"xxx') });
    expect(JSON.stringify(reading).length).toBeLessThan(400);
  });

  it.each([
    ["braces that open", "{"],
    ["objects within objects", '{"a":'],
    ["texts that never close", '{"'],
    ["objects that are none", "{x} "],
    ["marks of escape", '{"\\'],
  ])("takes a time that grows with an answer of %s", (_what, unit) => {
    expectLinear((size) => readBallot(unit.repeat(size / unit.length), ranking, "ann"), 6_000);
  });

  it.each<[string, BallotForm, string]>([
    ["no JSON", ranking, "it holds no JSON object"],
    ['{"ranking": "Response A"}', ranking, '"ranking" is not an array'],
    ['{"ranking": ["Response A", "Response C"]}', ranking, "not one of the labels"],
    ['{"ranking": ["Response A", 2]}', ranking, "holds 2"],
    ['{"ranking": ["Response A", "Response A"]}', ranking, "twice"],
    ['{"ranking": ["Response A"]}', ranking, "1 of 2"],
    ['{"choice": "maybe"}', choice, "not one of the labels"],
    ['{"ranking": ["yes"]}', choice, '"choice" is null'],
    ['{"choice": ["yes"]}', choice, "not one of the labels"],
    ['{"choice": "yes"', choice, "it holds no JSON object"],
  ])("%s is unreadable", (text, form, fault) => {
    expect(readBallot(text, form, "ann")).toEqual({ ok: false, fault: expect.stringContaining(fault) });
  });

  it.each<[string, BallotForm, object]>([
    ['{"choice": "yes", "reason": "clear"}', choice, { agent: "ann", choice: "yes", reason: "clear" }],
    ['Sure: {not json} then {"choice":"no"} and {"choice":"yes"}', choice, { agent: "ann", choice: "no" }],
    [
      '```json\n{"ranking":["Response B","Response A"],"reason":7}\n```',
      ranking,
      { agent: "ann", ranking: ["Response B", "Response A"] },
    ],
  ])("%s is read", (text, form, ballot) => {
    expect(readBallot(text, form, "ann")).toMatchObject({ ok: true, ballot });
  });

  it("never throws, and never invents a vote", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `words ${json} words`),
        ),
        (text) => {
          for (const form of [ranking, choice]) {
            const reading = readBallot(text, form, "ann");
            if (!reading.ok) continue;
            const labels = reading.ballot.ranking ?? [reading.ballot.choice ?? ""];
            expect(labels.every((label) => form.options.includes(label))).toBe(true);
          }
        },
      ),
    );
  });

  it("reads whether the voter agrees, where it was asked and is answered", () => {
    const asking = { ...ranking, agreement: true };
    const cast = (agrees: unknown) => JSON.stringify({ ranking: ["Response A", "Response B"], agrees });
    expect(readBallot(cast(false), asking, "ann")).toMatchObject({ ballot: { agrees: false } });
    for (const [text, form] of [
      [cast("no"), asking],
      [cast(false), ranking],
    ] as const) {
      const reading = readBallot(text, form, "ann");
      expect(reading.ok && reading.ballot.agrees).toBeUndefined();
    }
    expect(readBallot('{"choice":"yes","agrees":true}', { ...choice, agreement: true }, "ann")).toMatchObject({
      ballot: { agrees: true },
    });
    expect(ballotFormat(asking).schema).toMatchObject({ required: ["ranking", "reason", "agrees"] });
    expect(ballotWords(asking)).toContain('"agrees": true or false');
  });

  it("keeps the critiques that can be read, only where they were asked for", () => {
    const critiques = [
      { label: "Response A", critique: "thin" },
      { label: "Response Z", critique: "x" },
      3,
      { label: "Response B" },
      null,
      [],
    ];
    const text = JSON.stringify({ ranking: ["Response A", "Response B"], critiques });
    const asked = readBallot(text, { ...ranking, critiques: true }, "ann");
    expect(asked).toMatchObject({ ok: true, critiques: { "Response A": "thin" } });
    expect(readBallot(text, ranking, "ann")).toMatchObject({ ok: true, critiques: {} });
    const ballot = { agent: "ann", abstained: true as const };
    expect(critiquesIn([ballotPart(ballot, { "Response A": "thin" })])).toEqual({ "Response A": "thin" });
    expect(critiquesIn([ballotPart(ballot, {})])).toBeUndefined();
    expect(critiquesIn([])).toBeUndefined();
  });
});

describe("asking for a ballot", () => {
  it("in a schema that allows nothing else", () => {
    expect(ballotFormat(choice).schema).toMatchObject({ required: ["choice", "reason"], additionalProperties: false });
    expect(ballotFormat({ ...ranking, critiques: true }).schema).toMatchObject({
      required: ["ranking", "reason", "critiques"],
    });
  });

  it("and in words", () => {
    expect(ballotWords(choice)).toContain('"choice": one of the labels');
    expect(ballotWords({ ...ranking, critiques: true })).toContain('"critiques"');
  });
});

describe("the first JSON object of a text", () => {
  it("is found behind braces that open nothing, and with braces in its strings", () => {
    expect(firstJsonObject('a { b {"x": "}{\\"", "y": {"z": 1}} c')).toEqual({ x: '}{"', y: { z: 1 } });
    expect(firstJsonObject(`${"{".repeat(200)}{"x":1}`)).toBeUndefined();
  });

  it("any object survives any words around it that hold no brace", () => {
    const words = fc.string().map((text) => text.replace(/[{}"]/g, ""));
    fc.assert(
      fc.property(words, fc.dictionary(fc.string(), fc.jsonValue()), words, (before, value, behind) => {
        const expected: unknown = JSON.parse(JSON.stringify(value));
        expect(firstJsonObject(`${before}${JSON.stringify(value)}${behind}`)).toEqual(expected);
      }),
    );
  });
});
