// The seam inside the mesh between deliveries (who is asked, what becomes of the
// message) and attempts (routes, retries, budgets, breakers).
import type { Agent } from "../agents/agent.ts";
import type { Route } from "../domain/agent-card.ts";
import type { Failure } from "../domain/failure.ts";
import type { AgentId, AttemptId, ConversationId, TurnId } from "../domain/ids.ts";
import type { JournalEventOf } from "../domain/journal-event.ts";
import type { TimestampUs } from "../domain/time.ts";
import type { Decision, DecisionView } from "../journal/journal.ts";
import type { Lease } from "../storage/store.ts";
import type { BudgetLimits, Interpretation, JoinOptions, TurnPolicy } from "./mesh.ts";

/** An agent that has a live port in this process. */
export interface PortHandle {
  readonly agent: Agent;
  readonly incarnation: number;
  readonly costing: JoinOptions["costing"];
}

/** A request whose delivery to `port` has started. */
export interface OpenTurn {
  readonly conversationId: ConversationId;
  readonly turnId: TurnId;
  readonly request: JournalEventOf<"message.accepted">;
  readonly port: PortHandle;
  readonly lease: Lease;
  readonly policy: TurnPolicy;
  readonly budgets: BudgetLimits;
  readonly configHash: string;
  readonly deadlineUs: TimestampUs;
  /** Attempts this turn has had already, on this or another agent; numbering goes on from here. */
  readonly attemptsBefore: number;
  /** May this agent use its own further routes and repeat tries? An anycast with other candidates prefers to move on. */
  readonly otherCandidates: number;
}

/** What was accepted as the turn's one result, before it is written. */
export interface TurnAnswer {
  readonly attemptId: AttemptId;
  readonly agent: AgentId;
  readonly interpretation: Extract<Interpretation, { readonly kind: "accept" }>;
  /** Set when a route other than the agent's own answered. */
  readonly answeredBy?: Route;
}

export type TurnResult =
  | { readonly kind: "answered"; readonly attempts: number }
  | { readonly kind: "failed"; readonly failure: Failure; readonly attempts: number }
  /** Stopped from outside (cancel, drain, deadline, lost lease): attempts are settled, the turn has no result yet. */
  | { readonly kind: "stopped"; readonly attempts: number };

export interface TurnRunner {
  /**
   * Makes attempts until one is accepted, the routes and retries are spent, or
   * the signal aborts. Never throws for a vendor's fault. On acceptance the
   * attempt's settlement and what `commit` decides are appended in one
   * transaction; when `commit` refuses (the turn has a result already), the
   * attempt is settled alone and the run ends `stopped`.
   */
  run(
    turn: OpenTurn,
    hooks: { readonly signal: AbortSignal; commit(answer: TurnAnswer, view: DecisionView): Decision<void> },
  ): Promise<TurnResult>;
  /** After a crash: settles every attempt of the conversation that has an intent and no outcome as `lost`, at its reserved cost. */
  settleLost(conversationId: ConversationId, lease: Lease): Promise<number>;
}

/** Chooses among agents that could take an anycast; the first is asked first. */
export interface Selector {
  /** Best first; agents that must not be asked now (gates, breaker, ejected) are left out. May be empty. */
  order(candidates: readonly PortHandle[]): PortHandle[];
  /** When the earliest of the left-out could be asked again, in milliseconds; undefined when never. */
  nextChanceMs(candidates: readonly PortHandle[]): number | undefined;
}
