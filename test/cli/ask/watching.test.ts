// Watching a conversation: plain lines, JSON lines, live columns, Ctrl-C.
import { describe, expect, it } from "vitest";
import { PolylogueError } from "../../../src/domain/errors.ts";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import { captureIo } from "../capture-io.ts";
import { eventsOf, type FakeParts, runFake } from "../fake-polylogue.ts";
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
function lively(): FakeParts {
  return {
    ask: async (request) => {
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
    const { out, err } = await runFake(["ask", "q"], { parts: lively() });
    expect(err.split("\n")).toEqual([
      "Starting …",
      `Conversation ${ID} is recorded: debate of claude, gemini, deepseek, seed 7.`,
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
      ...lively(),
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
      ...lively(),
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
    const { out, err } = await runFake(["ask", "q", "--jsonl"], { parts: lively() });
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

describe("a process that ends in the middle", () => {
  const running = (work: () => void): FakeParts => ({
    ask: async (request) => {
      request.onStarted?.(ID);
      await Promise.resolve();
      work();
      return askDocument();
    },
    conversations: { tail: () => eventsOf([]) },
  });

  it("gives the terminal back, then says how to go on from where", async () => {
    const io = captureIo({ isTTY: true, env: { TERM: "xterm", npm_lifecycle_event: "polylogue" } });
    let last = "";
    const parts = running(() => {
      io.end();
      last = io.err();
    });
    await runFake(["--home", "/my data", "ask", "q"], { parts, io });
    const hint = `Stopped at once. Go on: npm run -s polylogue -- --home '/my data' conversation resume ${ID}\n`;
    expect(last.endsWith(`\u001b[?1049l${hint}`)).toBe(true);
  });

  it("has nothing to say once the answer is there", async () => {
    const io = captureIo();
    await runFake(["ask", "q"], { parts: running(() => undefined), io });
    io.end();
    expect(io.err()).not.toContain("resume");
  });
});

describe("the live view", () => {
  const terminal = { isTTY: true, columns: 80, rows: 24, env: { TERM: "xterm" } };
  const ALTERNATE = "\u001b[?1049h";

  it("is drawn on a terminal and leaves it as it was", async () => {
    const { err, out } = await runFake(["ask", "q"], { parts: lively(), ...terminal });
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
    const { err } = await runFake(["ask", "q", ...flags], { parts: lively(), ...setup });
    expect(err).not.toContain(ALTERNATE);
  });

  it("has no colours under NO_COLOR", async () => {
    const plain = await runFake(["ask", "q"], {
      parts: lively(),
      ...terminal,
      env: { TERM: "xterm", NO_COLOR: "1" },
    });
    expect(plain.err).toContain(ALTERNATE);
    expect(plain.err).not.toContain("\u001b[1m");
    expect(plain.out).not.toContain("\u001b");
    expect((await runFake(["ask", "q"], { parts: lively(), ...terminal })).out).toContain("\u001b[1m");
  });
});
