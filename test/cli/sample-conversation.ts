// A conversation as it looks to those who watch: journal and progress, in order.
import type { AgentCard } from "../../src/domain/agent-card.ts";
import type { Ballot } from "../../src/domain/decision.ts";
import type { JournalEvent, JournalEventData, JournalKind } from "../../src/domain/journal-event.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import type { Progress } from "../../src/mesh/mesh.ts";
import { ID } from "./sample-documents.ts";

function card(id: string, vendor: string, model: string): AgentCard {
  return {
    id,
    name: id,
    description: "",
    port: "driven",
    skills: [],
    capabilities: { streaming: true, tools: false, structuredOutput: true },
    limits: {},
    routes: [{ vendor, model }],
    fallback: false,
    outputTokensMax: 8_192,
    quality: 0.5,
  };
}

const CARDS = [
  card("claude", "anthropic", "claude-sonnet-5-5"),
  card("gemini", "google", "gemini-3.8-flash"),
  card("deepseek", "deepseek", "deepseek-v4-pro"),
];

/** An event of the sample conversation; `seq` is its place. */
export function journal<K extends JournalKind>(seq: number, kind: K, data: JournalEventData[K]): JournalEvent {
  return {
    kind,
    data,
    actor: "coordinator",
    seq,
    position: seq,
    stream: ID,
    id: `019ab000-0000-7000-8000-${String(seq).padStart(12, "0")}`,
    atUs: 1_795_305_600_000_000 + seq * 1_000,
    trace: { traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` },
    simulated: true,
  } as JournalEvent;
}

export function created(seq = 1, roster: readonly AgentCard[] = CARDS): JournalEvent {
  return journal(seq, "conversation.created", {
    question: { hash: "0".repeat(64), bytes: 10 },
    attachments: [],
    orchestration: "debate",
    settings: {},
    roster,
    seed: 7,
    budgetNanoUsd: 1_000_000_000,
    deadlineUs: 0,
    configHash: "0".repeat(64),
  });
}

export function installed(seq = 2, members: readonly AgentCard[] = CARDS): JournalEvent {
  return journal(seq, "handshake.installed", {
    epoch: 1,
    digest: "ab12cd34".repeat(8),
    members: members.map(({ id }) => ({ agent: id, incarnation: 1, cardDigest: "", features: [] })),
  });
}

export function turnStarted(seq: number, agent: string, round: number): JournalEvent {
  return journal(seq, "turn.started", { turnId: `turn-${agent}-${round}`, agent, messageId: "m", round });
}

export function turnCompleted(seq: number, agent: string, round: number): JournalEvent {
  return journal(seq, "turn.completed", {
    turnId: `turn-${agent}-${round}`,
    agent,
    messageId: "m",
    body: { hash: "0".repeat(64), bytes: 1 },
  });
}

export function turnFailed(seq: number, agent: string, round: number): JournalEvent {
  return journal(seq, "turn.failed", {
    turnId: `turn-${agent}-${round}`,
    agent,
    failure: { class: "rate", code: "VENDOR_RATE", reason: "too many requests" },
  });
}

export function ballotCast(seq: number, ballot: Ballot, round: number): JournalEvent {
  return journal(seq, "ballot.cast", {
    ballot,
    turnId: `turn-${ballot.agent}-${round}`,
    round,
    orderShown: ["A", "B"],
  });
}

export function ended(seq: number): JournalEvent {
  return journal(seq, "conversation.ended", {
    outcome: {
      status: "decided",
      answer: null,
      decision: { rule: "none", winner: null, tallies: {}, reasons: [], evidence: [] },
      ballots: [],
      dissent: [],
      quorum: { asked: [], answered: [], failed: [] },
      rounds: 1,
      turns: 1,
      stopReasons: ["rounds"],
    },
  });
}

interface Of {
  readonly conversationId: string;
  readonly agent: string;
  readonly turnId: string;
  readonly attemptId: string;
}

export function of(agent: string, round: number, attempt = 1): Of {
  return {
    conversationId: ID,
    agent,
    turnId: `turn-${agent}-${round}`,
    attemptId: `attempt-${agent}-${round}-${attempt}`,
  };
}

export function started(agent: string, round: number, attempt = 1): Progress {
  const route = CARDS.find(({ id }) => id === agent)?.routes[0] ?? { vendor: "openai", model: "gpt-6.1-terra" };
  return { type: "attempt-started", ...of(agent, round, attempt), attempt, route, round };
}

export function says(agent: string, round: number, text: string): Progress {
  return { type: "attempt-event", ...of(agent, round), event: { type: "text-delta", text } };
}

export function done(agent: string, round: number, text: string): Progress {
  return {
    type: "attempt-event",
    ...of(agent, round),
    event: {
      type: "done",
      finishReason: "stop",
      parts: [{ type: "text", text }],
      usage: { ...NO_USAGE, input: 900, output: 100 },
      usageEstimated: false,
      simulated: true,
    },
  };
}

export function attemptEnded(
  agent: string,
  round: number,
  { outcome = "succeeded", attempt = 1 }: { outcome?: "succeeded" | "failed" | "aborted"; attempt?: number } = {},
): Progress {
  return { type: "attempt-ended", ...of(agent, round, attempt), outcome, costNanoUsd: 4_200_000 };
}
