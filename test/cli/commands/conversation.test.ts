// `conversation` and its sub-commands: what is recorded, and what can be done about it.

import { describe, expect, it } from "vitest";
import type { ConversationListDocument, DeadDocument, ResumeDocument } from "../../../src/app/polylogue.ts";
import { PolylogueError } from "../../../src/domain/errors.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { captureIo } from "../capture-io.ts";
import { eventsOf, type FakeParts, runFake } from "../fake-polylogue.ts";
import { attemptEnded, created, done, ended, installed, started } from "../sample-conversation.ts";
import { conversationDocument, ID } from "../sample-documents.ts";
import { both } from "./run-both.ts";

describe("conversation", () => {
  it("list shows the newest, marked when simulated", async () => {
    const document: ConversationListDocument = {
      schema: "polylogue.conversations/1",
      conversations: [
        {
          id: ID,
          status: "decided",
          question: "One\nwriter?",
          createdAt: "2026-11-22T10:00:00.000Z",
          costUsd: 0.5,
          tokens: NO_USAGE,
          simulated: true,
        },
        {
          id: ID,
          status: "running",
          question: "q",
          createdAt: "2026-11-22T10:00:00.000Z",
          costUsd: 0,
          tokens: NO_USAGE,
          simulated: false,
        },
      ],
    };
    const asked: unknown[] = [];
    const list = (options?: object) => {
      asked.push(options);
      return Promise.resolve(document);
    };
    const { out } = await both(["conversation", "list"], { conversations: { list } }, document);
    expect(out).toMatch(/decided +2026-11-22 10:00 +\$0\.5000\n {4}\(simulated\) One writer\?\n/);
    expect(out).toMatch(/running +2026-11-22 10:00 +\$0\.00\n {4}q\n/);
    await runFake(["conv", "ls", "-n", "5"], { parts: { conversations: { list } } });
    expect(asked).toEqual([{ limit: 50 }, { limit: 50 }, { limit: 5 }]);
    const none = { ...document, conversations: [] };
    expect(
      (await both(["conversation", "list"], { conversations: { list: () => Promise.resolve(none) } }, none)).out,
    ).toContain("Start one with: polylogue demo");
  });

  it("show is the record or its timeline", async () => {
    const document = conversationDocument();
    const { out } = await both(
      ["conversation", "show", "019a"],
      { conversations: { show: () => Promise.resolve(document) } },
      document,
    );
    expect(out).toContain("coordinator → claude");
    expect(out).not.toContain("\u001b");
  });

  it("export as Markdown holds nothing that a terminal would obey", async () => {
    const trick = "# T\u001b]0;owned\u0007itle\u001b[2J\r\n\n> a\u202eb\u0008\n\tcode 世界\n";
    const parts: FakeParts = { conversations: { exportMarkdown: () => Promise.resolve(trick) } };
    for (const isTTY of [true, false]) {
      const { out } = await runFake(["conversation", "export", ID], { parts, isTTY });
      expect(out).toBe("# Title\n\n> ab\n\tcode 世界\n");
    }
  });

  it("export writes Markdown or JSON", async () => {
    const parts: FakeParts = {
      conversations: {
        exportMarkdown: () => Promise.resolve("# Title\n"),
        show: () => Promise.resolve(conversationDocument()),
      },
    };
    expect((await runFake(["conversation", "export", ID], { parts })).out).toBe("# Title\n");
    for (const flags of [["--format", "json"], ["--json"], ["--jsonl"]]) {
      const { out } = await runFake(["conversation", "export", ID, ...flags], { parts });
      expect(JSON.parse(out)).toEqual(conversationDocument());
    }
    expect((await runFake(["conversation", "export", ID, "--format", "md", "--json"], { parts })).out).toBe(
      "# Title\n",
    );
  });

  it("cancel and send pass on what was said", async () => {
    const asked: unknown[][] = [];
    const parts: FakeParts = {
      conversations: {
        cancel: (...args) => {
          asked.push(args);
          return Promise.resolve();
        },
        send: (...args) => {
          asked.push(args);
          return Promise.resolve({ messageId: "m1" });
        },
      },
    };
    expect((await runFake(["conversation", "cancel", ID], { parts })).out).toBe(`Asked ${ID} to stop.\n`);
    const cancelled = await runFake(["conversation", "cancel", ID, "--reason", "wrong", "--json"], { parts });
    expect(JSON.parse(cancelled.out)).toEqual({ schema: "polylogue.cancel/1", id: ID, reason: "wrong" });
    expect((await runFake(["conversation", "send", ID, "Hello"], { parts })).out).toBe("Sent as message m1.\n");
    await runFake(["conversation", "send", ID, "Hello", "--to", "claude"], { parts });
    expect(asked).toEqual([
      [ID, "cancelled on the command line"],
      [ID, "wrong"],
      [ID, "Hello", undefined],
      [ID, "Hello", ["claude"]],
    ]);
  });

  it("dead lists what could not be delivered", async () => {
    const document: DeadDocument = {
      schema: "polylogue.dead/1",
      dead: [
        {
          conversationId: ID,
          messageId: "m",
          recipient: "gemini",
          at: "2026-11-22T10:00:00.000Z",
          code: "DEADLINE",
          reason: "too\nlate",
        },
      ],
    };
    const { out } = await both(
      ["conversation", "dead"],
      { conversations: { dead: () => Promise.resolve(document) } },
      document,
    );
    expect(out).toMatch(/gemini +2026-11-22 10:00:00 +DEADLINE: too late/);
    const none = { ...document, dead: [] };
    expect(
      (await both(["conversation", "dead", ID], { conversations: { dead: () => Promise.resolve(none) } }, none)).out,
    ).toBe("No dead messages.\n");
  });
});

describe("conversation tail", () => {
  const events = [created(), installed(), ended(3), installed(4)];

  it("prints a line for each event", async () => {
    const asked: unknown[] = [];
    const parts: FakeParts = {
      conversations: {
        tail: (id, { after }) => {
          asked.push([id, after]);
          return eventsOf(events);
        },
      },
    };
    const { out, code } = await runFake(["conversation", "tail", "019a", "--after", "7"], { parts });
    expect(code).toBe(0);
    expect(out.trimEnd().split("\n")).toHaveLength(4);
    expect(asked).toEqual([["019a", 7]]);
    const lines = (await runFake(["conversation", "tail", "019a", "--jsonl"], { parts })).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(events);
  });

  it("ends by Ctrl-C, which is no failure; other faults are", async () => {
    const io = captureIo();
    const parts: FakeParts = {
      conversations: {
        tail: async function* (_, { signal }) {
          yield created();
          expect(io.interrupt.request()).toBe(true);
          signal.throwIfAborted();
          yield installed();
        },
      },
    };
    const { out, code, err } = await runFake(["conversation", "tail", ID], { parts, io });
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(out).toContain("conversation.created");
    const unknown: FakeParts = {
      conversations: {
        tail: () => {
          throw new PolylogueError("CONVERSATION_UNKNOWN", { message: "There is none." });
        },
      },
    };
    expect((await runFake(["conversation", "tail", ID], { parts: unknown })).code).toBe(2);
  });
});

describe("conversation resume", () => {
  type Row = ResumeDocument["resumed"][number];
  const row = (status: Row["status"], code?: string): Row => ({
    conversationId: ID,
    status,
    ...(code === undefined ? {} : { code, reason: "because\nso" }),
  });
  const resuming = (resumed: readonly Row[]): ResumeDocument => ({ schema: "polylogue.resume/1", resumed });

  it.each([
    [[], 0],
    [[row("decided"), row("failed")], 0],
    [[row("decided"), row("running", "LEASE_HELD")], 8],
    [[row("paused", "KEY_MISSING")], 4],
    [[row("running")], 1],
  ])("ends with 0 when every one reached an end (%#)", async (rows, expected) => {
    const document = resuming(rows);
    const { out, code } = await both(
      ["conversation", "resume", "--all"],
      { conversations: { resume: () => Promise.resolve(document) } },
      document,
    );
    expect(code).toBe(expected);
    if (rows.length === 0) expect(out).toBe("Nothing is open.\n");
    for (const { code: why } of rows) if (why !== undefined) expect(out).toContain(`${why}: because so`);
  });

  it("passes ids or all, and shows progress to people only", async () => {
    const asked: unknown[] = [];
    const parts: FakeParts = {
      conversations: {
        resume: (ids, options) => {
          asked.push(ids);
          for (const progress of [started("claude", 1), done("claude", 1, "x"), attemptEnded("claude", 1)])
            options?.onProgress?.(progress);
          return Promise.resolve(
            resuming([row("decided", "CODE_WITHOUT_REASON")].map(({ reason: _, ...rest }) => rest)),
          );
        },
      },
    };
    const { out, err } = await runFake(["conversation", "resume", "a", "b"], { parts });
    expect(out).toContain("CODE_WITHOUT_REASON:");
    expect(err).toBe(`Going on with ${ID} …\n`);
    expect((await runFake(["conversation", "resume", "--all", "--jsonl"], { parts })).err).toBe("");
    expect(asked).toEqual([["a", "b"], "all"]);
  });

  it.each([["--json"], []])("drains on Ctrl-C and then ends with 130 (%s)", async (...flags) => {
    const io = captureIo();
    const parts: FakeParts = {
      conversations: {
        resume: (_, options) => {
          io.interrupt.request();
          expect(options?.signal?.aborted).toBe(true);
          return Promise.resolve(resuming([row("running")]));
        },
      },
    };
    const args = ["conversation", "resume", "--all", ...flags.filter((flag) => flag !== undefined)];
    const { code, err } = await runFake(args, { parts, io });
    expect(code).toBe(130);
    expect(err).toContain("left to be resumed. Ctrl-C again");
  });
});
