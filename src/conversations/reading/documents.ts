// The documents that readers get of a conversation. Each is the contract of a
// `--json` output; numbers are in the unit their names say.
import type {
  Ballot,
  ConversationOutcome,
  ConversationStatus,
  Decision,
  Dissent,
  Quorum,
} from "../../domain/decision.ts";
import type { DeliveryMode, DeliveryState } from "../../domain/envelope.ts";
import type { AgentId, ConversationId } from "../../domain/ids.ts";
import type { TokenUsage } from "../../domain/usage.ts";

/** What a conversation came to. */
export interface AskDocument {
  readonly schema: "polylogue.ask/1";
  readonly conversationId: ConversationId;
  readonly status: ConversationOutcome;
  readonly answer: string | null;
  readonly decision: Decision;
  readonly ballots: readonly Ballot[];
  readonly dissent: readonly Dissent[];
  readonly quorum: Quorum;
  readonly rounds: number;
  readonly turns: number;
  readonly costUsd: number;
  readonly tokens: TokenUsage;
  /** From the question to the end, on the wall clock. */
  readonly latencyMs: number;
  readonly stopReasons: readonly string[];
  readonly simulated: boolean;
}

export interface DeliveryDocument {
  readonly recipient: AgentId;
  readonly state: DeliveryState;
  /** ISO 8601 by state reached. */
  readonly times: Readonly<Partial<Record<DeliveryState, string>>>;
  readonly code?: string;
  readonly reason?: string;
}

export interface AttemptDocument {
  readonly attemptId: string;
  readonly agent: AgentId;
  readonly vendor: string;
  readonly model: string;
  /** `vendor/model`, with the name of the key where one is named. */
  readonly route: string;
  readonly outcome: "running" | "succeeded" | "failed" | "aborted" | "lost";
  readonly tokens: TokenUsage;
  readonly costUsd: number;
  readonly reservedUsd: number;
  readonly firstContentMs: number | null;
  readonly totalMs: number | null;
  readonly failure?: { readonly class: string; readonly code: string; readonly reason: string };
}

export interface MessageDocument {
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  readonly sender: AgentId;
  readonly recipients: readonly AgentId[];
  readonly mode: DeliveryMode;
  readonly intent: string;
  readonly round: number | null;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly answeredBy?: { readonly vendor: string; readonly model: string };
  readonly deliveries: readonly DeliveryDocument[];
  /** For a request: the attempts of the turns it opened. */
  readonly attempts: readonly AttemptDocument[];
}

export interface ConversationDocument {
  readonly schema: "polylogue.conversation/1";
  readonly id: ConversationId;
  readonly status: ConversationStatus;
  readonly question: string;
  readonly attachments: readonly { readonly name: string; readonly mediaType: string; readonly bytes: number }[];
  readonly orchestration: string;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly seed: number;
  readonly simulated: boolean;
  readonly costUsd: number;
  readonly tokens: TokenUsage;
  readonly epochs: readonly { readonly epoch: number; readonly digest: string; readonly members: readonly AgentId[] }[];
  readonly messages: readonly MessageDocument[];
  readonly result: AskDocument | null;
}

export interface ConversationListDocument {
  readonly schema: "polylogue.conversations/1";
  readonly conversations: readonly {
    readonly id: ConversationId;
    readonly status: ConversationStatus;
    /** At most 200 characters of it, on one line. */
    readonly question: string;
    readonly createdAt: string;
    readonly costUsd: number;
    readonly tokens: TokenUsage;
    readonly simulated: boolean;
  }[];
}
