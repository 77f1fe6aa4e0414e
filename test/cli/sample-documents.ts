// Documents as the library makes them, for commands under test.
import type { AskDocument, ConversationDocument } from "../../src/app/polylogue.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";

export const ID = "019ab000-0000-7000-8000-000000000001";
const MESSAGE = "019ab000-0000-7000-8000-00000000000a";

export function askDocument(change: Partial<AskDocument> = {}): AskDocument {
  return {
    schema: "polylogue.ask/1",
    conversationId: ID,
    status: "decided",
    answer: "One writer thread. It keeps the order, and a flush is shared by all who wait.",
    decision: {
      rule: "borda",
      winner: "claude",
      tallies: { claude: 2, gemini: 1.5, deepseek: 0 },
      reasons: ["It keeps one total order."],
      evidence: [
        {
          agent: "claude",
          messageId: MESSAGE,
          source: "note.md",
          quote: "One writer thread gives every event a place.",
        },
      ],
    },
    ballots: [
      { agent: "claude", ranking: ["gemini", "deepseek"], reason: "Closest to mine." },
      { agent: "gemini", choice: "claude" },
      { agent: "deepseek", abstained: true, reason: "Could not tell." },
    ],
    dissent: [{ agent: "deepseek", position: "A writer per shard", reason: "Eight cores are idle." }],
    quorum: { asked: ["claude", "gemini", "deepseek"], answered: ["claude", "gemini", "deepseek"], failed: [] },
    rounds: 3,
    turns: 9,
    costUsd: 0.0123,
    tokens: { ...NO_USAGE, input: 12_345, output: 2_345, cacheRead: 100 },
    latencyMs: 4_200,
    stopReasons: ["rounds"],
    simulated: true,
    ...change,
  };
}

export function conversationDocument(change: Partial<ConversationDocument> = {}): ConversationDocument {
  return {
    schema: "polylogue.conversation/1",
    id: ID,
    status: "decided",
    question: "One writer\nor two?",
    attachments: [{ name: "note.md", mediaType: "text/markdown", bytes: 812 }],
    orchestration: "debate",
    createdAt: "2026-11-22T10:00:00.000Z",
    endedAt: "2026-11-22T10:00:04.200Z",
    seed: 1,
    simulated: true,
    costUsd: 0.0123,
    tokens: { ...NO_USAGE, input: 12_345, output: 2_345 },
    epochs: [{ epoch: 1, digest: "ab".repeat(32), members: ["claude", "gemini"] }],
    messages: [
      {
        id: MESSAGE,
        seq: 9,
        at: "2026-11-22T10:00:01.000Z",
        sender: "coordinator",
        recipients: ["claude"],
        mode: "unicast",
        intent: "request",
        round: 1,
        text: "Answer the question.",
        inReplyTo: null,
        deliveries: [
          {
            recipient: "claude",
            state: "answered",
            times: { accepted: "2026-11-22T10:00:01.000Z", answered: "2026-11-22T10:00:02.000Z" },
          },
        ],
        attempts: [
          {
            attemptId: "019ab000-0000-7000-8000-0000000000a1",
            agent: "claude",
            vendor: "anthropic",
            model: "claude-sonnet-5-5",
            route: "anthropic/claude-sonnet-5-5",
            outcome: "succeeded",
            tokens: { ...NO_USAGE, input: 800, output: 120 },
            costUsd: 0.0042,
            reservedUsd: 0.12,
            firstContentMs: 180,
            totalMs: 950,
          },
          {
            attemptId: "019ab000-0000-7000-8000-0000000000a2",
            agent: "claude",
            vendor: "anthropic",
            model: "claude-sonnet-5-5",
            route: "anthropic/claude-sonnet-5-5",
            outcome: "failed",
            tokens: NO_USAGE,
            costUsd: 0,
            reservedUsd: 0.12,
            firstContentMs: null,
            totalMs: null,
            failure: { class: "rate", code: "VENDOR_RATE", reason: "too many requests" },
          },
        ],
      },
      {
        id: "019ab000-0000-7000-8000-00000000000b",
        seq: 12,
        at: "2026-11-22T10:00:02.000Z",
        sender: "claude",
        recipients: ["gemini"],
        mode: "broadcast",
        intent: "reply",
        round: null,
        text: "One writer.\u001b]0;owned\u0007\u001b[2J 世界",
        inReplyTo: MESSAGE,
        answeredBy: { vendor: "openai", model: "gpt-6.1-terra" },
        deliveries: [{ recipient: "gemini", state: "dead", times: {}, code: "REDELIVERY_SPENT", reason: "five times" }],
        attempts: [],
      },
    ],
    result: askDocument(),
    ...change,
  };
}
