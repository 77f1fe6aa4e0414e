// Reports for people: everything that matters is said, nothing is wider than told.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPalette } from "../../../src/cli/palette.ts";
import { askReport } from "../../../src/cli/report/ask-report.ts";
import { eventLine } from "../../../src/cli/report/event-line.ts";
import type { ReportPlace } from "../../../src/cli/report/layout.ts";
import { stopReasonText } from "../../../src/cli/report/stop-reason.ts";
import { timeline } from "../../../src/cli/report/timeline.ts";
import { plainText, widthOf } from "../../../src/cli/terminal-text.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { ballotCast, created, ended, installed, journal, turnFailed } from "../sample-conversation.ts";
import { askDocument, conversationDocument, ID } from "../sample-documents.ts";

function place(width = 80, colors = false): ReportPlace {
  return { palette: createPalette(colors), width, invocation: "polylogue" };
}

describe("the report of a conversation", () => {
  it("says what was decided, why, who disagreed, who took part, what it cost and what to do next", () => {
    expect(askReport(askDocument(), place()).join("\n")).toMatchInlineSnapshot(`
      "
      Decided     claude's answer, by borda

      Answer      One writer thread. It keeps the order, and a flush is shared by all
                  who wait.

      Reasons     - It keeps one total order.

      Evidence    “One writer thread gives every event a place.”
                    note.md, cited by claude

      Tallies     claude    2.00 ████████████████████████
                  gemini    1.50 ██████████████████
                  deepseek  0.00

      Ballots     claude: gemini > deepseek. Closest to mine.
                  gemini: claude
                  deepseek: Abstains. Could not tell.

      Dissent     deepseek: A writer per shard. Eight cores are idle.

      Quorum      3 agents asked, 3 answered: claude, gemini, deepseek

      Spent       $0.0123, 12,445 tokens in, 2,345 out, 3 rounds, 9 turns, 4.2 s
                  Simulated: no vendor was called; the price is what it would have
                  cost.

      Next        polylogue conversation show 019ab000-0000-7000-8000-000000000001"
    `);
  });

  it("says after a cancellation how to go on: what is over cannot be resumed", () => {
    const text = askReport(askDocument({ status: "cancelled" }), place()).join("\n");
    expect(text).toContain('polylogue ask "…" --continue 019ab000-0000-7000-8000-000000000001 --simulated');
    const real = askReport(askDocument({ status: "cancelled", simulated: false }), place());
    expect(real.at(-1)).toMatch(/--continue 019ab000-0000-7000-8000-000000000001$/);
    expect(text).not.toContain("resume");
  });

  it("lists a decision without a vote as what it is", () => {
    const text = askReport(
      askDocument({
        answer: "The last word.",
        decision: { rule: "last", winner: null, tallies: {}, reasons: [], evidence: [] },
        ballots: [],
        dissent: [],
        simulated: false,
      }),
      place(),
    ).join("\n");
    expect(text).toMatch(/^\nDecided {5}The conversation ran to its end\.\n\nAnswer {6}The last word\.\n\nQuorum/);
    expect(text).not.toContain("Simulated");
  });

  it("does not say the winner twice where it is the answer", () => {
    const { decision } = askDocument();
    const text = askReport(askDocument({ answer: "shard", decision: { ...decision, winner: "shard" } }), place()).join(
      "\n",
    );
    expect(text).not.toContain("Answer");
  });

  it.each([
    [
      "degraded",
      "Degraded    claude's answer, by borda\n            A result with fewer or other voices than asked for. It stopped:",
    ],
    ["cancelled", "Cancelled   claude's answer, by borda\n            The conversation was cancelled"],
    [
      "budget_exhausted",
      "Budget      claude's answer, by borda\n            What was left of the budget could not cover the next call.",
    ],
  ] as const)("%s is told with the reason", (status, expected) => {
    expect(askReport(askDocument({ status }), place()).join("\n")).toContain(expected);
  });

  it("names whose answer was the last without a rule that is none", () => {
    const decision = { rule: "last", winner: "gemini", tallies: {}, reasons: [], evidence: [] };
    const text = askReport(askDocument({ answer: "The last word.", decision, ballots: [] }), place()).join("\n");
    expect(text).toContain("Decided     gemini's answer, the last\n\nAnswer      The last word.\n");
  });

  it("says of a synthesis that it is one, and shows no tallies where nobody voted", () => {
    const decision = { rule: "synthesis", winner: null, tallies: { claude: 0, gemini: 0 }, reasons: [], evidence: [] };
    const text = askReport(askDocument({ answer: "Both.", decision, ballots: [] }), place()).join("\n");
    expect(text).toContain("Decided     The chair's synthesis of all answers\n\nAnswer      Both.\n");
    expect(text).not.toContain("Tallies");
    const without = askReport(askDocument({ status: "failed", answer: null, decision, ballots: [] }), place());
    expect(without.join("\n")).not.toContain("synthesis");
  });

  it("gives an answer that all agree on once, under its heading", () => {
    const answer = "One writer thread, with group commit.\nIt keeps one total order of all events.";
    const decision = { rule: "unanimity", winner: answer, tallies: { [answer]: 2 }, reasons: [], evidence: [] };
    const ballots = [
      { agent: "claude", choice: answer },
      { agent: "gemini", choice: answer },
    ];
    const text = askReport(askDocument({ answer, decision, ballots, dissent: [] }), place()).join("\n");
    expect(text.match(/One writer thread/g)).toHaveLength(1);
    expect(text).toContain("Decided     One answer for all, by unanimity\n\nAnswer      One writer thread, with group");
    expect(text).toMatch(/Tallies {5}this answer +2 █/);
    expect(text).toContain("Ballots     claude: this answer\n            gemini: this answer\n");
  });

  it.each([
    ["rounds(2)", "after 2 rounds of discussion"],
    ["rounds(1)", "after 1 round of discussion"],
    ["turns(12)", "after 12 turns"],
    ["tokens(20000)", "after 20,000 tokens"],
    ["costNanoUsd(1500000000)", "after $1.50 of discussion"],
    ["timeMs(90000)", "after 90 s of discussion"],
    ["quorum(2)", "2 answers came in a round"],
    ["stability(1)", "nobody changed the answer for 1 round"],
    ["stall(2)", "nothing new was said for 2 rounds"],
    ["repetition(1)", "somebody repeated the same answer once"],
    ["repetition(3)", "somebody repeated the same answer 3 times"],
    ["agreement", "all gave the same answer"],
    ["signal(DONE)", "somebody said “DONE”"],
    ["cancelled: by the user", "by the user"],
    ["deadline: 10 minutes are over", "deadline: 10 minutes are over"],
    ["not stall(2)", "not stall(2)"],
    ["toString(2)", "toString(2)"],
  ])("says %s in words", (reason, words) => {
    expect(stopReasonText(reason)).toBe(words);
  });

  it("names a tie and who failed", () => {
    const document = askDocument({
      status: "no_decision",
      stopReasons: [],
      answer: null,
      decision: {
        rule: "borda",
        winner: null,
        tallies: { a: 1, b: 1 },
        reasons: ["tie between a and b"],
        evidence: [],
      },
      quorum: { asked: ["a", "b"], answered: [], failed: [{ agent: "a", code: "VENDOR_RATE", reason: "too\nmany" }] },
    });
    const text = askReport(document, place()).join("\n");
    expect(text).toContain("Undecided   The members did not come to a decision.");
    expect(text).toContain("- tie between a and b");
    expect(text).toContain("2 agents asked, 0 answered: nobody");
    expect(text).toContain("a failed (VENDOR_RATE): too many");
  });

  it("gives options that are sentences a line instead of a bar, and survives tallies of zero", () => {
    const { decision } = askDocument();
    const tallies = { "One writer thread with group commit, because it keeps the order of all events": 2, no: 0 };
    const text = askReport(askDocument({ decision: { ...decision, tallies } }), place()).join("\n");
    expect(text).toMatch(/Tallies {5}2 {2}One writer thread[^█]+0 {2}no/);
    expect(askReport(askDocument({ decision: { ...decision, tallies: { a: 0 } } }), place()).join("\n")).toMatch(
      /Tallies {5}a {5}0\n/,
    );
  });

  it("is never wider than told, and lets nothing through that a terminal would obey", () => {
    const wordy = fc
      .array(fc.constantFrom("word ", "世界", "\n", "\u001b[31m", "\t", "averyveryverylongword"), { maxLength: 40 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(wordy, fc.integer({ min: 30, max: 120 }), (text, width) => {
        const { decision } = askDocument();
        const document = askDocument({
          answer: text,
          decision: {
            ...decision,
            winner: text,
            reasons: [text],
            tallies: { [text]: 1 },
            evidence: [{ agent: "a", messageId: "m", source: "s", quote: text }],
          },
          ballots: [{ agent: "a", ranking: [text], reason: text }],
          dissent: [{ agent: "b", position: text, reason: text }],
          quorum: { asked: ["a"], answered: [], failed: [{ agent: "a", code: "INTERNAL", reason: text }] },
        });
        for (const line of askReport(document, place(width)).filter((row) => !row.includes("conversation show"))) {
          expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(plainText(line)).toBe(line);
        }
      }),
    );
  });

  it("gives a quotation once, with all who rely on it", () => {
    const { decision } = askDocument();
    const [first] = decision.evidence;
    const evidence =
      first === undefined ? [] : [first, { ...first, agent: "gemini" }, { ...first, source: "other.md" }, first];
    const text = askReport(askDocument({ decision: { ...decision, evidence } }), place()).join("\n");
    expect(text.match(/“One writer thread/g)).toHaveLength(2);
    expect(text).toContain("  note.md, cited by claude, gemini\n");
    expect(text).toContain("  other.md, cited by claude\n");
  });

  it("puts headings on lines of their own where there is no room beside them", () => {
    expect(askReport(askDocument(), place(40)).join("\n")).toMatch(
      /\nDecided\n {2}claude's answer, by borda\n\nAnswer\n {2}One writer/,
    );
  });

  it("differs in colours from the plain one by escapes only", () => {
    const coloured = askReport(askDocument(), place(80, true)).join("\n");
    expect(coloured).toContain("\u001b[1m");
    expect(plainText(coloured).replace(/ +$/gm, "")).toBe(askReport(askDocument(), place()).join("\n"));
  });
});

describe("the timeline", () => {
  it("shows every message with deliveries and attempts, without the tricks of their texts", () => {
    expect(timeline(conversationDocument(), place()).join("\n").split("\nDecided")[0]).toMatchInlineSnapshot(`
      "One writer or two?
      019ab000-0000-7000-8000-000000000001: decided, debate, seed 1, simulated
      2026-11-22 10:00:00 to 10:00:04 UTC, $0.0123, 12,345 tokens in, 2,345 out
      Attached: note.md (text/markdown, 812 bytes)
      Epoch 1: claude, gemini (digest abababababab)

      10:00:01  coordinator → claude  request, unicast, round 2
          Answer the question.
          · claude: answered 10:00:02
          · attempt at anthropic/claude-sonnet-5-5 succeeded, 800 tokens in, 120 out,
            $0.0042, 0.9 s (first content after 0.2 s)
          · attempt at anthropic/claude-sonnet-5-5 failed, 0 tokens in, 0 out, $0.00:
            VENDOR_RATE: too many requests

      10:00:02  claude → all  reply, broadcast, answered by openai/gpt-6.1-terra
          One writer. 世界
          · gemini: dead (REDELIVERY_SPENT: five times)
      "
    `);
  });

  it("of a running conversation says so", () => {
    const text = timeline(
      conversationDocument({ status: "running", endedAt: null, result: null, simulated: false, messages: [] }),
      place(),
    );
    expect(text.at(-1)).toBe("Still running.");
    expect(text.join("\n")).not.toContain("simulated");
  });
});

describe("a line of the tail", () => {
  const envelope = {
    id: "m",
    conversationId: ID,
    from: "claude",
    incarnation: 1,
    epoch: 1,
    to: { mode: "broadcast" },
    recipients: ["gemini", "deepseek"],
    intent: "reply",
    body: { hash: "0", bytes: 1 },
    trust: "agent",
    deadlineUs: 0,
    hops: 0,
    via: [],
    parents: [],
    messagesLeft: 1,
  } as const;
  const route = { vendor: "google", model: "gemini-3.8-flash" };

  it.each([
    [created(), "conversation.created           debate of claude, gemini, deepseek"],
    [installed(), "handshake.installed            3 agents, 3 links, epoch 1, digest ab12cd34ab12"],
    [journal(3, "message.accepted", { envelope }), "message.accepted               claude → gemini, deepseek (reply)"],
    [
      journal(4, "attempt.started", {
        attemptId: "a",
        turnId: "t",
        agent: "gemini",
        step: 0,
        attempt: 1,
        route,
        wire: "w",
        reservedNanoUsd: 20_000_000,
        inputTokensEstimated: 1,
        outputTokensMax: 1,
        context: { ranges: [], except: [] },
        hashes: { config: "", prices: "", policy: "" },
      }),
      "attempt.started                gemini asks google/gemini-3.8-flash, $0.0200 reserved",
    ],
    [
      journal(5, "attempt.settled", {
        attemptId: "a",
        turnId: "t",
        agent: "gemini",
        route,
        outcome: "succeeded",
        usage: { ...NO_USAGE, input: 10, output: 5 },
        usageEstimated: false,
        costNanoUsd: 4_000_000,
        timings: { totalUs: 1, gapCounts: [] },
      }),
      "attempt.settled                gemini succeeded, 10 tokens in, 5 out, $0.0040",
    ],
    [turnFailed(6, "claude", 1), "turn.failed                    claude: VENDOR_RATE: too many requests"],
    [
      ballotCast(7, { agent: "claude", choice: "A", reason: "Why\nnot" }, 1),
      "ballot.cast                    claude: Votes: A Why not",
    ],
    [
      journal(8, "budget.refused", {
        turnId: "t",
        agent: "claude",
        budget: "conversation",
        askedNanoUsd: 2e9,
        leftNanoUsd: 1e9,
      }),
      "budget.refused                 claude: conversation has $1.00 left, $2.00 asked",
    ],
    [
      journal(9, "orchestration.stepped", { command: "c", type: "ask", detail: {} }),
      "orchestration.stepped          ask",
    ],
    [
      journal(9, "conversation.cancel-requested", { by: "user", reason: "wrong file" }),
      "conversation.cancel-requested  wrong file",
    ],
    [
      journal(9, "message.dead", { messageId: "m", recipient: "gemini", code: "DEADLINE", reason: "late" }),
      "message.dead                   gemini DEADLINE late",
    ],
    [journal(9, "conversation.paused", { by: "user" }), "conversation.paused            user"],
    [ended(9), "conversation.ended             decided: rounds"],
  ])("%#", (event, expected) => {
    expect(eventLine(event)).toBe(`    ${event.seq}  00:00:00  ${expected}`);
  });
});
