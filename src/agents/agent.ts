// The agent contract: who can speak. One request is one attempt at one model
// call; retries, routes and budgets belong to the mesh.
import type { AgentCard, Route } from "../domain/agent-card.ts";
import type { Failure } from "../domain/failure.ts";
import type { JsonObject, JsonValue } from "../domain/json.ts";
import type { Part } from "../domain/part.ts";
import type { TimestampUs } from "../domain/time.ts";
import type { TokenUsage } from "../domain/usage.ts";

/** A turn of projected history. `assistant` is the recipient's own; everything else is `user`. */
export interface HistoryTurn {
  readonly role: "user" | "assistant";
  readonly parts: readonly Part[];
  /** Opaque vendor blocks of the recipient's own turn, as its wire gave them; same vendor and model only. */
  readonly opaque?: JsonValue;
}

export interface ToolOffer {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the input. */
  readonly inputSchema: JsonObject;
}

/** Ask for one JSON value instead of prose. */
export interface AnswerFormat {
  readonly name: string;
  /** JSON Schema (draft 2020-12). */
  readonly schema: JsonObject;
}

/** What an agent is asked. `history` is the full projection and ends on a `user` turn. */
export interface AgentRequest {
  readonly system: string;
  readonly history: readonly HistoryTurn[];
  /** How many turns at the end of `history` are new since this agent's last turn; a stateful agent reads only these. */
  readonly newTurns: number;
  /** Stable for one agent in one conversation: cache key and session key. */
  readonly sessionKey: string;
  readonly route: Route;
  /** Largest answer, in tokens; always sent. */
  readonly outputTokensMax: number;
  readonly tools?: readonly ToolOffer[];
  readonly toolChoice?: "auto" | "none" | "required";
  readonly answerFormat?: AnswerFormat;
  readonly temperature?: number;
  /** Makes the vendor's reply repeatable where the vendor (or simulator) can. */
  readonly seed?: number;
  readonly stream?: boolean;
}

/** Finish reasons, whatever the vendor's own word. */
export type FinishReason = "stop" | "length" | "tool-calls" | "refusal" | "interrupted" | "error" | "other";

/** What the vendor's headers said about what is left; absent where it said nothing. */
export interface RateLimitState {
  readonly requestsLimit?: number;
  readonly requestsRemaining?: number;
  readonly requestsResetMs?: number;
  readonly tokensLimit?: number;
  readonly tokensRemaining?: number;
  readonly tokensResetMs?: number;
}

/**
 * One attempt as a stream. It ends with exactly one `done` or `error` and never
 * throws. `byte` marks any sign of life, a keep-alive too; contents are
 * `reasoning-delta`, `text-delta` and `tool-call`.
 */
export type AgentEvent =
  | { readonly type: "byte" }
  | { readonly type: "reasoning-delta"; readonly text: string }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "tool-call"; readonly callId: string; readonly tool: string; readonly input: JsonValue }
  | {
      readonly type: "done";
      readonly finishReason: FinishReason;
      /** The vendor's own word. */
      readonly finishReasonRaw?: string;
      readonly parts: readonly Part[];
      readonly usage: TokenUsage;
      readonly usageEstimated: boolean;
      readonly opaque?: JsonValue;
      readonly rateLimits?: RateLimitState;
      readonly simulated: boolean;
    }
  | {
      readonly type: "error";
      readonly failure: Failure;
      /** What the vendor had counted, or will bill, before it failed; absent when nothing was billed, or nothing is known of it. */
      readonly usage?: TokenUsage;
      /** True where `usage` is not the vendor's own count. */
      readonly usageEstimated?: boolean;
      /**
       * The request was sent, and the vendor may have billed more than was seen
       * of it: up to the largest answer that was asked for.
       */
      readonly outcomeUnknown?: boolean;
      /** What had arrived; provisional, never joined with another attempt's. */
      readonly partial: readonly Part[];
      readonly rateLimits?: RateLimitState;
      readonly simulated: boolean;
    };

export interface AgentCallOptions {
  /** Ends the call; the stream then ends with an `error` of class `transient` and code `CANCELLED`. */
  readonly signal: AbortSignal;
}

/** In milliseconds: how long free calls of one agent may take, wherever they are made. */
export const PROBE_TIMEOUT_MS = 10_000;

/** What a free call found out before the first cent is spent. */
export interface AgentProbe {
  readonly ok: boolean;
  readonly failures: readonly {
    readonly code: "AUTH" | "MODEL" | "PRICE" | "WINDOW" | "BINARY" | "LOGIN" | "UNREACHABLE";
    readonly reason: string;
  }[];
  readonly contextTokensMax?: number;
  readonly simulated: boolean;
}

export interface Agent {
  readonly card: AgentCard;
  /** One attempt. Each call of the iterator starts at most one request. */
  call(request: AgentRequest, options: AgentCallOptions): AsyncIterable<AgentEvent>;
  /** By free calls only: key works, model exists, price known. Never throws. */
  probe(route: Route, options: AgentCallOptions): Promise<AgentProbe>;
  close(): Promise<void>;
}

/** What a route costs and how many tokens a request takes, for reservations. */
export interface RouteCosting {
  /** Upper estimate of the request's input, in tokens. */
  estimateInputTokens(request: AgentRequest): number;
  /** Largest possible cost of a call; undefined where the price is unknown. */
  costMaxNanoUsd(inputTokens: number, outputTokensMax: number): number | undefined;
  /** By the price at the time at which the call began; of this moment unless told. */
  costNanoUsd(usage: TokenUsage, startedAtUs?: TimestampUs): number | undefined;
  /** Learns from what the vendor counted. */
  calibrate(request: AgentRequest, usage: TokenUsage): void;
  readonly hashes: { readonly prices: string; readonly policy: string };
  readonly wire: string;
  readonly contextTokensMax: number | undefined;
}
