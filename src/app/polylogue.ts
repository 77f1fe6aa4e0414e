// The library's surface: what a program, the command line and later every
// server door can do. Documents are the JSON contracts; each has its `schema`.
import type {
  AskDocument,
  AttemptDocument,
  ConversationDocument,
  ConversationListDocument,
  DeliveryDocument,
  MessageDocument,
} from "../conversations/reading/documents.ts";
import type { ConversationStatus } from "../domain/decision.ts";
import type { AgentId, ConversationId } from "../domain/ids.ts";
import type { JournalEvent } from "../domain/journal-event.ts";
import type { TokenUsage } from "../domain/usage.ts";
import type { Progress } from "../mesh/mesh.ts";

// What a conversation looks like to a reader is defined where it is read.
export type {
  AskDocument,
  AttemptDocument,
  ConversationDocument,
  ConversationListDocument,
  DeliveryDocument,
  MessageDocument,
};

export interface Attachment {
  /** Path or title, shown to the agents as the source. */
  readonly name: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface AskRequest {
  readonly question: string;
  /** Agents of the configuration, or names of built-in vendors; those of `ask.with` unless told. */
  readonly with?: readonly AgentId[];
  /** Name of the orchestration; `debate` unless told. */
  readonly as?: string;
  readonly attachments?: readonly Attachment[];
  /** Hard limit for the whole conversation. */
  readonly budgetUsd?: number;
  readonly seed?: number;
  /** Goes on from an ended conversation: its outcome is shown to the members first. */
  readonly continueFrom?: ConversationId;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Wall-clock limit for the whole conversation, in milliseconds. */
  readonly deadlineMs?: number;
  /** When it aborts, running turns end and count, nobody else is asked, and the conversation is `cancelled`. */
  readonly signal?: AbortSignal;
  /**
   * When it aborts, running turns end, and the conversation is left to be
   * resumed; `ask` then throws `CANCELLED`. For a process that has to end.
   */
  readonly release?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Called once the conversation is durable, before any model is asked. */
  readonly onStarted?: (conversationId: ConversationId) => void;
}

export interface EstimateDocument {
  readonly schema: "polylogue.estimate/1";
  readonly orchestration: string;
  readonly turnsMax: number;
  readonly costUsdMax: number;
  readonly agents: readonly {
    readonly agent: AgentId;
    readonly vendor: string;
    readonly model: string;
    readonly turnsMax: number;
    readonly inputTokensMax: number;
    readonly outputTokensMax: number;
    readonly costUsdMax: number;
  }[];
  /** What may come on top of it, in words. The conversation's budget limits all of it. */
  readonly leavesOut: readonly string[];
  readonly simulated: boolean;
}

export interface HandshakeDocument {
  readonly schema: "polylogue.handshake/1";
  readonly epoch: number;
  readonly digest: string;
  readonly members: readonly {
    readonly agent: AgentId;
    readonly vendor: string;
    readonly model: string;
    readonly incarnation: number;
  }[];
  /** Directed. `rttMs` is null until a probe proved the link. */
  readonly links: readonly {
    readonly from: AgentId;
    readonly to: AgentId;
    readonly open: boolean;
    readonly rttMs: number | null;
  }[];
  readonly refused: readonly { readonly agent: AgentId; readonly code: string; readonly reason: string }[];
  /** Each view, the first one first. All its members hold its digest where `heldBy` names them all. */
  readonly epochs: readonly {
    readonly epoch: number;
    readonly digest: string;
    readonly members: readonly AgentId[];
    readonly heldBy: readonly AgentId[];
  }[];
}

/** A change of the members at run time. */
export type ViewChange = { readonly join: AgentId } | { readonly leave: AgentId };

export interface DeadDocument {
  readonly schema: "polylogue.dead/1";
  readonly dead: readonly {
    readonly conversationId: ConversationId;
    readonly messageId: string;
    readonly recipient: AgentId;
    readonly at: string;
    readonly code: string;
    readonly reason: string;
  }[];
}

export interface ResumeDocument {
  readonly schema: "polylogue.resume/1";
  readonly resumed: readonly {
    readonly conversationId: ConversationId;
    readonly status: ConversationStatus;
    readonly code?: string;
    readonly reason?: string;
  }[];
}

export interface AgentsDocument {
  readonly schema: "polylogue.agents/1";
  readonly agents: readonly {
    readonly id: AgentId;
    readonly vendor: string;
    readonly model: string;
    readonly skills: readonly string[];
    readonly fallback: boolean;
    readonly routes: readonly { readonly vendor: string; readonly model: string }[];
    /** `ready` has a key (or needs none); `test` found out more. */
    readonly state: "ready" | "no-key" | "failed" | "ok";
    readonly reason: string | null;
    readonly inputUsdPerMillion: number | null;
    readonly outputUsdPerMillion: number | null;
    readonly contextTokensMax: number | null;
  }[];
}

export interface CostsDocument {
  readonly schema: "polylogue.costs/1";
  readonly by: "agent" | "vendor" | "model" | "conversation" | "day";
  readonly includesSimulated: boolean;
  readonly totalUsd: number;
  readonly reservedUsd: number;
  readonly rows: readonly {
    readonly key: string;
    readonly costUsd: number;
    readonly calls: number;
    readonly tokens: TokenUsage;
    readonly simulated: boolean;
  }[];
}

export interface DoctorDocument {
  readonly schema: "polylogue.doctor/1";
  readonly ok: boolean;
  readonly checks: readonly {
    readonly name: string;
    readonly state: "ok" | "warn" | "fail";
    readonly detail: string;
    readonly mend: string | null;
  }[];
}

export interface Conversations {
  list(options?: { readonly limit?: number }): Promise<ConversationListDocument>;
  /** Accepts a unique prefix of an id. */
  show(id: string): Promise<ConversationDocument>;
  /** Events with a greater `seq` than `after`, as they come, until the conversation has ended. */
  tail(id: string, options: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<JournalEvent>;
  resume(
    ids: readonly string[] | "all",
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void },
  ): Promise<ResumeDocument>;
  /** Takes effect in the process that drives it, within a second. */
  cancel(id: string, reason: string): Promise<void>;
  /** Another message for a running conversation, from any process. */
  send(id: string, text: string, to?: readonly AgentId[]): Promise<{ readonly messageId: string }>;
  dead(id?: string): Promise<DeadDocument>;
  exportMarkdown(id: string): Promise<string>;
}

export interface Polylogue {
  ask(request: AskRequest): Promise<AskDocument>;
  estimate(request: AskRequest): Promise<EstimateDocument>;
  handshake(options: {
    readonly with?: readonly AgentId[];
    readonly agents?: number;
    /** Of the last view. */
    readonly verifyLinks?: boolean;
    /** After the first view, one after the other, in the same conversation. */
    readonly changes?: readonly ViewChange[];
  }): Promise<HandshakeDocument>;
  readonly conversations: Conversations;
  readonly agents: {
    list(): Promise<AgentsDocument>;
    /** By free calls only. */
    test(ids?: readonly AgentId[]): Promise<AgentsDocument>;
  };
  costs(options?: { readonly by?: CostsDocument["by"]; readonly simulated?: boolean }): Promise<CostsDocument>;
  doctor(options?: { readonly online?: boolean }): Promise<DoctorDocument>;
  /** Drains, then closes the store. */
  close(): Promise<void>;
}
