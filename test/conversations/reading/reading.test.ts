// What readers get: documents and Markdown of real conversations.
import { describe, expect, it } from "vitest";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import { conversationDocument } from "../../../src/conversations/reading/conversation-document.ts";
import { exportMarkdown } from "../../../src/conversations/reading/export-markdown.ts";
import {
  conversationRows,
  listConversations,
  readConversation,
} from "../../../src/conversations/reading/read-conversations.ts";
import type { JournalEvent, JournalEventOf, JournalKind } from "../../../src/domain/journal-event.ts";
import { cards, createWorld, hold, preferring, request, voter } from "../world.ts";

const roster = cards("claude", "gemini", "deepseek");
const FATAL: ScriptedStep = { failure: { class: "auth", code: "VENDOR_AUTH", reason: "the key was refused" } };

async function held(overrides: Parameters<typeof request>[1] = {}, gemini?: ScriptedStep) {
  const world = await createWorld();
  const process = await world.start({
    agents: roster.map((card) => ({
      card,
      otherwise:
        card.id === "gemini" && gemini !== undefined
          ? gemini
          : voter(preferring("claude says"), () => `${card.id} says\n# it`),
    })),
  });
  const attachments = [{ name: "design.md", mediaType: "text/markdown", text: "Keep one writer." }];
  const { id, outcome } = await hold(world, process, request(roster, { attachments, ...overrides }));
  return { world, process, id, outcome };
}

describe("one conversation", () => {
  it("as a document: every message with its deliveries and attempts, and the result", async () => {
    const { world, process, id, outcome } = await held();
    const document = await readConversation(process.journal, id);
    expect(document).toMatchObject({
      schema: "polylogue.conversation/1",
      id,
      status: "decided",
      orchestration: "debate",
      question: "Should this design use one writer thread?",
      attachments: [{ name: "design.md", mediaType: "text/markdown", bytes: expect.any(Number) }],
      simulated: true,
      seed: 7,
    });
    expect(document.epochs).toMatchObject([
      { epoch: 1, members: expect.arrayContaining(["claude", "gemini", "deepseek"]) },
    ]);
    const requests = document.messages.filter(({ intent }) => intent === "request");
    const replies = document.messages.filter(({ intent }) => intent === "reply");
    expect([requests.length, replies.length]).toEqual([9, 9]);
    for (const { deliveries, attempts, sender, mode, round } of requests) {
      expect([sender, mode]).toEqual(["coordinator", "unicast"]);
      expect([0, 1, 2]).toContain(round);
      expect(deliveries).toMatchObject([
        { state: "answered", times: { accepted: expect.any(String), answered: expect.any(String) } },
      ]);
      expect(attempts).toMatchObject([{ outcome: "succeeded", vendor: "scripted", costUsd: expect.any(Number) }]);
      expect(attempts[0]?.totalMs).not.toBeNull();
    }
    for (const { inReplyTo, round } of replies) {
      const opening = requests.find((message) => message.id === inReplyTo);
      expect(opening?.round).toBe(round);
    }
    const { result } = document;
    expect(result).toMatchObject({
      schema: "polylogue.ask/1",
      conversationId: id,
      status: "decided",
      answer: outcome.answer,
    });
    expect(result?.costUsd).toBe(document.costUsd);
    expect(document.costUsd).toBeGreaterThan(0);
    const sum = requests.flatMap(({ attempts }) => attempts).reduce((total, { costUsd }) => total + costUsd, 0);
    expect(document.costUsd).toBeCloseTo(sum, 12);
    await world.close();
  });

  it("shows failures with their class and code, and a question that died unanswered", async () => {
    const { world, process, id } = await held({}, FATAL);
    const { messages, result } = await readConversation(process.journal, id);
    const asked = messages.find(({ recipients, intent }) => intent === "request" && recipients[0] === "gemini");
    expect(asked?.attempts).toMatchObject([{ outcome: "failed", failure: { class: "auth", code: "VENDOR_AUTH" } }]);
    expect(asked?.deliveries[0]?.state).not.toBe("answered");
    expect(result?.quorum.failed).toMatchObject([{ agent: "gemini" }]);
    await world.close();
  });

  it("can be read at every moment of its life", async () => {
    const { world, id } = await held();
    const events = await world.events(id);
    for (let count = 1; count <= events.length; count++) {
      const document = conversationDocument(events.slice(0, count), () => undefined);
      expect(document.status).toBe(count === events.length ? "decided" : "running");
      expect(document.question).toBe("[erased]");
      expect(document.messages.every(({ text }) => text === "[erased]")).toBe(true);
      expect(document.result === null).toBe(count < events.length);
    }
    expect(() => conversationDocument([], () => undefined)).toThrow(RangeError);
    await world.close();
  });

  it("tells of pauses, anycasts that went on, and deliveries that ended otherwise", async () => {
    const { world, id } = await held({ orchestration: "gather" });
    const events = await world.events(id);
    const at = (data: Pick<JournalEvent, "kind" | "data">): JournalEvent =>
      ({ ...events.at(-1), ...data }) as JournalEvent;
    const running = events.slice(0, -1);
    const paused = at({ kind: "conversation.paused", data: { by: "user" } });
    const resumed = at({ kind: "conversation.resumed", data: { by: "user" } });
    expect(conversationDocument([...running, paused], () => undefined).status).toBe("paused");
    expect(conversationDocument([...running, paused, resumed], () => undefined).status).toBe("running");
    const first = running.find((event) => event.kind === "message.accepted");
    const messageId = first?.kind === "message.accepted" ? first.data.envelope.id : "";
    const why = { code: "OVERLOADED", reason: "busy" };
    const moves = [
      at({ kind: "message.rerouted", data: { messageId, from: "claude", to: "zoe", ...why } }),
      at({ kind: "message.expired", data: { messageId, recipient: "zoe" } }),
      at({ kind: "message.dead", data: { messageId, recipient: "yan", ...why } }),
      at({ kind: "message.refused", data: { messageId, recipient: "xi", ...why } }),
    ];
    const { messages } = conversationDocument([...running, ...moves], () => undefined);
    const deliveries = messages.find((message) => message.id === messageId)?.deliveries;
    expect(deliveries?.map(({ recipient, state, code }) => [recipient, state, code])).toEqual([
      ["claude", "refused", "OVERLOADED"],
      ["zoe", "expired", undefined],
      ["yan", "dead", "OVERLOADED"],
      ["xi", "refused", "OVERLOADED"],
    ]);
    await world.close();
  });

  it("tells of messages beside the rounds, of stand-ins, named keys, and attempts that nobody asked for", async () => {
    const { world, process, id } = await held({ orchestration: "ask", roster: roster.slice(0, 1) });
    const document = await readConversation(process.journal, id);
    expect(document.messages.find(({ intent }) => intent === "reply")?.deliveries).toEqual([]);
    const events = await world.events(id);
    const of = <K extends JournalKind>(kind: K) =>
      events.find((event): event is JournalEventOf<K> => event.kind === kind);
    const [accepted, started, settled] = [of("message.accepted"), of("attempt.started"), of("attempt.settled")];
    if (accepted === undefined || started === undefined || settled === undefined) throw new Error("nobody was asked");
    const { turnId: _, ...envelope } = accepted.data.envelope;
    const answeredBy = { vendor: "other", model: "other-1" };
    const stray = { ...accepted, data: { envelope: { ...envelope, id: "stray", answeredBy } } };
    const keyed = {
      ...started,
      data: { ...started.data, attemptId: "keyed", route: { ...answeredBy, key: "second" } },
    };
    const orphan = { ...started, data: { ...started.data, attemptId: "orphan", turnId: "nobody's" } };
    const unknown = { ...settled, data: { ...settled.data, attemptId: "unknown" } };
    const shown = conversationDocument([...events, stray, keyed, orphan, unknown], () => undefined);
    expect(shown.messages.at(-1)).toMatchObject({ id: "stray", round: null, answeredBy });
    const attempts = shown.messages.flatMap((message) => message.attempts);
    expect(attempts.map(({ attemptId, route, outcome }) => [attemptId, route, outcome])).toEqual([
      [started.data.attemptId, "scripted/claude-1", "succeeded"],
      ["keyed", "other/other-1 (second)", "running"],
    ]);
    await world.close();
  });

  it("an unknown one is unknown", async () => {
    const world = await createWorld();
    const { journal } = await world.start({ agents: [] });
    await expect(readConversation(journal, "01920000-0000-7000-8000-000000000000")).rejects.toMatchObject({
      code: "CONVERSATION_UNKNOWN",
    });
    await expect(readConversation(journal, "mesh")).rejects.toMatchObject({ code: "CONVERSATION_UNKNOWN" });
    await world.close();
  });
});

describe("as Markdown", () => {
  it("says what was asked, decided, by which ballots, and who said what", async () => {
    const { world, process, id } = await held();
    const text = exportMarkdown(await readConversation(process.journal, id));
    expect(text).toMatch(/^# Should this design use one writer thread\?\n/);
    for (const heading of [
      "## Answer",
      "## Decision",
      "## Ballots",
      "## Quorum",
      "## Why it stopped",
      "## Transcript",
    ]) {
      expect(text).toContain(`\n${heading}\n`);
    }
    expect(text).toContain("Rule: borda. Winner: claude.");
    expect(text).toContain("- Attachment: design.md");
    expect(text).toContain("### claude to ");
    // People count rounds from 1.
    expect(text).toMatch(/^### claude to .*: \w+, round 1/m);
    expect(text).not.toContain(", round 0");
    // A heading inside an answer stays inside its quotation.
    expect(text).toContain("> # it");
    await world.close();
  });

  it("says so when nothing was decided, who failed and who dissented", async () => {
    const tied = await held(
      { orchestration: "vote", settings: { options: "yes|no", rule: "majority" } },
      voter(
        (options) => options.toSorted(),
        () => "",
      ),
    );
    const shown = await readConversation(tied.process.journal, tied.id);
    const result = shown.result ?? undefined;
    if (result === undefined) throw new Error("it has not ended");
    const text = exportMarkdown({
      ...shown,
      simulated: false,
      endedAt: null,
      question: "Line one\nline two",
      messages: shown.messages.map((message) => ({
        ...message,
        answeredBy: { vendor: "v", model: "m" },
        round: null,
        text: "a\n\nb",
        recipients: [],
      })),
      result: {
        ...result,
        answer: null,
        decision: {
          ...result.decision,
          winner: null,
          evidence: [{ agent: "claude", messageId: "m", source: "design.md", quote: "Keep\none writer." }],
        },
        ballots: [{ agent: "claude", abstained: true }, { agent: "gemini", choice: "yes" }, { agent: "deepseek" }],
        dissent: [{ agent: "claude", position: "no", reason: "too slow" }],
        quorum: {
          asked: ["claude"],
          answered: [],
          failed: [{ agent: "claude", code: "SILENT", reason: "said nothing" }],
        },
      },
    });
    for (const line of [
      "# Line one line two",
      "No answer.",
      "Winner: none.",
      "- **claude**: abstained",
      "- **gemini**: yes",
      "- **claude**: no. too slow",
      "- **claude** failed (SILENT): said nothing",
      "- claude, design.md: “Keep one writer.”",
      "(answered by v/m)",
      "> a\n>\n> b",
    ]) {
      expect(text).toContain(line);
    }
    expect(exportMarkdown({ ...shown, result: null, messages: [] })).not.toContain("## Answer");
    await tied.world.close();
  });
});

describe("the list", () => {
  it("is newest first, short, with what each has cost, and is the same when rebuilt", async () => {
    const { world, process, id } = await held({ orchestration: "gather", question: `Why? ${"x".repeat(300)}` });
    await world.clock.advance(5_000);
    const second = await world.clock.run(process.conversations.create(request(roster, { question: "What\nnow?" })));
    const list = await listConversations(process.journal, 10);
    expect(list.conversations.map((row) => [row.id, row.status])).toEqual([
      [second, "running"],
      [id, "decided"],
    ]);
    expect(list.conversations[0]).toMatchObject({ question: "What now?", costUsd: 0, simulated: true });
    expect(list.conversations[1]?.question).toHaveLength(200);
    const { costUsd, tokens } = await readConversation(process.journal, id);
    expect(list.conversations[1]).toMatchObject({ costUsd, tokens });
    await world.clock.run(process.conversations.pause(second));
    expect((await conversationRows(process.journal, 1))[0]?.status).toBe("paused");
    await world.clock.run(process.conversations.resume(second));
    const before = await conversationRows(process.journal, 10);
    expect(before[0]?.status).toBe("running");
    await process.journal.rebuild("conversations");
    expect(await conversationRows(process.journal, 10)).toEqual(before);
    expect((await listConversations(process.journal, 1)).conversations).toHaveLength(1);
    await world.close();
  });
});
