// Every fact Polylogue records, by kind. Bodies are referenced by hash; an
// event never holds text of a model or a person, except short reasons.
import type { AgentCard, Route } from "./agent-card.ts";
import type { Ballot, Outcome } from "./decision.ts";
import type { BodyRef, Envelope } from "./envelope.ts";
import type { Failure } from "./failure.ts";
import type { AgentId, AttemptId, ConversationId, EventId, MessageId, StreamId, TurnId } from "./ids.ts";
import type { JsonObject } from "./json.ts";
import type { NanoUsd } from "./money.ts";
import type { DurationUs, TimestampUs } from "./time.ts";
import type { TraceContext } from "./trace.ts";
import type { TokenUsage } from "./usage.ts";

/** One port's place in a view. */
export interface Member {
  readonly agent: AgentId;
  readonly incarnation: number;
  readonly cardDigest: string;
  readonly features: readonly string[];
}

/** Which events a request showed the model: inclusive ranges of seq, less the exceptions. */
export interface ContextSpan {
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly except: readonly number[];
}

/** Hashes of what decided the shape and the price of a call. */
export interface AttemptHashes {
  readonly config: string;
  readonly prices: string;
  readonly policy: string;
}

/** Upper bounds, in milliseconds, of the gap histogram's buckets; a last bucket holds the rest. */
export const GAP_BUCKETS_MS = [10, 30, 100, 300, 1_000, 3_000, 10_000] as const;

export interface AttemptTimings {
  readonly totalUs: DurationUs;
  readonly firstByteUs?: DurationUs;
  readonly firstContentUs?: DurationUs;
  /** Count of gaps between contents, by {@link GAP_BUCKETS_MS}; one element longer. */
  readonly gapCounts: readonly number[];
}

/** `succeeded` makes a message · `failed` before any content · `aborted` after some · `lost` in a crash. */
export type AttemptOutcome = "succeeded" | "failed" | "aborted" | "lost";

/** The payload of each kind. Adding a kind is adding a line here. */
export interface JournalEventData {
  "conversation.created": {
    readonly question: BodyRef;
    readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly body: BodyRef }[];
    readonly orchestration: string;
    readonly settings: JsonObject;
    readonly roster: readonly AgentCard[];
    readonly seed: number;
    readonly budgetNanoUsd: NanoUsd;
    readonly deadlineUs: TimestampUs;
    readonly configHash: string;
    /** The conversation this one goes on from (`--continue`). */
    readonly continues?: ConversationId;
  };
  "conversation.paused": { readonly by: AgentId };
  "conversation.resumed": { readonly by: AgentId };
  "conversation.cancel-requested": { readonly by: AgentId; readonly reason: string };
  "conversation.ended": { readonly outcome: Outcome };

  "agent.registered": {
    readonly agent: AgentId;
    readonly incarnation: number;
    readonly card: AgentCard;
    readonly leaseUntilUs: TimestampUs;
  };
  "agent.draining": { readonly agent: AgentId; readonly incarnation: number };
  "agent.left": { readonly agent: AgentId; readonly incarnation: number };
  "agent.evicted": { readonly agent: AgentId; readonly incarnation: number; readonly reason: string };

  "handshake.refused": { readonly agent: AgentId; readonly code: string; readonly reason: string };
  "handshake.proposed": {
    readonly epoch: number;
    readonly digest: string;
    readonly version: number;
    readonly members: readonly Member[];
    readonly features: readonly string[];
    readonly deadlineUs: TimestampUs;
  };
  "handshake.confirmed": {
    readonly epoch: number;
    readonly digest: string;
    readonly agent: AgentId;
    readonly incarnation: number;
  };
  "handshake.installed": { readonly epoch: number; readonly digest: string; readonly members: readonly Member[] };
  "handshake.departed": {
    readonly agent: AgentId;
    readonly incarnation: number;
    readonly reason: "left" | "silent";
  };

  "message.accepted": { readonly envelope: Envelope; readonly round?: number; readonly command?: EventId };
  "message.delivered": { readonly messageId: MessageId; readonly recipient: AgentId; readonly incarnation: number };
  "message.started": { readonly messageId: MessageId; readonly recipient: AgentId; readonly delivery: number };
  "message.answered": { readonly messageId: MessageId; readonly recipient: AgentId; readonly replyId?: MessageId };
  "message.refused": {
    readonly messageId: MessageId;
    readonly recipient: AgentId;
    readonly code: string;
    readonly reason: string;
  };
  "message.expired": { readonly messageId: MessageId; readonly recipient: AgentId };
  /** An anycast goes to the next candidate; the turn stays the same one. */
  "message.rerouted": {
    readonly messageId: MessageId;
    readonly from: AgentId;
    readonly to: AgentId;
    readonly code: string;
    readonly reason: string;
  };
  "message.dead": {
    readonly messageId: MessageId;
    readonly recipient: AgentId;
    readonly code: string;
    readonly reason: string;
  };

  "turn.started": {
    readonly turnId: TurnId;
    readonly agent: AgentId;
    readonly messageId: MessageId;
    readonly round?: number;
  };
  /** The turn's one result; `messageId` is the reply. */
  "turn.completed": {
    readonly turnId: TurnId;
    readonly agent: AgentId;
    readonly messageId: MessageId;
    readonly body: BodyRef;
    readonly attemptId?: AttemptId;
    readonly answeredBy?: Route;
  };
  "turn.failed": { readonly turnId: TurnId; readonly agent: AgentId; readonly failure: Failure };

  "attempt.started": {
    readonly attemptId: AttemptId;
    readonly turnId: TurnId;
    readonly agent: AgentId;
    /** Which model request of the turn, from 0. */
    readonly step: number;
    /** Which try of that request, from 1, over all routes. */
    readonly attempt: number;
    readonly route: Route;
    readonly wire: string;
    readonly reservedNanoUsd: NanoUsd;
    readonly inputTokensEstimated: number;
    readonly outputTokensMax: number;
    readonly context: ContextSpan;
    readonly hashes: AttemptHashes;
  };
  "attempt.settled": {
    readonly attemptId: AttemptId;
    readonly turnId: TurnId;
    readonly agent: AgentId;
    readonly route: Route;
    readonly outcome: AttemptOutcome;
    readonly finishReason?: string;
    readonly usage: TokenUsage;
    /** True where the vendor told no usage and we charged an estimate. */
    readonly usageEstimated: boolean;
    readonly costNanoUsd: NanoUsd;
    readonly timings: AttemptTimings;
    readonly failure?: Failure;
    /** Opaque vendor blocks of this turn: read back only for the same agent, vendor and model. */
    readonly privateBody?: BodyRef;
  };
  /** A reservation that was refused: which budget, what was asked, what was left. */
  "budget.refused": {
    readonly turnId: TurnId;
    readonly agent: AgentId;
    readonly budget: string;
    readonly askedNanoUsd: NanoUsd;
    readonly leftNanoUsd: NanoUsd;
  };

  "ballot.cast": {
    readonly ballot: Ballot;
    readonly turnId: TurnId;
    readonly round: number /** Labels in the order this voter saw them. */;
    readonly orderShown: readonly string[];
  };
  /** A command of the orchestration was carried out; `command` is derived from its cause, so it is added once. */
  "orchestration.stepped": { readonly command: EventId; readonly type: string; readonly detail: JsonObject };
}

export type JournalKind = keyof JournalEventData;

/** What a decider returns: the rest is stamped on append. */
export type NewJournalEvent = {
  [K in JournalKind]: {
    readonly kind: K;
    readonly data: JournalEventData[K];
    /** Given where the id must be derived from a cause; else made on append. */
    readonly id?: EventId;
    readonly actor: AgentId;
    readonly trace?: TraceContext;
    readonly causationId?: EventId;
    readonly simulated?: boolean;
  };
}[JournalKind];

export interface JournalEventStamp {
  /** Place in its stream, from 1, without gaps. */
  readonly seq: number;
  /** Place in the whole journal, strictly increasing, gaps allowed. */
  readonly position: number;
  readonly stream: StreamId;
  readonly id: EventId;
  readonly atUs: TimestampUs;
  readonly trace: TraceContext;
  /** Made by, or in a conversation with, a simulator. Never changes. */
  readonly simulated: boolean;
}

export type JournalEvent = NewJournalEvent & JournalEventStamp;
export type JournalEventOf<K extends JournalKind> = Extract<JournalEvent, { readonly kind: K }>;
