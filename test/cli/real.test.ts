// The main job through the command line, over the real composition root with the
// simulators: what is printed, what is recorded, what can be done afterwards.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  AgentsDocument,
  AskDocument,
  ConversationDocument,
  ConversationListDocument,
  CostsDocument,
  HandshakeDocument,
} from "../../src/app/polylogue.ts";
import { createAppServices } from "../../src/cli/app-services.ts";
import { DEMO_DOCUMENT } from "../../src/cli/demo/document.ts";
import { runCli } from "../../src/cli/run.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { verifies } from "../requirements.ts";
import { ASK_SCHEMA } from "./ask-schema.ts";
import { captureIo } from "./capture-io.ts";

let folder = "";
let demo: AskDocument;

/** No test gets as far as using them. */
const KEYS = { ANTHROPIC_API_KEY: "unused", GEMINI_API_KEY: "unused", DEEPSEEK_API_KEY: "unused" };

async function polylogue(...args: readonly string[]) {
  return polylogueWith({}, ...args);
}

async function polylogueWith(keys: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const io = { ...captureIo({ folder, env: { HOME: folder, ...keys } }), clock: createSystemClock() };
  const code = await runCli({
    args: ["--home", path.join(folder, "home"), ...args],
    io,
    services: createAppServices(),
    version: "",
  });
  return { code, out: io.out(), err: io.err() };
}

async function json<T>(...args: readonly string[]): Promise<T> {
  return JSON.parse((await polylogue(...args, "--json")).out) as T;
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "polylogue-cli-real-"));
  demo = await json<AskDocument>("demo");
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the demo", () => {
  it("is decided by a ballot, with quotations from its own document", () => {
    verifies("R2.2", "R7.1");
    expect(ASK_SCHEMA.parse(demo)).toEqual(demo);
    expect(demo).toMatchObject({ status: "decided", simulated: true });
    expect(demo.quorum.answered.toSorted()).toEqual(["claude", "deepseek", "gemini"]);
    expect(demo.costUsd).toBeGreaterThan(0);
    expect(demo.decision.evidence.length).toBeGreaterThan(0);
    for (const { quote, source } of demo.decision.evidence) {
      expect(source).toBe("journal-writer.md");
      expect(DEMO_DOCUMENT.split("\n").map((line) => line.replace(/^- /, ""))).toContain(quote);
    }
  });

  it("has a dissent, with the dissenter's own reason", () => {
    const { dissent } = demo;
    expect(dissent.length).toBeGreaterThan(0);
    for (const { agent, reason } of dissent) {
      expect(agent).not.toBe(demo.decision.winner);
      expect(reason).toMatch(/still (?:hold|think) that/);
    }
  });

  it("shows all three addressing each other in one conversation", async () => {
    verifies("R2.4");
    const shown = await json<ConversationDocument>("conversation", "show", demo.conversationId);
    const members = ["claude", "deepseek", "gemini"];
    for (const sender of members) {
      const others = members.filter((member) => member !== sender);
      const replies = shown.messages.filter((message) => message.sender === sender && message.intent === "reply");
      expect(replies.length).toBeGreaterThan(0);
      expect(
        replies.some(({ deliveries }) =>
          others.every((to) => deliveries.some((one) => one.recipient === to && one.state === "delivered")),
        ),
      ).toBe(true);
    }
    const { out } = await polylogue("conversation", "show", demo.conversationId);
    expect(out).toContain("round 1");
    expect(out).toMatch(/attempt at anthropic\/\S+ succeeded/);
  });

  it("reports to people what it reports to programs", async () => {
    const { out, err, code } = await polylogue(
      "--simulated",
      "ask",
      "One writer thread or two?",
      "--as",
      "gather",
      "--json",
    );
    expect(code).toBe(0);
    expect(err).toBe("");
    const { conversationId } = JSON.parse(out) as AskDocument;
    const shown = await polylogue("conversation", "show", conversationId);
    expect(shown.out).toContain("One writer thread or two?");
    expect(shown.out).toMatch(new RegExp(`polylogue --home \\S+ conversation show ${conversationId}`));
  });
});

describe("afterwards", () => {
  it("the conversation is listed, exported and followed to its end", async () => {
    const { conversations } = await json<ConversationListDocument>("conversation", "list");
    expect(conversations.find(({ id }) => id === demo.conversationId)).toMatchObject({
      status: "decided",
      simulated: true,
    });
    const markdown = await polylogue("conversation", "export", demo.conversationId);
    expect(markdown.out).toContain("sharded writers");
    const tail = await polylogue("conversation", "tail", demo.conversationId, "--jsonl");
    const events = tail.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq: number; kind: string });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)?.kind).toBe("conversation.ended");
  });

  it("simulated spend is left out of the costs unless asked for", async () => {
    const real = await json<CostsDocument>("costs");
    const all = await json<CostsDocument>("costs", "--include-simulated", "--by", "vendor");
    expect(real.totalUsd).toBe(0);
    expect(all.totalUsd).toBeGreaterThanOrEqual(demo.costUsd);
    expect(all.rows.map(({ key }) => key).toSorted()).toEqual(["anthropic", "deepseek", "google"]);
  });

  it("nothing is left to resume, cancel or deliver", async () => {
    expect((await polylogue("conversation", "resume", "--all")).code).toBe(0);
    expect((await polylogue("conversation", "cancel", demo.conversationId)).code).toBe(9);
    expect((await polylogue("conversation", "dead")).out).toBe("No dead messages.\n");
  });

  it("it goes on against simulators only", async () => {
    const { code, err } = await polylogueWith(KEYS, "ask", "And then?", "--continue", demo.conversationId);
    expect(code).toBe(9);
    expect(err).toContain("Code: CONVERSATION_SIMULATED");
    const next = await json<AskDocument>("--simulated", "ask", "And then?", "--continue", demo.conversationId);
    expect(next.quorum.answered).toHaveLength(3);
  });
});

describe("seven agents", () => {
  it("shake hands and prove every directed link", async () => {
    verifies("R8.2");
    const document = await json<HandshakeDocument>("--simulated", "handshake", "--agents", "7", "--verify-links");
    expect(document.members).toHaveLength(7);
    expect(new Set(document.members.map(({ vendor }) => vendor)).size).toBeGreaterThanOrEqual(4);
    const proved = document.links.filter(({ open, rttMs }) => open && rttMs !== null);
    expect(new Set(proved.map(({ from, to }) => `${from} ${to}`)).size).toBe(42);
  });
});

describe("a view at run time", () => {
  it("moves to a higher epoch with each that joins or leaves, held by all its members", async () => {
    const { epoch, epochs, members } = await json<HandshakeDocument>(
      ...["--simulated", "handshake", "--agents", "6", "--then-join", "deepseek-flash", "--then-leave", "claude"],
    );
    expect(epochs.map((view) => view.members.length)).toEqual([6, 7, 6]);
    expect(epochs.map((view) => view.heldBy.length)).toEqual([6, 7, 6]);
    expect(epochs.map((view) => view.epoch)).toEqual([1, 2, epoch]);
    expect(members.map(({ agent }) => agent)).not.toContain("claude");
  });
});

describe("without keys", () => {
  it("agents and doctor say what is missing, and ask refuses before any call", async () => {
    const { agents } = await json<AgentsDocument>("agents", "list");
    expect(new Set(agents.map(({ state }) => state))).toEqual(new Set(["no-key"]));
    expect((await polylogue("agents", "test")).code).toBe(4);
    const doctor = await polylogue("doctor");
    expect(doctor.code).toBe(1);
    expect(doctor.out).toContain("ANTHROPIC_API_KEY");
    const { code, err } = await polylogue("ask", "q");
    expect(code).toBe(4);
    expect(err).toContain("How to mend:");
  });

  it("every agent is there when simulated", async () => {
    expect((await polylogue("--simulated", "agents", "test")).code).toBe(0);
  });
});

describe("an attachment", () => {
  it.each([
    ["missing.md", null, "ATTACHMENT_MISSING"],
    ["paper.pdf", "%PDF-1.7", "ATTACHMENT_TYPE"],
    ["data.txt", "a\u0000b", "ATTACHMENT_BINARY"],
    ["large.txt", "x".repeat(1_100_000), "ATTACHMENT_TOO_LARGE"],
  ])("%s is refused before any call", async (name, text, expected) => {
    const file = path.join(folder, name);
    if (text !== null) writeFileSync(file, text);
    const before = await json<ConversationListDocument>("conversation", "list");
    const { code, out } = await polylogue("--simulated", "ask", "q", "--attach", file, "--json");
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ schema: "polylogue.error/1", code: expected });
    expect(await json<ConversationListDocument>("conversation", "list")).toEqual(before);
  });
});

describe("the budget", () => {
  it("is hard: too little ends with 6", async () => {
    const { code, out } = await polylogue("--simulated", "ask", "q?", "--budget", "0.0001", "--json");
    expect(code).toBe(6);
    expect(JSON.parse(out)).toMatchObject({ status: "budget_exhausted" });
  });
});
