// What simulated models say: they quote, take sides, answer each other, change
// their minds and vote, so that no decision is foregone.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import type { SimulatedVendor } from "../../src/simulators/simulator.ts";
import { verifies } from "../requirements.ts";
import { createHarness, GENERATING_PATHS, type Harness, saidBy } from "./harness.ts";

const DOCUMENT = `# Storage

The journal is written by one writer thread. One writer thread keeps the order of events total, and every reader sees them in that order. A second writer thread would need a lock, and each append would wait for it. Readers never block, because the log is read as a snapshot.

Group commit bundles the appends of one turn, so that one fsync serves many callers. The bus may lose messages; a sweep finds what a lost wake-up missed. Budgets are reserved before a call is made. A crash leaves an intent without an outcome, and a stated policy resolves it.
`;
const QUESTION = "Should this design use one writer thread?";
const AGENTS: readonly (readonly [string, SimulatedVendor, string])[] = [
  ["claude", "anthropic", "claude-sonnet-5-5"],
  ["gemini", "google", "gemini-3.8-flash"],
  ["deepseek", "deepseek", "deepseek-flash"],
];

const opening = (document = DOCUMENT): string => `${QUESTION}\n<attachment name="storage.md">${document}</attachment>`;

type Turns = readonly (readonly [role: "user" | "assistant", text: string])[];

async function ask(
  harness: Harness,
  agent: string,
  asked: Turns | { turns: Turns; schema: JsonObject },
): Promise<string> {
  const { turns, schema } = "turns" in asked ? asked : { turns: asked, schema: undefined };
  const [, vendor, model] = AGENTS.find(([name]) => name === agent) ?? ["", "openai", "gpt-4o"];
  const system = `You are ${agent}, one of several agents in a debate.`;
  const path = GENERATING_PATHS[vendor];
  const reply = await harness.post(vendor, path, bodyFor({ vendor, model, system, turns, schema }));
  expect([agent, reply.status, reply.status === 200 ? "" : reply.text]).toEqual([agent, 200, ""]);
  return saidBy(vendor, reply);
}

interface Asked {
  readonly vendor: SimulatedVendor;
  readonly model: string;
  readonly system: string;
  readonly turns: Turns;
  readonly schema: JsonObject | undefined;
}

function bodyFor({ vendor, model, system, turns, schema }: Asked): JsonObject {
  if (vendor === "google") {
    return {
      systemInstruction: { parts: [{ text: system }] },
      contents: turns.map(([role, text]) => ({ role: role === "assistant" ? "model" : "user", parts: [{ text }] })),
      ...(schema === undefined
        ? {}
        : { generationConfig: { responseMimeType: "application/json", responseJsonSchema: schema } }),
    };
  }
  const messages = turns.map(([role, content]) => ({ role, content }));
  if (vendor === "anthropic") {
    const format = schema === undefined ? {} : { output_config: { format: { type: "json_schema", schema } } };
    return { model, max_tokens: 2_000, system, messages, ...format };
  }
  const asJson = { role: "system", content: `Answer in JSON of this schema: ${JSON.stringify(schema)}` };
  return {
    model,
    messages: [{ role: "system", content: system }, ...(schema === undefined ? [] : [asJson]), ...messages],
    ...(schema === undefined ? {} : { response_format: { type: "json_object" } }),
  };
}

function peersOf(answers: ReadonlyMap<string, string>, agent: string, round: number): string {
  return [...answers]
    .filter(([name]) => name !== agent)
    .map(([name, text]) => `<message from="${name}" round="${round}">${text}</message>`)
    .join("\n");
}

async function debate(seed: number): Promise<{ rounds: Map<string, string>[]; ballots: Map<string, string[]> }> {
  const harness = createHarness({ seed });
  const first = new Map<string, string>();
  for (const [agent] of AGENTS) first.set(agent, await ask(harness, agent, [["user", opening()]]));
  const second = new Map<string, string>();
  for (const [agent] of AGENTS) {
    second.set(
      agent,
      await ask(harness, agent, [
        ["user", opening()],
        ["assistant", first.get(agent) ?? ""],
        ["user", `Read the others and answer again.\n${peersOf(first, agent, 1)}`],
      ]),
    );
  }
  const ballots = new Map<string, string[]>();
  for (const [agent] of AGENTS) {
    const others = AGENTS.map(([name]) => name).filter((name) => name !== agent);
    const candidates = others
      .map((name, index) => `<answer label="${"AB"[index]}">${second.get(name)}</answer>`)
      .join("\n");
    const schema = {
      type: "object",
      properties: {
        ranking: {
          type: "array",
          items: { type: "string", enum: ["A", "B"] },
          minItems: 2,
          maxItems: 2,
          uniqueItems: true,
        },
        reason: { type: "string" },
      },
      required: ["ranking", "reason"],
    };
    const turns: Turns = [
      ["user", opening()],
      ["assistant", second.get(agent) ?? ""],
      ["user", `Rank the answers.\n${candidates}`],
    ];
    const text = await ask(harness, agent, { turns, schema });
    const { ranking } = JSON.parse(text) as { ranking: string[] };
    ballots.set(
      agent,
      ranking.map((label) => others["AB".indexOf(label)] ?? "?"),
    );
  }
  return { rounds: [first, second], ballots };
}

/** Each first place counts one; several winners are a tie. */
function winnersOf(ballots: ReadonlyMap<string, readonly string[]>): string[] {
  const points = new Map<string, number>();
  for (const [first = "?"] of ballots.values()) points.set(first, (points.get(first) ?? 0) + 1);
  const most = Math.max(...points.values());
  return [...points].filter(([, count]) => count === most).map(([name]) => name);
}

const sideOf = (text: string): string => /^(Yes|No|It depends)\b/.exec(text)?.[0] ?? "?";

describe("an answer", () => {
  it("quotes the attached text word for word, names the source, and has 60 to 160 words", async () => {
    verifies("R7.2");
    for (let seed = 1; seed <= 20; seed++) {
      const text = await ask(createHarness({ seed }), "claude", [["user", opening()]]);
      const quotes = [...text.matchAll(/“([^”]{25,})”/g)].map((match) => match[1] ?? "");
      expect(quotes.length).toBeGreaterThan(0);
      for (const quote of quotes) expect(DOCUMENT).toContain(quote);
      expect(text).toContain("storage.md");
      expect(text.split(/\s+/).length).toBeGreaterThanOrEqual(60);
      expect(text.split(/\s+/).length).toBeLessThanOrEqual(160);
    }
  });

  it("takes sides that differ between agents and between seeds", async () => {
    const sides = new Set<string>();
    let split = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const harness = createHarness({ seed });
      const taken = await Promise.all(
        AGENTS.map(async ([agent]) => sideOf(await ask(harness, agent, [["user", opening()]]))),
      );
      for (const side of taken) sides.add(side);
      if (new Set(taken).size > 1) split += 1;
    }
    expect([...sides].sort()).toEqual(["It depends", "No", "Yes"]);
    expect(split).toBeGreaterThan(8);
  });

  it("chooses one of the offered options and says it first", async () => {
    const chosen = new Set<string>();
    for (let seed = 1; seed <= 12; seed++) {
      const text = await ask(createHarness({ seed }), "claude", [
        ["user", "Should we use PostgreSQL or SQLite for the journal?"],
      ]);
      chosen.add(/^(PostgreSQL|SQLite)/.exec(text)?.[0] ?? text);
    }
    expect([...chosen].sort()).toEqual(["PostgreSQL", "SQLite"]);
  });

  it("answers peers by name and with their own words", async () => {
    const harness = createHarness({ seed: 3 });
    const said = "No, I would keep it simple. Every additional thread costs more than it brings in this place.";
    const text = await ask(harness, "claude", [
      ["user", `${opening()}\n<message from="gemini" round="1">${said}</message>`],
    ]);
    expect(text).toContain("gemini");
    expect(text).toContain("Every additional thread costs more than it brings in this place");
  });

  it("changes its mind more often the more peers stand on the other side", async () => {
    const changes = async (peers: number): Promise<number> => {
      let changed = 0;
      for (let seed = 1; seed <= 40; seed++) {
        const harness = createHarness({ seed });
        const before = await ask(harness, "claude", [["user", opening()]]);
        const other = sideOf(before) === "No" ? "Yes" : "No";
        const crowd = Array.from(
          { length: peers },
          (_, index) => `<message from="peer${index}">${other}, the case is clear to me.</message>`,
        ).join("\n");
        const after = await ask(harness, "claude", [
          ["user", opening()],
          ["assistant", before],
          ["user", `Answer again.\n${crowd}`],
        ]);
        if (sideOf(after) === other) changed += 1;
        else expect(sideOf(after)).toBe(sideOf(before));
      }
      return changed;
    };
    const [one, five] = [await changes(1), await changes(5)];
    expect(one).toBeGreaterThan(1);
    expect(one).toBeLessThan(20);
    expect(five).toBeGreaterThan(one + 5);
  });
});

describe("ballots", () => {
  it("over seeds 1 to 20 give different winners, dissent, some ties and at least twelve decisions", async () => {
    verifies("R7.2");
    const winners = new Set<string>();
    let decided = 0;
    let dissent = 0;
    for (let seed = 1; seed <= 20; seed++) {
      const { ballots, rounds } = await debate(seed);
      const won = winnersOf(ballots);
      if (won.length === 1) {
        decided += 1;
        winners.add(won[0] ?? "?");
        const sides = [...(rounds[1]?.values() ?? [])].map(sideOf);
        if (new Set(sides).size > 1) dissent += 1;
      }
    }
    expect(decided).toBeGreaterThanOrEqual(12);
    expect(winners.size).toBeGreaterThanOrEqual(2);
    expect(dissent).toBeGreaterThanOrEqual(1);
  });

  it("are the same for the same seed, and do not follow the order in which candidates are shown", async () => {
    verifies("R7.3");
    expect(await debate(4)).toEqual(await debate(4));
    const schema = {
      type: "object",
      properties: { choice: { type: "string", enum: ["A", "B"] } },
      required: ["choice"],
    };
    const answers = [
      "Yes. One writer thread keeps the order of events total.",
      "No. A lock is cheap and several writers are quick.",
    ];
    for (let seed = 1; seed <= 10; seed++) {
      const choices = await Promise.all(
        [answers, answers.toReversed()].map(async (shown) => {
          const list = shown.map((text, index) => `Response ${"AB"[index]}: ${text}`).join("\n");
          const turns: Turns = [["user", `${opening()}\n\nWhich response is best?\n${list}`]];
          const text = await ask(createHarness({ seed }), "claude", { turns, schema });
          return shown["AB".indexOf((JSON.parse(text) as { choice: string }).choice)];
        }),
      );
      expect(choices[0]).toBe(choices[1]);
    }
  });

  it("carry evidence that occurs in the document", async () => {
    const schema = {
      type: "object",
      properties: {
        position: { type: "string" },
        confidence: { type: "number", minimum: 0, maximum: 1 },
        evidence: {
          type: "array",
          items: {
            type: "object",
            properties: { source: { type: "string" }, quote: { type: "string" } },
            required: ["source", "quote"],
          },
          maxItems: 3,
        },
      },
      required: ["position", "confidence", "evidence"],
    };
    for (const [agent] of AGENTS) {
      const text = await ask(createHarness({ seed: 2 }), agent, { turns: [["user", opening()]], schema });
      const answer = JSON.parse(text) as {
        position: string;
        confidence: number;
        evidence: { source: string; quote: string }[];
      };
      expect(answer.position).toMatch(/^(Yes|No|It depends): /);
      expect(answer.confidence).toBeGreaterThan(0.3);
      expect(answer.evidence.length).toBe(2);
      for (const { source, quote } of answer.evidence) {
        expect(source).toBe("storage.md");
        expect(DOCUMENT).toContain(quote);
      }
      expect(answer.evidence[0]?.quote).not.toBe(answer.evidence[1]?.quote);
    }
  });
});
