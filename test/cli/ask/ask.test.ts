// `ask` and `demo` over a Polylogue whose answers the test decides.
import { describe, expect, it } from "vitest";
import type { AskDocument, AskRequest, EstimateDocument } from "../../../src/app/polylogue.ts";
import { PolylogueError } from "../../../src/domain/errors.ts";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import { ASK_SCHEMA } from "../ask-schema.ts";
import { captureIo } from "../capture-io.ts";
import { type CliSetup, eventsOf, type FakeParts, runFake } from "../fake-polylogue.ts";
import {
  attemptEnded,
  ballotCast,
  created,
  done,
  ended,
  installed,
  journal,
  of,
  says,
  started,
  turnCompleted,
  turnFailed,
  turnStarted,
} from "../sample-conversation.ts";
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
      simulated: true,
    };
    const parts: FakeParts = { estimate: () => Promise.resolve(estimate) };
    const { code, out, err } = await runFake(["ask", "q", "--estimate"], { parts });
    expect(code).toBe(0);
    expect(err).toContain("Estimating the configured agents");
    expect(out).toContain("At most $0.5000 for 9 turns (debate). Nobody was asked.");
    expect(out).toMatch(/claude +anthropic\/claude-sonnet-5-5 +3 +12,000 +24,576 +\$0\.5000/);
    expect(out).toContain("Simulated: no vendor would be called.");
    expect(JSON.parse((await runFake(["ask", "q", "--estimate", "--json"], { parts })).out)).toEqual(estimate);
    const real: FakeParts = { estimate: () => Promise.resolve({ ...estimate, simulated: false }) };
    expect((await runFake(["ask", "q", "--estimate"], { parts: real })).out).not.toContain("imulated");
  });
});

const EVENTS: readonly JournalEvent[] = [
  created(),
  journal(2, "handshake.refused", { agent: "deepseek", code: "AUTH", reason: "the key\nis refused" }),
  installed(3),
  turnStarted(4, "claude", 0),
  turnStarted(5, "gemini", 0),
  turnCompleted(6, "claude", 0),
  turnFailed(7, "gemini", 0),
  turnStarted(8, "claude", 1),
  turnCompleted(9, "claude", 1),
  ballotCast(10, { agent: "claude", ranking: ["A", "B"], reason: "Clearer." }, 1),
  journal(11, "turn.started", { turnId: "t", agent: "claude", messageId: "m" }),
  ended(12),
];

/** Progress of the sample conversation before its facts, as the real one has it. */
function lively(asked: Asked): FakeParts {
  return {
    ask: async (request) => {
      asked.request = request;
      for (const progress of [
        started("claude", 0),
        says("claude", 0, "One writer. "),
        { type: "attempt-event" as const, ...of("claude", 0), event: { type: "byte" as const } },
        { type: "attempt-event" as const, ...of("claude", 0), event: { type: "reasoning-delta" as const, text: "hm" } },
        {
          type: "attempt-event" as const,
          ...of("claude", 0),
          event: { type: "tool-call" as const, callId: "c", tool: "search", input: { q: 1 } },
        },
        done("claude", 0, "One writer. Because."),
        attemptEnded("claude", 0),
        started("gemini", 0),
        {
          type: "attempt-event" as const,
          ...of("gemini", 0),
          event: {
            type: "error" as const,
            failure: { class: "rate" as const, code: "VENDOR_RATE", reason: "too many requests" },
            partial: [],
            simulated: true,
          },
        },
        attemptEnded("gemini", 0, { outcome: "failed" }),
        { type: "journal" as const, conversationId: ID },
      ]) {
        request.onProgress?.(progress);
      }
      request.onStarted?.(ID);
      for (let turn = 0; turn < 40; turn++) await Promise.resolve();
      return askDocument();
    },
    conversations: { tail: () => eventsOf(EVENTS) },
  };
}

describe("progress without a terminal", () => {
  it("is a line for each fact on stderr, and the report alone on stdout", async () => {
    const { out, err } = await runFake(["ask", "q"], { parts: lively({}) });
    expect(err.split("\n")).toEqual([
      "Asking the configured agents (debate).",
      `Conversation ${ID} is recorded (debate, seed 7).`,
      "Refused: deepseek (AUTH): the key is refused",
      "Handshake: 3 agents, 3 links, epoch 1, digest ab12cd34ab12.",
      "Round 1",
      expect.stringMatching(/^ {2}claude {4}One writer\. \(\$0\.0042, 0\.\d s\)$/),
      expect.stringMatching(/^ {2}gemini {4}failed: VENDOR_RATE: too many requests \(\$0\.0042, 0\.\d s\)$/),
      "Round 2",
      expect.stringMatching(/^ {2}claude {4}Votes: A > B \(\$0\.00, 0\.\d s\)$/),
      "",
    ]);
    expect(out).toMatch(/^\nDecided /);
  });

  it("goes on without what could not be followed, and says so", async () => {
    const parts: FakeParts = {
      ...lively({}),
      conversations: {
        // biome-ignore lint/correctness/useYield: it fails before it has anything to give.
        tail: async function* () {
          await Promise.resolve();
          throw new PolylogueError("STORE_BUSY", { message: "The database is busy." });
        },
      },
    };
    const { code, out, err } = await runFake(["ask", "q"], { parts });
    expect(code).toBe(0);
    expect(err).toContain("Progress is incomplete: The database is busy.\n");
    expect(out).toContain("Decided");
  });

  it("does not wait for a journal that never ends", async () => {
    const parts: FakeParts = {
      ...lively({}),
      conversations: {
        tail: async function* (_, { signal }) {
          yield created();
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          yield installed();
        },
      },
    };
    const { code, err } = await runFake(["ask", "q"], { parts });
    expect(code).toBe(0);
    expect(err).toContain("is recorded");
    expect(err).not.toContain("Handshake");
    expect(err).not.toContain("incomplete");
  });
});

describe("--jsonl", () => {
  it("is one object a line, provisional text with its attempt, the document last", async () => {
    const { out, err } = await runFake(["ask", "q", "--jsonl"], { parts: lively({}) });
    const lines = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-1)).toEqual(askDocument());
    const types = lines.slice(0, -1).map((line) => line.type);
    expect(types.filter((type) => type !== "journal")).toEqual([
      "attempt-started",
      "text-delta",
      "reasoning-delta",
      "tool-call",
      "attempt-done",
      "attempt-ended",
      "attempt-started",
      "attempt-error",
      "attempt-ended",
    ]);
    expect(lines.find((line) => line.type === "text-delta")).toEqual({
      type: "text-delta",
      ...of("claude", 0),
      provisional: true,
      text: "One writer. ",
    });
    expect(lines.find((line) => line.type === "attempt-ended")).toMatchObject({
      costUsd: 0.0042,
      outcome: "succeeded",
    });
    expect(lines.find((line) => line.type === "attempt-error")).toMatchObject({
      code: "VENDOR_RATE",
      class: "rate",
    });
    expect(lines.find((line) => line.type === "journal")).toEqual({
      type: "journal",
      conversationId: ID,
      seq: 1,
      kind: "conversation.created",
      at: "2026-11-22T00:00:00.001Z",
      actor: "coordinator",
      simulated: true,
    });
    expect(types.filter((type) => type === "journal")).toHaveLength(EVENTS.length);
    expect(err).toBe("");
  });
});

describe("Ctrl-C", () => {
  it.each([["--json"], ["--jsonl"], ["--no-live"], []])(
    "drains: the signal aborts, the user is told (%s)",
    async (...flags) => {
      const io = captureIo({ isTTY: true, columns: 80, rows: 24, env: { TERM: "xterm" } });
      const parts: FakeParts = {
        ask: async (request) => {
          request.onStarted?.(ID);
          expect(io.interrupt.request()).toBe(true);
          expect(request.signal?.aborted).toBe(true);
          await io.clock.advance(50);
          return askDocument({ status: "cancelled" });
        },
      };
      const { code, err } = await runFake(["ask", "q", ...flags.filter((flag) => flag !== undefined)], { parts, io });
      expect(code).toBe(130);
      expect(err).toMatch(/Ctrl-C again\s+ends at once/);
      expect(io.interrupt.request()).toBe(false);
    },
  );
});

describe("the live view", () => {
  const terminal = { isTTY: true, columns: 80, rows: 24, env: { TERM: "xterm" } };
  const ALTERNATE = "\u001b[?1049h";

  it("is drawn on a terminal and leaves it as it was", async () => {
    const { err, out } = await runFake(["ask", "q"], { parts: lively({}), ...terminal });
    expect(err).toContain(ALTERNATE);
    expect(err.trimEnd().endsWith("\u001b[?1049l")).toBe(true);
    expect(out).toContain("Decided");
    expect(out).not.toContain(ALTERNATE);
  });

  it.each([
    ["in a dumb terminal", { ...terminal, env: { TERM: "dumb" } }, []],
    ["with --no-live", terminal, ["--no-live"]],
    ["on a tiny terminal", { ...terminal, rows: 5 }, []],
    ["on a very narrow terminal", { ...terminal, columns: 12 }, []],
    ["in a pipe", {}, []],
    ["under --json", terminal, ["--json"]],
    ["under --jsonl", terminal, ["--jsonl"]],
  ])("is not there %s", async (_, setup, flags) => {
    const { err } = await runFake(["ask", "q", ...flags], { parts: lively({}), ...setup });
    expect(err).not.toContain(ALTERNATE);
  });

  it("has no colours under NO_COLOR", async () => {
    const plain = await runFake(["ask", "q"], {
      parts: lively({}),
      ...terminal,
      env: { TERM: "xterm", NO_COLOR: "1" },
    });
    expect(plain.err).toContain(ALTERNATE);
    expect(plain.err).not.toContain("\u001b[1m");
    expect(plain.out).not.toContain("\u001b");
    expect((await runFake(["ask", "q"], { parts: lively({}), ...terminal })).out).toContain("\u001b[1m");
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
