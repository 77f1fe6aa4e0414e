// How simulated models speak: in whole English sentences, of what others really
// said, to the length they are given, and with ballots that fit their stance.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/domain/json.ts";
import { composeReply } from "../../../src/simulators/reply/compose.ts";
import type { Prompt, PromptMessage } from "../../../src/simulators/reply/prompt.ts";
import { sideIn, sidesOf } from "../../../src/simulators/reply/sides.ts";

const MEMBERS = ["ann", "bob", "cleo"];
const SEEDS = Array.from({ length: 12 }, (_, index) => String(index + 1));
const DOCUMENT = `One writer thread keeps the order of events simple.
One writer thread needs no lock of its own.
A thread that waits for the disk delays every conversation.
One writer thread cannot use a second core, which costs throughput.
`;
const ATTACHED = `<attachment name="docs/design.md">${DOCUMENT}</attachment>`;

const user = (text: string): PromptMessage => ({ role: "user", text, calls: [], results: [] });

function say(agent: string, texts: readonly string[], change: Partial<Prompt> & { seed?: string } = {}): string {
  const peers = MEMBERS.filter((member) => member !== agent).join(", ");
  const { seed = "1", ...rest } = change;
  const messages = texts.map(
    (text, index) => ({ ...user(text), role: index % 2 === 0 ? "user" : "assistant" }) as const,
  );
  const system = `You are ${agent}, a member of a conversation. You are in one conversation with ${peers}; speak.`;
  const prompt: Prompt = {
    model: "m",
    system,
    messages,
    tools: [],
    toolChoice: { kind: "auto" },
    parallelTools: true,
    isJson: false,
    ...rest,
  };
  return composeReply(prompt, seed).text;
}

interface Table {
  readonly first: ReadonlyMap<string, string>;
  readonly second: ReadonlyMap<string, string>;
}

function debate(question: string, seed: string): Table {
  const ask = `${question.includes("?") ? question : `${question}?`}`;
  const first = new Map(MEMBERS.map((agent) => [agent, say(agent, [ask], { seed })]));
  const second = new Map(
    MEMBERS.map((agent) => {
      const said = MEMBERS.filter((member) => member !== agent)
        .map((member) => `<message from="${member}" round="0">\n${first.get(member)}\n</message>`)
        .join("\n");
      return [agent, say(agent, [ask, first.get(agent) ?? "", `${said}\nState your answer anew.`], { seed })];
    }),
  );
  return { first, second };
}

const QUESTIONS = [
  `${ATTACHED}Should this design use one writer thread?`,
  `${ATTACHED}Should this design use one writer thread or several sharded writers?`,
  `${ATTACHED}How does one writer thread keep the order?`,
  `${ATTACHED}How should secrets be kept?`,
  `${ATTACHED}Should we buy a boat?`,
  `${ATTACHED}What are the risks of this design?`,
  "Should we use PostgreSQL or SQLite?",
  "Should the journal be sharded?",
  "Is tea good for people?",
  "How do I learn to swim?",
  "Who was the first captain?",
  "Sollen wir einen Cache verwenden?",
];

describe.each(QUESTIONS.map((question) => [question.replace(ATTACHED, "of a document: "), question] as const))(
  "%s",
  (_, question) => {
    const tables = SEEDS.map((seed) => debate(question, seed));
    const answers = tables.flatMap(({ first, second }) => [...first.values(), ...second.values()]);

    it("is answered in 60 to 160 words, in sentences that start with a capital", () => {
      for (const text of answers) {
        const words = text.split(/\s+/).length;
        expect(words, text).toBeGreaterThanOrEqual(60);
        expect(words, text).toBeLessThanOrEqual(160);
        for (const paragraph of text.split("\n\n")) {
          expect(paragraph).toMatch(/^[\p{Lu}“]/u);
          const own = paragraph.replace(/“[^”]*”/g, (quoted) => (/[.!]”$/.test(quoted) ? "Q." : "Q"));
          for (const sentence of own.split(/(?<=[.!?]) /)) expect(sentence).toMatch(/^\p{Lu}.*[.!]$/u);
        }
      }
    });

    it("is answered without saying a sentence twice", () => {
      for (const text of answers) {
        const sentences = text.split(/(?<=[.!?]) |\n\n/);
        expect(new Set(sentences).size, text).toBe(sentences.length);
      }
    });

    it("has members who quote each other and the text word for word, in whole sentences", () => {
      for (const { first, second } of tables) {
        for (const [agent, text] of second) {
          const heard = [...first].filter(([member]) => member !== agent).map(([, said]) => said);
          for (const [, quoted = ""] of text.matchAll(/“([^”]*)”/g)) {
            const isOfPeer = heard.some((said) => said.includes(`${quoted}.`));
            const isOfText = DOCUMENT.split("\n").some((line) => line === quoted || line === `${quoted}.`);
            expect([quoted, isOfPeer || isOfText]).toEqual([quoted, true]);
          }
        }
      }
    });
  },
);

describe("a member", () => {
  it("says plainly when it changed its mind, and only then", () => {
    const question = QUESTIONS[0] ?? "";
    const sides = sidesOf("Should this design use one writer thread?", []);
    let changed = 0;
    for (const seed of SEEDS) {
      const { first, second } = debate(question, seed);
      for (const agent of MEMBERS) {
        const isChanged = sideIn(first.get(agent) ?? "", sides) !== sideIn(second.get(agent) ?? "", sides);
        expect(second.get(agent)?.includes("I changed my mind")).toBe(isChanged);
        expect(first.get(agent)).not.toContain("I changed my mind");
        if (isChanged) changed += 1;
      }
    }
    expect(changed).toBeGreaterThan(2);
  });

  it("names a phrase for what is proposed, and each gives another reason first", () => {
    for (const seed of SEEDS) {
      const { first } = debate("Should we use PostgreSQL or SQLite?", seed);
      const reasons = [...first.values()].map((text) => text.split("\n\n")[0]?.split(". ")[1]);
      expect(new Set(reasons).size).toBe(3);
    }
    expect(say("ann", [QUESTIONS[0] ?? ""])).toContain("using one writer thread");
  });

  it("with many peers answers the last of its rivals, and counts its allies by name", () => {
    const peers = Array.from({ length: 9 }, (_, index) => {
      const side = index % 2 === 0 ? "Yes" : "No";
      return `<message from="p${index}">${side}, I am sure of it. It would be good for all of us, day and night.</message>`;
    });
    const text = say("ann", [`Should we keep it?${peers.join("")}\nAnswer.`]);
    expect(text).toMatch(/On the same side I count (?:p\d, )*p\d and p\d\./);
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(160);
    const silent = say("ann", ['Should we keep it?<message from="p1">Hm.</message><message from="p2">No.</message>']);
    expect(silent).not.toContain("p1");
    expect(silent).toMatch(/I (?:do not )?agree with p2\./);
  });
});

describe("a member among peers who give no reasons", () => {
  const ask = "Should we keep it?";
  const after = (seed: string, peers: readonly string[]): string => {
    const said = peers.map((text, index) => `<message from="p${index}">${text}</message>`).join("\n");
    return say("ann", [ask, "No, I am against it.", `${said}\nState your answer anew.`], { seed });
  };

  it("quotes nobody, whether it agrees or was convinced", () => {
    const seeds = Array.from({ length: 40 }, (_, index) => `seed ${index}`);
    const texts = seeds.map((seed) => after(seed, ["Yes.", "Yes!", "Yes.", "No."]));
    expect(texts.filter((text) => text.includes("I changed my mind")).length).toBeGreaterThan(10);
    expect(texts.some((text) => text.startsWith("No, ") && text.includes("I agree with p3."))).toBe(true);
    for (const text of texts) expect(text).not.toContain("“");
  });
});

const LABELS = ["Response A", "Response B"];
const ranking = { type: "array", items: { type: "string", enum: LABELS }, minItems: 2, maxItems: 2, uniqueItems: true };
const AGREES = "whether you share the conclusion of the answer you put first";
const STANDS = "true when you still hold your own answer against the one you rank first";

function ballot(seed: string, texts: readonly string[], property: JsonObject): JsonObject {
  const responses = texts.map((text, index) => `<response label="${LABELS[index]}">\n${text}\n</response>`).join("\n");
  const properties = { ranking, reason: { type: "string" }, ...property };
  const answerSchema = { type: "object", properties, required: Object.keys(properties) };
  const text = say("ann", [`${ATTACHED}Should this design use one writer thread?\n${responses}\nRank the answers.`], {
    seed,
    answerSchema,
  });
  return JSON.parse(text) as JsonObject;
}

const YES =
  "Yes, I am in favour of it. In docs/design.md I read: “One writer thread needs no lock of its own.” It is right.";
const NO = "No, I am against it. It would not be right for all of us.";

describe("a ballot", () => {
  it("says in one true sentence why an answer is first", () => {
    for (const seed of SEEDS) {
      const { ranking: ranked, reason } = ballot(seed, [YES, NO], {}) as { ranking: string[]; reason: string };
      expect(reason).toContain(ranked[0]);
      expect(reason).toMatch(
        /^(?:I rank Response [AB] first because it|Response [AB] (?:is|comes)) [^.]*(?:\.md[^.]*)*\.$/,
      );
      if (ranked[0] === "Response B") expect(reason).not.toMatch(/quotation|passage/);
    }
  });

  it("agrees with the first answer unless it still holds another conclusion, more often than not", () => {
    let differing = 0;
    let kept = 0;
    for (let seed = 1; seed <= 60; seed++) {
      for (const texts of [
        [YES, YES.replace("right", "good")],
        [NO, NO.replace("right", "good")],
      ]) {
        const property = {
          agrees: { type: "boolean", description: AGREES },
          standsByOwn: { type: "boolean", description: STANDS },
          other: { type: "boolean", description: STANDS },
          changed_mind: { type: "boolean" },
        };
        const value = ballot(String(seed), texts, property);
        expect(value.standsByOwn).toBe(!(value.agrees as boolean));
        expect(value.other).toBe(value.standsByOwn);
        expect(value.changed_mind).toBe(false);
        const isHeld = /still (?:hold|think) that/.test(String(value.reason));
        expect(isHeld).toBe(value.standsByOwn);
        if (isHeld) kept += 1;
        if (isHeld || String(value.reason).includes("convinced me")) differing += 1;
      }
    }
    expect(differing).toBeGreaterThan(20);
    expect(kept).toBeGreaterThan(differing / 2);
    expect(kept).toBeLessThan(differing);
  });

  it("is also right where the words describe it, and where no answer takes a side", () => {
    const responses = LABELS.map((label) => `<response label="${label}">The weather is fine all day.</response>`);
    const asked = `Should we go?\n${responses.join("\n")}\nThe labels are "Response A", "Response B". Reply with one JSON object and nothing else: {"ranking": an array of all the labels, best first, "reason": a text, "agrees": true or false, ${AGREES}}.`;
    const value = JSON.parse(say("ann", [asked])) as JsonObject;
    expect(value).toMatchObject({ agrees: true });
    expect(value.reason).toContain("Response");
    const terse = asked.replaceAll("The weather is fine all day.", "Fine.");
    expect((JSON.parse(say("ann", [terse])) as JsonObject).reason).toContain("comes to the point");
  });

  it("criticises an answer without a reason for having none", () => {
    const item = { label: { type: "string", enum: LABELS }, critique: { type: "string" } };
    const items = { type: "object", properties: item, required: Object.keys(item) };
    const value = ballot("1", ["Yes.", NO], { critiques: { type: "array", items } });
    const critiques = value.critiques as { label: string; critique: string }[];
    expect(critiques.map(({ label }) => label).toSorted()).toEqual(LABELS);
    for (const { label, critique } of critiques) {
      expect(critique).toContain(label);
      expect(critique.includes("without a reason")).toBe(label === "Response A");
    }
  });

  it("on options that are given gives a reason for the option", () => {
    const schema = (options: readonly string[]): JsonObject => ({
      type: "object",
      properties: {
        choice: { type: "string", enum: [...options] },
        reason: { type: "string" },
        agree: { type: "boolean" },
      },
      required: ["choice", "reason", "agree"],
    });
    const yes = JSON.parse(say("ann", ["Should we go?"], { answerSchema: schema(["yes", "no"]) })) as JsonObject;
    expect(String(yes.reason)).toMatch(/\bgoing\b/i);
    const color = JSON.parse(
      say("ann", ["Which color is it to be?"], { answerSchema: schema(["red", "blue"]) }),
    ) as JsonObject;
    expect(String(color.reason)).toMatch(new RegExp(`^${String(color.choice)} would`, "i"));
  });
});

describe("a chair", () => {
  const INSTRUCTION = "You chair this council. Write its answer to the question.";
  const chair = (question: string, answers: readonly string[], points: readonly number[] = []): string => {
    const shown = answers.map((text, index) => `<response label="Response ${"ABCD"[index]}">\n${text}\n</response>`);
    const lines = points.map(
      (count, index) => `Response ${"ABCD"[index]}: ${count.toFixed(2)} points of the reviewers`,
    );
    return say("ann", [`${question}\n${shown.join("\n")}\n${INSTRUCTION}\n\n${lines.join("\n")}`]);
  };

  it("names who agrees, the position and the main dissent, with evidence for the position", () => {
    const text = chair(QUESTIONS[0] ?? "", [YES, NO, YES], [0.5, 1, 0]);
    expect(text).toMatch(/^Yes, the council is in favour of using one writer thread\./);
    expect(text).toContain("Response A and Response C agree on this; Response B comes to another conclusion.");
    expect(text).toContain("The reviewers ranked Response B first.");
    expect(text).toContain("“It would not be right for all of us”");
    expect(text).toMatch(/docs\/design\.md: “One writer thread (?:keeps|needs no)/);
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(160);
  });

  it("takes the dissent that the reviewers thought best", () => {
    const other = "It depends. It would be good for some of us only.";
    expect(chair("Is tea good?", [YES, YES, NO, other], [0, 0, 0.2, 0.9])).toContain(
      "“It would be good for some of us only”",
    );
  });

  it("follows the other side when that is the stronger, and says when all agree", () => {
    expect(chair(QUESTIONS[0] ?? "", [YES, NO, NO])).toMatch(
      /^No, the council advises against using one writer thread\./,
    );
    expect(chair("Is tea good?", [YES, YES])).toMatch(/^Yes.*council.*All 2 answers agree on this\./);
    expect(chair("Is tea good?", ["It depends. So it is.", "It depends."])).toMatch(/^It depends, the council finds/);
    expect(chair("Should we go?", ["No.", "No.", "Yes."])).toContain("The main dissent is that of Response C.");
    expect(chair("Tea or milk?", ["Tea, please.", "Milk.", "Tea."])).toMatch(/^Tea would be the council’s choice\./);
    const passage = "One writer thread keeps the order of events simple.";
    expect(chair(QUESTIONS[2] ?? "", [passage, passage])).toContain(
      `The council starts from what docs/design.md says: “${passage}”`,
    );
    expect(chair("How do I swim?", ["I would start small.", "Start small!"])).toContain("it is best to start small");
    expect(chair("How do I swim?", ["Hm.", "Well."])).toMatch(/^The council finds that it is best to/);
  });
});
