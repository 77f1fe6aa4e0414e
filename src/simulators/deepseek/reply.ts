// A chat completion of DeepSeek's, and both of its forms on the wire.
import type { JsonObject } from "../../domain/json.ts";
import type { Frame } from "../fault-script.ts";
import { tokenPieces } from "../tokens.ts";

export interface DeepSeekCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

export interface DeepSeekReply {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  /** `undefined` outside the thinking mode. */
  readonly reasoning: string | undefined;
  readonly text: string;
  readonly calls: readonly DeepSeekCall[];
  readonly finishReason: "stop" | "length" | "tool_calls" | "content_filter" | "insufficient_system_resource";
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

const FINGERPRINT = "fp_8b330d02d0_simulated";

export function completionJson(reply: DeepSeekReply): JsonObject {
  const message = {
    role: "assistant",
    content: reply.text,
    ...(reply.reasoning === undefined ? {} : { reasoning_content: reply.reasoning }),
    ...(reply.calls.length > 0 ? { tool_calls: reply.calls.map(callJson) } : {}),
  };
  return {
    id: reply.id,
    object: "chat.completion",
    created: reply.created,
    model: reply.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: reply.finishReason }],
    usage: usageJson(reply),
    system_fingerprint: FINGERPRINT,
  };
}

function callJson({ id, name, argumentsJson }: DeepSeekCall, index: number): JsonObject {
  return { index, id, type: "function", function: { name, arguments: argumentsJson } };
}

function usageJson({
  promptTokens,
  cachedTokens,
  completionTokens,
  reasoningTokens,
  reasoning,
}: DeepSeekReply): JsonObject {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
    prompt_cache_hit_tokens: cachedTokens,
    prompt_cache_miss_tokens: promptTokens - cachedTokens,
  };
}

interface Delta {
  readonly delta: JsonObject;
  readonly tokens: number;
}

/** The last chunk carries finish reason and usage together; there is no chunk for usage alone. */
export function completionFrames(reply: DeepSeekReply): Frame[] {
  const head = {
    id: reply.id,
    object: "chat.completion.chunk",
    created: reply.created,
    model: reply.model,
    system_fingerprint: FINGERPRINT,
  };
  const chunk = ({ delta, tokens }: Delta, finishReason: string | null): Frame => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    const usage = finishReason === null ? null : usageJson(reply);
    return { text: `data: ${JSON.stringify({ ...head, choices, usage })}\n\n`, tokens, isContent: tokens > 0 };
  };
  const last = reply.reasoning === undefined ? { content: "" } : { content: "", reasoning_content: null };
  return [
    ...deltasOf(reply).map((delta) => chunk(delta, null)),
    chunk({ delta: last, tokens: 0 }, reply.finishReason),
    { text: "data: [DONE]\n\n", tokens: 0, isContent: false },
  ];
}

function deltasOf({ reasoning, text, calls }: DeepSeekReply): Delta[] {
  const isThinking = reasoning !== undefined;
  const opening = isThinking
    ? { role: "assistant", content: null, reasoning_content: "" }
    : { role: "assistant", content: "" };
  const thoughts = tokenPieces(reasoning ?? "").map((piece) => ({
    delta: { content: null, reasoning_content: piece },
    tokens: 1,
  }));
  const words = tokenPieces(text).map((content) => ({
    delta: isThinking ? { content, reasoning_content: null } : { content },
    tokens: 1,
  }));
  return [{ delta: opening, tokens: 0 }, ...thoughts, ...words, ...calls.flatMap(callDeltas)];
}

function callDeltas({ id, name, argumentsJson }: DeepSeekCall, index: number): Delta[] {
  const announced = { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] };
  const pieces = tokenPieces(argumentsJson).map((piece) => ({
    delta: { tool_calls: [{ index, function: { arguments: piece } }] },
    tokens: 1,
  }));
  return [{ delta: announced, tokens: 1 }, ...pieces];
}
