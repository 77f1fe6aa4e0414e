// `ask` and `demo` over a Polylogue whose answers the test decides.
import { describe, expect, it } from "vitest";
import type { AskDocument, AskRequest, EstimateDocument } from "../../../src/app/polylogue.ts";
import { PolylogueError } from "../../../src/domain/errors.ts";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import { ASK_SCHEMA } from "../ask-schema.ts";
import { type CliSetup, eventsOf, type FakeParts, runFake } from "../fake-polylogue.ts";
import { askDocument, ID } from "../sample-documents.ts";

interface Asked {
  request?: AskRequest;
}

/** A Polylogue that plays events and progress, and answers. */
function playing(asked: Asked, document: AskDocument = askDocument(), events: readonly JournalEvent[] = []): FakeParts {
  return {
    ask: async (request) => {
      asked.request = request;
      request.onStarted?.(ID);
      await Promise.resolve();
      return document;
    },
    conversations: { tail: () => eventsOf(events) },
  };
}

async function ask(args: readonly string[], setup: CliSetup & { readonly document?: AskDocument } = {}) {
  const asked: Asked = {};
  const result = await runFake(args, { parts: playing(asked, setup.document), ...setup });
  return { ...result, request: asked.request };
}

describe("ask", () => {
  it("passes everything on", async () => {
    const { request, opened, closed } = await ask(
      "--home /data --config /c.yaml ask why? -w claude,gemini -a vote -f a.md b.ts -b 0.5 --seed 7 --deadline 2m --continue 019a --set rounds=2 --set strict=true".split(
        " ",
      ),
    );
    expect(request).toMatchObject({
      question: "why?",
      with: ["claude", "gemini"],
      as: "vote",
      budgetUsd: 0.5,
      seed: 7,
      deadlineMs: 120_000,
      continueFrom: "019a",
      settings: { rounds: 2, strict: true },
    });
    expect(request?.attachments?.map(({ name }) => name)).toEqual(["a.md", "b.ts"]);
    expect(opened).toEqual([{ home: "/data", configFile: "/c.yaml", environment: {}, folder: "/nowhere", seed: 7 }]);
    expect(closed).toBe(1);
  });

  it("says nothing that the user did not say", async () => {
    const { request } = await ask(["ask", "why?"]);
    expect(Object.keys(request ?? {}).toSorted()).toEqual([
      "attachments",
      "onProgress",
      "onStarted",
      "question",
      "release",
      "signal",
    ]);
  });

  it("takes --simulated before and after its name", async () => {
    for (const args of [
      ["--simulated", "ask", "q"],
      ["ask", "q", "--simulated"],
    ]) {
      const { opened, err } = await ask(args);
      expect(opened[0]).toMatchObject({ simulated: true, simulatedLatency: "lively" });
      expect(err).toContain("Simulated: no vendor is called");
    }
    expect((await ask(["ask", "q", "--simulated", "--json"])).opened[0]).toMatchObject({ simulatedLatency: "none" });
  });

  it("reads the question from a pipe, but never waits for a person to type", async () => {
    expect((await ask(["ask"], { stdin: "from a pipe\n" })).request?.question).toBe("from a pipe");
    for (const setup of [{}, { stdin: " \n" }]) {
      const { code, err } = await ask(["ask"], setup);
      expect(code).toBe(2);
      expect(err).toContain("There is no question.");
    }
    const { code, err } = await ask(["ask"], { stdin: "x".repeat(300_000) });
    expect(code).toBe(2);
    expect(err).toContain("longer than");
  });

  it("takes what stands behind -- for the question", async () => {
    expect((await ask(["ask", "--seed", "1", "--", "--json?"])).request?.question).toBe("--json?");
  });

  it.each([
    ["decided", 0],
    ["degraded", 8],
    ["no_decision", 8],
    ["budget_exhausted", 6],
    ["cancelled", 130],
    ["failed", 1],
  ] as const)("%s ends with %d, in JSON and in words", async (status, expected) => {
    const document = askDocument({ status });
    for (const flags of [["--json"], ["--jsonl"], []]) {
      expect((await ask(["ask", "q", ...flags], { document })).code).toBe(expected);
    }
  });

  it("prints exactly the document under --json, and nothing else anywhere", async () => {
    const { out, err } = await ask(["ask", "q", "--json"]);
    const parsed = JSON.parse(out) as unknown;
    expect(ASK_SCHEMA.parse(parsed)).toEqual(askDocument());
    expect(err).toBe("");
  });

  it("closes the Polylogue when asking fails, and tells why", async () => {
    const parts: FakeParts = {
      ask: () =>
        Promise.reject(
          new PolylogueError("AGENT_UNKNOWN", { message: "There is no agent hal.", mend: "Ask another." }),
        ),
    };
    const { code, out, err, closed } = await runFake(["ask", "q", "--json"], { parts });
    expect(code).toBe(2);
    expect(closed).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ schema: "polylogue.error/1", code: "AGENT_UNKNOWN", mend: "Ask another." });
    expect(err).toContain("There is no agent hal.");
  });

  it.each([
    [["ask", "q"], {}, "`polylogue agents list`"],
    [["ask", "q", "--config=c.yaml"], {}, "`polylogue --config c.yaml agents list`"],
    [["ask", "q"], { npm_lifecycle_event: "polylogue" }, "`npm run -s polylogue -- agents list`"],
    [
      ["--home", "it's/here", "ask", "q"],
      { npm_lifecycle_event: "demo" },
      "`npm run -s polylogue -- --home 'it'\\''s/here' agents list`",
    ],
  ])("puts a command in a mend as this user calls it (%j)", async (args, env, expected) => {
    const mend = "Ask one of `polylogue agents list`.";
    const failed = (): Promise<never> =>
      Promise.reject(new PolylogueError("AGENT_UNKNOWN", { message: "There is no agent hal.", mend }));
    const { err } = await runFake(args, { parts: { ask: failed }, env });
    expect(err).toContain(`How to mend: Ask one of ${expected}.\n`);
    const { out } = await runFake([...args, "--json"], { parts: { ask: failed }, env });
    expect(JSON.parse(out)).toMatchObject({ mend });
  });

  it("refuses an attachment before it opens anything", async () => {
    const { code, opened } = await runFake(["ask", "q", "-f", "x.pdf"], {
      services: {
        readAttachments: () => Promise.reject(new PolylogueError("ATTACHMENT_TYPE", { message: "A PDF." })),
      },
    });
    expect(code).toBe(2);
    expect(opened).toEqual([]);
  });

  it("--estimate asks nobody", async () => {
    const estimate: EstimateDocument = {
      schema: "polylogue.estimate/1",
      orchestration: "debate",
      turnsMax: 9,
      costUsdMax: 0.5,
      agents: [
        {
          agent: "claude",
          vendor: "anthropic",
          model: "claude-sonnet-5-5",
          turnsMax: 3,
          inputTokensMax: 12_000,
          outputTokensMax: 24_576,
          costUsdMax: 0.5,
        },
      ],
      leavesOut: ["calls that are made again", "late ballots"],
      simulated: true,
    };
    const parts: FakeParts = { estimate: () => Promise.resolve(estimate) };
    const { code, out, err } = await runFake(["ask", "q", "--estimate"], { parts });
    expect(code).toBe(0);
    expect(err).toBe("Estimating …\n");
    expect((await runFake(["ask", "q", "--estimate", "--simulated"], { parts })).err).toBe("Estimating …\n");
    expect(out).toContain("At most $0.5000 for 9 turns (debate). Nobody was asked.");
    expect(out).toMatch(/claude +anthropic\/claude-sonnet-5-5 +3 +12,000 +24,576 +\$0\.5000/);
    expect(out).toContain("On top may come: calls that are made again; late ballots. The budget limits all of it.");
    expect(out).toContain("Simulated: no vendor would be called.");
    expect(JSON.parse((await runFake(["ask", "q", "--estimate", "--json"], { parts })).out)).toEqual(estimate);
    const real: FakeParts = { estimate: () => Promise.resolve({ ...estimate, simulated: false }) };
    expect((await runFake(["ask", "q", "--estimate"], { parts: real })).out).not.toContain("imulated");
  });
});

describe("demo", () => {
  it("asks three members its own question about its own document, simulated", async () => {
    const { request, opened } = await ask(["demo"]);
    expect(request?.with).toEqual(["claude", "gemini", "deepseek"]);
    expect(request?.question).toContain("one writer thread");
    expect(request?.attachments?.map(({ name }) => name)).toEqual(["journal-writer.md"]);
    expect(opened[0]).toMatchObject({ simulated: true, seed: request?.seed });
    expect((await ask(["demo", "--seed", "3"])).request?.seed).toBe(3);
  });

  it("takes the user's own question and file instead", async () => {
    const own = await ask(["demo", "Mine?", "--attach", "own.md", "--with", "gemini", "--seed", "3"]);
    expect(own.request).toMatchObject({ question: "Mine?", with: ["gemini"], seed: 3 });
    expect(own.request?.attachments?.map(({ name }) => name)).toEqual(["own.md"]);
    const onlyFile = await ask(["demo", "--attach", "own.md"]);
    expect(onlyFile.request?.question).toMatch(/what this document proposes/);
    expect(onlyFile.request).not.toHaveProperty("seed");
    expect((await ask(["demo", "Mine?"])).request?.attachments).toEqual([]);
  });
});
