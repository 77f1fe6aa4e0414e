// What a simulated model makes of a prompt, whatever vendor it came through.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/domain/json.ts";
import { candidateText, rankOptions } from "../../../src/simulators/reply/candidates.ts";
import { composeReply } from "../../../src/simulators/reply/compose.ts";
import type { Prompt, PromptMessage } from "../../../src/simulators/reply/prompt.ts";
import { assignmentOf } from "../../../src/simulators/reply/question.ts";
import { takeStance } from "../../../src/simulators/reply/stance.ts";
import { verifies } from "../../requirements.ts";

const user = (text: string): PromptMessage => ({ role: "user", text, calls: [], results: [] });
const own = (text: string): PromptMessage => ({ ...user(text), role: "assistant" });

function prompt(messages: readonly (string | PromptMessage)[], change: Partial<Prompt> = {}): Prompt {
  return {
    model: "some-model",
    system: "You are ann, one of three.",
    messages: messages.map((message) => (typeof message === "string" ? user(message) : message)),
    tools: [],
    toolChoice: { kind: "auto" },
    parallelTools: true,
    isJson: false,
    ...change,
  };
}

const json = (text: string, change: Partial<Prompt> = {}): JsonObject =>
  JSON.parse(composeReply(prompt([text], { isJson: true, ...change }), "1").text) as JsonObject;

describe("the assignment in a prompt", () => {
  it("is found in blocks, with names, documents, peers and own words", () => {
    const assignment = assignmentOf(
      prompt([
        '<attachment name="a &amp; b.md">Text of a.</attachment><document>Text of b.</document><file path="c.ts">let c</file><question from="user">\nIs it so?\n</question>',
        own("Yes, it is."),
        '<message from="bob" round="1">No.</message><message from="bob" round="2">Maybe.</message><message from="ann">mine</message><message from="user">hm</message><reply>x</reply>\nAnswer again.',
      ]),
    );
    expect(assignment).toMatchObject({
      agent: "ann",
      question: "Is it so?",
      documents: [{ name: "a & b.md" }, { name: "document 2" }, { name: "c.ts" }],
      peers: [{ from: "bob", text: "Maybe." }],
      own: ["Yes, it is."],
      instruction: "Answer again.",
    });
  });

  it("is found in plain text of many forms", () => {
    const questionIn = (...texts: string[]): string => assignmentOf(prompt(texts, { system: "Be brief." })).question;
    expect(questionIn("Question: Which way is north? Thanks.")).toBe("Which way is north? Thanks.");
    expect(questionIn("Hello there.\nI wonder. Is tea good? Tell me.")).toBe("Is tea good?");
    expect(questionIn("Describe the sea.\nAt length.")).toBe("Describe the sea.");
    expect(questionIn("<question>Name three rivers.</question>")).toBe("Name three rivers.");
    expect(questionIn()).toBe("");
    const essay = `${"The tide comes in twice a day and leaves shells. ".repeat(40)}What does the tide leave?`;
    const { documents, agent } = assignmentOf(prompt([essay], { system: "Be brief." }));
    expect([documents[0]?.name, agent]).toEqual(["the text", ""]);
  });
});

describe("an answer", () => {
  it("to an open question proposes what its best sentence is about", () => {
    const text =
      "How should the harbour be protected?\n<attachment name='harbour.txt'>A stone breakwater protects the harbour from waves in winter storms. The fish market opens early every morning. Deep dredging keeps the harbour open for large ships at low tide.</attachment>";
    const starts = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) {
      const reply = composeReply(prompt([text]), String(seed)).text;
      expect(reply).toMatch(/“A stone breakwater|“Deep dredging/);
      starts.add(reply.slice(0, 12));
    }
    expect(starts.size).toBeGreaterThan(1);
  });

  it("works without any question, document or word", () => {
    for (const text of ["", "hello", "hello there, friend", "???"])
      expect(composeReply(prompt([text]), "1").text.split(/\s+/).length).toBeGreaterThan(20);
    expect(composeReply(prompt([]), "1").text).not.toBe("");
  });

  it("quotes lines of code when there is no prose, and passes over mark-up", () => {
    const code =
      "<attachment name='x.ts'>\nconst writerThreads = 1;\nconst readers = 8;\n</attachment>\nHow many writerThreads are there?";
    expect(composeReply(prompt([code]), "1").text).toContain("const writerThreads = 1;");
    const marked =
      "<attachment name='x.md'># The writer thread is a heading here\n```\nthe writer thread in a code block is not prose\n```\n| the writer thread | in a table row |\n- The writer thread commits every event of the journal.\n</attachment>\nWhat does the writer thread do?";
    const { text } = composeReply(prompt([marked]), "1");
    expect(text).toContain("“The writer thread commits every event of the journal.”");
    expect(text).not.toContain("heading");
    expect(text).not.toContain("code block");
  });

  it("answers peers who agree, who disagree, and who say nothing", () => {
    const peers = [
      "Yes, certainly. It keeps the whole thing simple for all of us.",
      "No, never. It would cost too much work in the end.",
      "The weather is fine and the sea is calm.",
      "Hm.",
    ];
    const blocks = peers.map((text, index) => `<message from="peer${index}">${text}</message>`).join("\n");
    for (let seed = 1; seed <= 8; seed++) {
      const { text } = composeReply(prompt([`Should we keep it?\n${blocks}`]), String(seed));
      expect(text).toContain("peer1");
      expect(text).toContain("peer2");
      expect(text).not.toContain("“Hm");
    }
  });

  it("is short of nothing when it must be JSON that nobody describes", () => {
    expect(json("Is tea good? Give json.")).toEqual({
      answer: expect.any(String),
      reasons: [expect.any(String), expect.any(String)],
      confidence: expect.any(Number),
    });
    expect(
      json('Is tea good? Follow {"verdict":"yes","score":3,"share":0.5,"flags":[true],"inner":{"x":null},"none":[]}'),
    ).toEqual({
      verdict: expect.stringMatching(/^(Yes|No|It depends)/),
      score: expect.any(Number),
      share: expect.any(Number),
      flags: [expect.any(Boolean), expect.any(Boolean)],
      inner: { x: null },
      none: [expect.any(String), expect.any(String)],
    });
    expect(json('An unclosed { and a closed {broken} and one "in a \\"string\\" {" then {}')).toHaveProperty("answer");
    expect(json('Say json: {"text": "with a \\" quote and a } brace"}')).toEqual({ text: expect.any(String) });
  });

  it("is JSON when the words ask for it, by the words' own description", () => {
    const ballot =
      'Is tea good?\nThe labels are "A", "B". Reply with one JSON object and nothing else: {"ranking": an array of all the labels, best first, "choice": one of the labels, "sure": true or false, "weight": a number, "reason": a text, "critiques": an array of {"label", "critique"}}.';
    const value = JSON.parse(composeReply(prompt([ballot]), "1").text) as { ranking: string[] };
    expect([...value.ranking].sort()).toEqual(["A", "B"]);
    expect(value).toMatchObject({
      choice: expect.stringMatching(/^[AB]$/),
      sure: expect.any(Boolean),
      weight: expect.any(Number),
      critiques: [{ label: expect.any(String) }, {}],
    });
    const free = JSON.parse(
      composeReply(prompt(['Reply with a JSON object: {"names": a list of names, "about": {"label"}}']), "1").text,
    ) as JsonObject;
    expect(free).toMatchObject({ names: expect.any(Array), about: [{ label: expect.any(String) }, {}] });
    expect(() => JSON.parse(composeReply(prompt(["Reply with a JSON object: {}"]), "1").text)).not.toThrow();
  });
});

describe("the places of a structured answer", () => {
  const every = (names: readonly string[], type = "string"): JsonObject => ({
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, { type }])),
    required: [...names],
  });
  const DOCUMENT =
    '<attachment name="s.md">One writer thread keeps the order of all events. A second writer thread would not be safe without a lock.</attachment>';

  it("mean what their names say", () => {
    verifies("R7.2");
    const names = [
      "answer",
      "position",
      "reason",
      "critique",
      "strength",
      "quote",
      "source",
      "agent",
      "question",
      "choice",
      "finalVerdict",
    ];
    const value = json(
      `Should we keep one writer thread?\n${DOCUMENT}\n<message from="bob">No. Many threads are quicker under load.</message>`,
      { answerSchema: every(names) },
    );
    expect(value).toMatchObject({
      source: "s.md",
      agent: "ann",
      question: "Should we keep one writer thread?",
      choice: expect.stringMatching(/^(Yes|No|It depends)$/),
    });
    expect(DOCUMENT).toContain(value.quote);
    for (const name of ["critique", "strength"]) expect(value[name]).toContain("Many threads are quicker under load");
    expect(value.finalVerdict).toBe(value.position);
    const bare = json("Should we keep it?", { system: "", answerSchema: every(names) });
    expect(bare).toMatchObject({ source: "the question", agent: "assistant", quote: "Should we keep it?" });
    for (const name of ["reason", "critique", "strength"]) expect(bare[name]).not.toBe("");
  });

  it("give numbers and truths a meaning too", () => {
    const numbers = json("Should we keep it?", { answerSchema: every(["confidence", "score", "amount"], "number") });
    expect(numbers.confidence).toBeGreaterThan(0.5);
    expect(numbers.score).toBeGreaterThan(0);
    const truths = json("Should we keep it?", {
      answerSchema: every(["abstain", "changed_mind", "agree", "other"], "boolean"),
    });
    expect(truths).toMatchObject({
      abstain: false,
      changed_mind: false,
      agree: expect.any(Boolean),
      other: expect.any(Boolean),
    });
    const options =
      '<response label="A">Yes. One writer keeps all in order.</response><response label="B">No. Many writers are quick.</response>';
    const scores = json(`Should we keep one writer?\n${options}`, {
      answerSchema: {
        type: "object",
        properties: {
          scores: {
            type: "object",
            properties: {
              A: { type: "integer", minimum: 0, maximum: 10 },
              B: { type: "integer", minimum: 0, maximum: 10 },
            },
            required: ["A", "B"],
          },
          critiques: every(["A", "B"]),
        },
        required: ["scores", "critiques"],
      },
    });
    const { A, B } = scores.scores as { A: number; B: number };
    expect(A).not.toBe(B);
    expect((scores.critiques as JsonObject).A).toContain("“One writer keeps all in order”");
  });

  it("put one's own side first among options, and never choose to abstain while there is another way", () => {
    const assignment = assignmentOf(prompt(["Should we keep it?"]));
    const stance = takeStance({ assignment, quotes: [], seed: "1", model: "m" });
    const ballot = { assignment, stance, quotes: [], text: "", seed: "1" };
    expect(rankOptions(["yes", "no", "it-depends", "abstain", null], ballot)[0]).toBe(
      stance.side.label.toLowerCase().replaceAll(" ", "-"),
    );
    expect(new Set(rankOptions(["abstain", "yes", null], ballot).slice(1))).toEqual(new Set(["abstain", null]));
  });

  it("find a label's text in blocks, headings and lists", () => {
    expect(candidateText("A", '<answer label="A">one</answer><answer label="B">two</answer>')).toBe("one");
    expect(candidateText("B", "Response A: one\nResponse B: two")).toBe("two");
    expect(candidateText("A", "## Option A\none\nmore\n## Option B\ntwo")).toBe("one\nmore");
    expect(candidateText("ann", "**ann**: one\n**bob**: two")).toBe("one");
    expect(candidateText("C", "nothing of the kind")).toBeUndefined();
    expect(candidateText("A", "A:\nB: two")).toBeUndefined();
  });
});

describe("tools", () => {
  const tool = (
    name: string,
    description = "",
    properties: JsonObject = { city: { type: "string" } },
  ): Prompt["tools"][number] => ({
    name,
    description,
    schema: { type: "object", properties, required: Object.keys(properties) },
  });
  const called = (text: string, tools: Prompt["tools"], change: Partial<Prompt> = {}): string[] =>
    composeReply(prompt([text], { tools, ...change }), "1").calls.map((call) => call.name);
  const weather = tool("get_weather", "Weather of a city");
  const final = tool("final_result", "The answer", { answer: { type: "string" } });

  it("are called when the matter is theirs, when named, and when asked for", () => {
    expect(called("What's the weather in Rome?", [weather, final])).toEqual(["get_weather"]);
    expect(called("Please consult a tool now.", [weather])).toEqual(["get_weather"]);
    expect(called("Use lookup for me", [tool("lookup")])).toEqual(["lookup"]);
    expect(
      called("What can be found about ships and shells?", [tool("search_everything", "Finds additional tools")]),
    ).toEqual(["search_everything"]);
    expect(called("Give me details about Paris today", [tool("lookup_country")])).toEqual(["lookup_country"]);
  });

  it("are left alone when nothing calls for them", () => {
    expect(called("Hello", [weather])).toEqual([]);
    expect(called("Do not call get_weather.", [weather])).toEqual([]);
    expect(called("What's the weather in Rome?", [weather], { toolChoice: { kind: "none" } })).toEqual([]);
    expect(called("Give me an answer about the final result of it", [final])).toEqual([]);
    expect(
      called(`Is it so? ${"This is a long text on the ordinary weather of ideas. ".repeat(8)}`, [weather]),
    ).toEqual([]);
    expect(called("Tell me of the sea and its ships", [tool("dummy", "", {})])).toEqual([]);
  });

  it("are called when they must be, an answer tool last", () => {
    const must = { toolChoice: { kind: "required" } } as const;
    expect(called("Hello", [final, weather], must)).toEqual(["get_weather"]);
    expect(called("Hello", [final], must)).toEqual(["final_result"]);
    const turn = (result: string): PromptMessage[] => [
      user("What's the weather in Rome?"),
      { ...own(""), calls: [{ id: "1", name: "get_weather", args: {} }] },
      { ...user(""), results: [{ id: "1", name: "get_weather", text: result }] },
    ];
    const next = (result: string, tools: Prompt["tools"], change: Partial<Prompt> = must): string[] =>
      composeReply(prompt(turn(result), { tools, ...change }), "1").calls.map((call) => call.name);
    expect(next("Sunny", [weather, final])).toEqual(["final_result"]);
    expect(next("Sunny", [weather])).toEqual(["get_weather"]);
    expect(next("Sunny", [weather, tool("get_boats")])).toEqual(["get_boats"]);
    expect(next("Wrong city. Try again.", [weather], {})).toEqual(["get_weather"]);
    expect(next("Sunny", [weather, tool("get_boats")], {})).toEqual([]);
    expect(
      composeReply(
        prompt([...turn("Sunny").slice(0, 2), { ...user(""), results: [{ id: "1", name: "", text: "Sunny" }] }]),
        "1",
      ).text,
    ).toContain("The tool returned: Sunny");
  });

  it("get their arguments from the user's words", () => {
    const args = (text: string, properties: JsonObject): JsonObject =>
      composeReply(
        prompt([text], { tools: [tool("act_now", "", properties)], toolChoice: { kind: "named", name: "act_now" } }),
        "1",
      ).calls[0]?.args ?? {};
    expect(args("city: Oslo, please", { city: { type: "string" } })).toEqual({ city: "Oslo" });
    expect(args("Weather in New York and days is 3", { city: { type: "string" }, days: { type: "integer" } })).toEqual({
      city: "New York",
      days: 3,
    });
    expect(args("Delete `notes.txt` now", { path: { type: "string" } })).toEqual({ path: "notes.txt" });
    expect(args("Refund order-123 at once", { order_id: { type: "string" } })).toEqual({ order_id: "order-123" });
    expect(args("Find ships and shells", { queries: { type: "array", items: { type: "string" } } })).toEqual({
      queries: expect.arrayContaining([expect.stringContaining("ships")]),
    });
    expect(args("go", { city: { type: "string" } })).toEqual({ city: expect.any(String) });
    expect(
      composeReply(
        prompt(["go"], {
          tools: [{ name: "list_all", description: "", schema: { type: "array" } }],
          toolChoice: { kind: "required" },
        }),
        "1",
      ).calls[0]?.args,
    ).toEqual({});
  });
});
