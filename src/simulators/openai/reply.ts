// A chat completion of OpenAI's, and both of its forms on the wire.
import type { JsonObject } from "../../domain/json.ts";
import { createSeededRandom } from "../../platform/random.ts";
import type { Frame } from "../fault-script.ts";
import { tokenPieces } from "../tokens.ts";
import type { OpenAiModel } from "./models.ts";

export interface OpenAiCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

export interface OpenAiReply {
  readonly id: string;
  readonly created: number;
  readonly model: OpenAiModel;
  readonly fingerprint: string;
  readonly text: string;
  readonly calls: readonly OpenAiCall[];
  readonly finishReason: "stop" | "length" | "tool_calls" | "content_filter";
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
  /** How many identical choices were asked for. */
  readonly choices: number;
}

export function completionJson(reply: OpenAiReply): JsonObject {
  const message = {
    role: "assistant",
    content: reply.calls.length > 0 && reply.text === "" ? null : reply.text,
    ...(reply.calls.length > 0 ? { tool_calls: reply.calls.map(callJson) } : {}),
    refusal: null,
    annotations: [],
  };
  const choice = (index: number): JsonObject => ({
    index,
    message,
    ...logprobs(reply),
    finish_reason: reply.finishReason,
  });
  return {
    id: reply.id,
    object: "chat.completion",
    created: reply.created,
    model: reply.model.id,
    choices: Array.from({ length: reply.choices }, (_, index) => choice(index)),
    usage: usageJson(reply),
    service_tier: "default",
    system_fingerprint: reply.model.isReasoning ? null : reply.fingerprint,
  };
}

function callJson({ id, name, argumentsJson }: OpenAiCall): JsonObject {
  return { id, type: "function", function: { name, arguments: argumentsJson } };
}

function logprobs({ model }: OpenAiReply): JsonObject {
  return model.isReasoning ? {} : { logprobs: null };
}

function usageJson({ promptTokens, cachedTokens, completionTokens, reasoningTokens }: OpenAiReply): JsonObject {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

interface Delta {
  readonly delta: JsonObject;
  readonly tokens: number;
}

const OBFUSCATION_MAX = 16;

export function completionFrames(reply: OpenAiReply, includeUsage: boolean): Frame[] {
  const random = createSeededRandom(`${reply.id}/obfuscation`);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const obfuscation = (): string =>
    Array.from({ length: random.integer(OBFUSCATION_MAX) }, () =>
      alphabet.charAt(random.integer(alphabet.length)),
    ).join("");
  const head = {
    id: reply.id,
    object: "chat.completion.chunk",
    created: reply.created,
    model: reply.model.id,
    service_tier: "default",
    system_fingerprint: reply.model.isReasoning ? null : reply.fingerprint,
  };
  const frame = (rest: JsonObject, tokens: number): Frame => ({
    text: `data: ${JSON.stringify({ ...head, ...rest, obfuscation: obfuscation() })}\n\n`,
    tokens,
    isContent: tokens > 0,
  });
  const chunk = ({ delta, tokens }: Delta, finishReason: string | null): Frame =>
    frame(
      {
        choices: [{ index: 0, delta, ...logprobs(reply), finish_reason: finishReason }],
        ...(includeUsage ? { usage: null } : {}),
      },
      tokens,
    );
  return [
    ...deltasOf(reply).map((delta) => chunk(delta, null)),
    chunk({ delta: {}, tokens: 0 }, reply.finishReason),
    ...(includeUsage ? [frame({ choices: [], usage: usageJson(reply) }, 0)] : []),
    { text: "data: [DONE]\n\n", tokens: 0, isContent: false },
  ];
}

/** Calls announce themselves by id and name; a single one rides on the delta that names the role. */
function deltasOf({ text, calls }: OpenAiReply): Delta[] {
  if (calls.length === 0) {
    const pieces = tokenPieces(text).map((content) => ({ delta: { content }, tokens: 1 }));
    return [{ delta: { role: "assistant", content: "", refusal: null }, tokens: 0 }, ...pieces];
  }
  const isSingle = calls.length === 1;
  const deltas = calls.flatMap(({ id, name, argumentsJson }, index) => {
    const opening = { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] };
    const pieces = tokenPieces(argumentsJson).map((piece) => ({
      delta: { tool_calls: [{ index, function: { arguments: piece } }] },
      tokens: 1,
    }));
    return [
      { delta: isSingle ? { role: "assistant", content: null, ...opening, refusal: null } : opening, tokens: 1 },
      ...pieces,
    ];
  });
  return isSingle ? deltas : [{ delta: { role: "assistant", content: null }, tokens: 0 }, ...deltas];
}
