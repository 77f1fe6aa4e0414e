// The mesh contract: how agents reach each other. Conversations use only this
// file; what stands behind it is registry, handshake, deliveries, selection,
// attempts and budgets.
import type { Agent, AgentEvent, AgentRequest, RouteCosting } from "../agents/agent.ts";
import type { AgentCard, Route } from "../domain/agent-card.ts";
import type { Address, Intent, MessageRef, Trust } from "../domain/envelope.ts";
import type { Failure } from "../domain/failure.ts";
import type { AgentId, AttemptId, ConversationId, EventId, MessageId, TurnId } from "../domain/ids.ts";
import type { ContextSpan, JournalEventOf, Member, NewJournalEvent } from "../domain/journal-event.ts";
import type { NanoUsd } from "../domain/money.ts";
import type { Part } from "../domain/part.ts";
import type { DurationUs, TimestampUs } from "../domain/time.ts";
import type { EncodedBody } from "../journal/journal.ts";
import type { Lease } from "../storage/store.ts";

// ---------------------------------------------------------------- registry

export interface RegistryEntry {
  readonly card: AgentCard;
  /** One for each live port; several processes of one home may each have a port of the same agent. */
  readonly ports: readonly { readonly incarnation: number; readonly state: "live" | "suspect" | "draining" }[];
}

/** Who is there, home-wide; loose (leases and heartbeats), for discovery and anycast. */
export interface Registry {
  list(): Promise<RegistryEntry[]>;
  get(agent: AgentId): Promise<RegistryEntry | undefined>;
  withSkill(skill: string): Promise<RegistryEntry[]>;
}

// --------------------------------------------------------------- handshake

export interface LinkState {
  readonly from: AgentId;
  readonly to: AgentId;
  readonly open: boolean;
  /** Of a probe through the real delivery path; absent until proved. */
  readonly rttUs?: DurationUs;
}

export interface HandshakeReport {
  readonly epoch: number;
  readonly digest: string;
  readonly members: readonly Member[];
  /** Directed: n(n−1) of them for n members. */
  readonly links: readonly LinkState[];
  readonly refused: readonly {
    readonly agent: AgentId;
    readonly code: string;
    readonly reason: string;
    /** Of `BUDGET`: the smallest budget that would do. */
    readonly neededNanoUsd?: NanoUsd;
  }[];
}

// ---------------------------------------------------------------- messages

export interface SendRequest {
  readonly conversationId: ConversationId;
  readonly from: AgentId;
  readonly to: Address;
  readonly intent: Intent;
  readonly parts: readonly Part[];
  readonly trust: Trust;
  readonly deadlineUs: TimestampUs;
  /** Given where the id must be derived from a cause, so that a replay sends nothing twice. */
  readonly id?: MessageId;
  readonly turnId?: TurnId;
  readonly inReplyTo?: MessageId;
  readonly round?: number;
  readonly command?: EventId;
  /** The message of another conversation that caused this one; its hops, via and remainder are read from there. */
  readonly causedBy?: MessageRef;
  /** The view the sender believes in; refused with `STALE_EPOCH` when another one is in force. */
  readonly epoch?: number;
  /** Of the sender's port; that of its port here, or else of its membership, unless told. */
  readonly incarnation?: number;
  readonly lease?: Lease;
}

export interface SendReceipt {
  readonly messageId: MessageId;
  readonly recipients: readonly AgentId[];
  readonly seq: number;
  /** False when this id had been accepted before: nothing was added. */
  readonly fresh: boolean;
}

// ------------------------------------------------------------------- turns

/** One model request of one turn, about to be made. */
export interface TurnContext {
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  /** The request that opened the turn. */
  readonly request: JournalEventOf<"message.accepted">;
  readonly card: AgentCard;
  readonly route: Route;
  /** Which model request of the turn, from 0. */
  readonly step: number;
  /** What the agent answered before, and why that would not do; for `step` ≥ 1. */
  readonly repair?: { readonly previous: readonly Part[]; readonly instruction: string };
}

export interface ProjectedTurn {
  readonly request: AgentRequest;
  readonly context: ContextSpan;
}

/** `accept` makes the turn's one result; `repair` asks the same agent once more. */
export type Interpretation =
  | {
      readonly kind: "accept";
      readonly parts: readonly Part[];
      /** Whom the reply addresses; all other members unless told. */
      readonly to?: Address;
      /** Further facts of the same transaction, for example a ballot. */
      readonly events?: readonly NewJournalEvent[];
      readonly bodies?: readonly EncodedBody[];
    }
  | { readonly kind: "repair"; readonly instruction: string };

/** What conversations give the mesh: what an agent is shown, and what its answer means. */
export interface TurnPolicy {
  project(context: TurnContext): Promise<ProjectedTurn>;
  /** Pure: the same answer always means the same. */
  interpret(context: TurnContext, parts: readonly Part[]): Interpretation;
}

/** Volatile progress for people who watch; the journal is the record. Lost events change nothing. */
export type Progress =
  | {
      readonly type: "attempt-started";
      readonly conversationId: ConversationId;
      readonly agent: AgentId;
      readonly turnId: TurnId;
      readonly attemptId: AttemptId;
      readonly attempt: number;
      readonly route: Route;
      readonly round?: number;
    }
  | {
      readonly type: "attempt-event";
      readonly conversationId: ConversationId;
      readonly agent: AgentId;
      readonly turnId: TurnId;
      readonly attemptId: AttemptId;
      readonly event: AgentEvent;
    }
  | {
      readonly type: "attempt-ended";
      readonly conversationId: ConversationId;
      readonly agent: AgentId;
      readonly turnId: TurnId;
      readonly attemptId: AttemptId;
      readonly outcome: "succeeded" | "failed" | "aborted";
      readonly costNanoUsd: NanoUsd;
    }
  | { readonly type: "journal"; readonly conversationId: ConversationId };

export interface BudgetLimits {
  readonly turnNanoUsd?: NanoUsd;
  readonly agentNanoUsd?: NanoUsd;
  readonly conversationNanoUsd?: NanoUsd;
  /** Per UTC day over the whole home; simulated spend is counted apart. */
  readonly dayNanoUsd?: NanoUsd;
}

/**
 * Drives one conversation in this process: drains its members' inboxes, runs
 * their turns, expires what is late, settles what a crash left open.
 */
export interface ConversationService {
  /** First resolves what a crash left: open attempts become `lost`, started deliveries are delivered again. */
  recover(): Promise<void>;
  /**
   * Nobody waits for these turns any more: each that is open fails with this
   * failure, its delivery is refused, and what runs of it is aborted. Resolves
   * when that is durable; an aborted attempt settles by itself, at the latest
   * before `drain` or `stop` resolves. An answer that was committed first stands
   * as the turn's one result. Again, or of turns nobody asked, it changes nothing.
   * Allowed in every phase, even while the service recovers or after it has ended.
   */
  giveUp(turnIds: readonly TurnId[], failure: Failure): Promise<void>;
  /** No new turn starts; resolves when the running ones have settled or `withinMs` is over (then they are aborted and settled). */
  drain(withinMs: number): Promise<void>;
  /** Aborts running attempts at once, settles them, and stops. */
  stop(reason: string): Promise<void>;
}

export interface ServeRequest {
  readonly conversationId: ConversationId;
  readonly lease: Lease;
  readonly policy: TurnPolicy;
  readonly budgets: BudgetLimits;
  readonly configHash: string;
}

export interface JoinOptions {
  /** Prices, token estimates and policy hashes of one of the agent's routes. */
  costing(route: Route): RouteCosting;
}

export interface Mesh {
  readonly registry: Registry;
  /** Starts a port for the agent: a durable incarnation, a lease, heartbeats. At run time too. */
  join(agent: Agent, options: JoinOptions): Promise<{ readonly incarnation: number }>;
  /** No new turns; the running ones end first (at most `withinMs`); then it has left. Views it was in move to their next epoch. */
  leave(agent: AgentId, withinMs: number): Promise<void>;
  /** Members that have a port here shake hands; those refused are left out and reported. Again for a later epoch. */
  handshake(request: {
    readonly conversationId: ConversationId;
    readonly members: readonly AgentId[];
    readonly lease: Lease;
    readonly contextTokensMin?: number;
    /** A member whose shortest useful call may cost more than this is refused with `BUDGET`. */
    readonly budgetNanoUsd?: NanoUsd;
  }): Promise<HandshakeReport>;
  /** Proves each directed link of the installed view by a probe through the real delivery path. */
  verifyLinks(conversationId: ConversationId): Promise<HandshakeReport>;
  send(request: SendRequest): Promise<SendReceipt>;
  serve(request: ServeRequest): ConversationService;
  onProgress(listener: (progress: Progress) => void): () => void;
  close(): Promise<void>;
}

/** A body that holds a message's parts. */
export interface MessageBody {
  readonly parts: readonly Part[];
}
