// The wire contract: one HTTP format of model calls. What differs between
// formats is here; what is equal for all is in the files beside it.
import type { LanguageModelV4, LanguageModelV4StreamPart, SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { FetchLike } from "../../platform/http-fetch.ts";
import type { AgentRequest } from "../agent.ts";
import type { ModelPolicy } from "../policy.ts";

export type WireName =
  | "anthropic-messages"
  | "google-generate-content"
  | "openai-chat"
  | "openai-compatible-chat"
  | "deepseek-chat";

/** Where a call goes, and how it proves who pays. */
export interface WireEndpoint {
  /** With version, without a slash at the end. */
  readonly baseUrl: string;
  readonly model: string;
  /** Undefined where the server wants none. */
  readonly key: string | undefined;
  readonly auth: { readonly header: string; readonly prefix: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: FetchLike;
  /** Ids for tool calls that came without one: the same for the same request. */
  readonly nextId: () => string;
}

export interface Wire {
  readonly name: WireName;
  /** Under which name the library keeps this wire's own metadata. */
  readonly namespace: string;
  createModel(endpoint: WireEndpoint, policy: ModelPolicy): LanguageModelV4;
  /** What this wire asks for beyond the common call options. */
  providerOptions(request: AgentRequest, policy: ModelPolicy): SharedV4ProviderOptions;
  /** Marks a tool call whose signature was lost (another route made it) as one that need not be checked. */
  readonly unsignedCall: { readonly providerOptions: SharedV4ProviderOptions } | undefined;
  /** Whether the library puts an `object` answer's schema into the prompt itself. */
  readonly injectsSchema: boolean;
  /**
   * Whether a well-formed frame that the library could not place is of no
   * concern: vendors add kinds of frames at any time. False: content may be lost.
   */
  isForeignFrame(value: unknown): boolean;
  /** Token counts that arrive before the end, in the vendor's own shape. */
  earlyUsage(part: LanguageModelV4StreamPart): EarlyUsage | undefined;
  /** What a library that asks again by itself is told. */
  replyToRepeat(streamed: boolean): Response;
}

export interface EarlyUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** For wires whose library never asks twice: a refusal that cannot be mistaken for a reply. */
export function refuseRepeat(): Response {
  return Response.json(
    { error: { type: "repeat_refused", message: "a second request within one attempt was not sent" } },
    { status: 409 },
  );
}
