// What a conversation comes to: ballots, the decision and its dissent, the quorum.
import type { AgentId, MessageId } from "./ids.ts";
import type { JsonObject } from "./json.ts";

export const CONVERSATION_OUTCOMES = [
  "decided",
  "no_decision",
  "degraded",
  "cancelled",
  "budget_exhausted",
  "failed",
] as const;
export type ConversationOutcome = (typeof CONVERSATION_OUTCOMES)[number];
export type ConversationStatus = ConversationOutcome | "running" | "paused";

/** A structured vote. A ballot that cannot be read is an abstention, never a guess. */
export interface Ballot {
  readonly agent: AgentId;
  /** Best first; labels of options, for ranked rules. */
  readonly ranking?: readonly string[];
  /** One label, for single-choice rules. */
  readonly choice?: string;
  /** Whether the voter shares the conclusion of what it put first; an answer can be the best and not convince. */
  readonly agrees?: boolean;
  readonly abstained?: true;
  readonly reason?: string;
}

/** A sentence of a source that an agent relied on; checked to occur there before it is recorded. */
export interface Evidence {
  readonly agent: AgentId;
  readonly messageId: MessageId;
  /** Attachment's name. */
  readonly source: string;
  readonly quote: string;
}

export interface Dissent {
  readonly agent: AgentId;
  readonly position: string;
  readonly reason: string;
}

export interface Decision {
  /** `borda`, `plurality`, `majority` …; `none` or `last` for a preset without a vote. */
  readonly rule: string;
  /** The label or text that won; null where nothing won. */
  readonly winner: string | null;
  /** Points by option, as the rule counts. */
  readonly tallies: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface QuorumFailure {
  readonly agent: AgentId;
  readonly code: string;
  readonly reason: string;
}

export interface Quorum {
  readonly asked: readonly AgentId[];
  readonly answered: readonly AgentId[];
  readonly failed: readonly QuorumFailure[];
}

/** The end of a conversation, as the orchestration states it. */
export interface Outcome {
  readonly status: ConversationOutcome;
  readonly answer: string | null;
  readonly decision: Decision;
  readonly ballots: readonly Ballot[];
  readonly dissent: readonly Dissent[];
  readonly quorum: Quorum;
  readonly rounds: number;
  readonly turns: number;
  /** Every condition that held when it stopped, the first one first. */
  readonly stopReasons: readonly string[];
  /** What a preset adds of its own, for example aggregate ranks. */
  readonly extra?: JsonObject;
}
