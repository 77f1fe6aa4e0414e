// DeepSeek's own endpoint: chat completions.
import { type ChatRequest, ChatShapeError, isObject, promptOf, readChatRequest, stopped } from "../chat/messages.ts";
import { cachedTokens, measureChat } from "../chat/usage.ts";
import type { Frame } from "../fault-script.ts";
import type { MeasuredPrompt } from "../prompt-cache.ts";
import { composeReply } from "../reply/compose.ts";
import { SchemaUnsupportedError } from "../reply/schema-error.ts";
import { countTokens, cutToTokens } from "../tokens.ts";
import type { Answer, Incoming } from "../vendor-grammar.ts";
import { deepSeekError, deepSeekRefusal } from "./errors.ts";
import {
  DEEPSEEK_CONTEXT_TOKENS,
  DEEPSEEK_OUTPUT_TOKENS_MAX,
  DEEPSEEK_TOKEN_FACTOR,
  type DeepSeekModel,
  findDeepSeek,
} from "./models.ts";
import { completionFrames, completionJson, type DeepSeekReply } from "./reply.ts";
import { deepSeekObjection } from "./rules.ts";

const CACHE = { tokensMin: 64, unitTokens: 64, keepMs: 3_600_000 } as const;

export function answerChat(incoming: Incoming): Answer {
  try {
    return answerRequest(readChatRequest(incoming.body), incoming);
  } catch (error) {
    if (error instanceof ChatShapeError)
      return deepSeekRefusal(
        error.place.endsWith(".role") ? 422 : 400,
        `Failed to deserialize the JSON body into the target type: ${error.message}`,
      );
    if (error instanceof SchemaUnsupportedError) return deepSeekRefusal(400, `Invalid schema: ${error.message}`);
    throw error;
  }
}

function answerRequest(request: ChatRequest, incoming: Incoming): Answer {
  const found = findDeepSeek(request.model);
  if (found === undefined) return { kind: "plain", reply: deepSeekError(400, { message: "Model Not Exist" }) };
  const mode = isObject(request.raw.thinking) ? request.raw.thinking.type : undefined;
  const isThinking = mode === undefined ? found.thinksByDefault : mode === "enabled";
  const objection = deepSeekObjection(request, isThinking);
  if (objection !== undefined) return deepSeekRefusal(objection.status, objection.message);
  const prompt = measureChat(request, DEEPSEEK_TOKEN_FACTOR, CACHE);
  const promptTokens = prompt.tokens;
  if (promptTokens > DEEPSEEK_CONTEXT_TOKENS) {
    return deepSeekRefusal(
      400,
      `This model's maximum context length is ${DEEPSEEK_CONTEXT_TOKENS} tokens. However, you requested ${promptTokens} tokens in the messages. Please reduce the length of the messages or completion.`,
    );
  }
  const reply = generate({ request, model: found.model, isThinking, prompt }, incoming);
  return {
    kind: "generation",
    generation: {
      model: found.model.id,
      family: found.model.id,
      take: { requests: 1, inputTokens: promptTokens, outputTokens: reply.completionTokens },
      concurrentCallsMax: found.model.concurrentCallsMax,
      contentType: request.stream ? "text/event-stream; charset=utf-8" : "application/json",
      keepAlive: request.stream ? ": keep-alive\n\n" : "\n",
      frames: request.stream ? completionFrames(reply) : [wholeFrame(reply)],
    },
  };
}

function wholeFrame(reply: DeepSeekReply): Frame {
  return { text: JSON.stringify(completionJson(reply)), tokens: reply.completionTokens, isContent: true };
}

interface Chat {
  readonly request: ChatRequest;
  readonly model: DeepSeekModel;
  readonly isThinking: boolean;
  readonly prompt: MeasuredPrompt;
}

function generate({ request, model, isThinking, prompt }: Chat, incoming: Incoming): DeepSeekReply {
  const { ids, twist, seed, nowUs } = incoming;
  const written = composeReply({ ...promptOf(request), model: model.id }, seed);
  const { max_tokens: wished } = request.raw;
  const outputMax = typeof wished === "number" ? wished : DEEPSEEK_OUTPUT_TOKENS_MAX;
  const reasoning = isThinking ? cutToTokens(written.thinking, outputMax, DEEPSEEK_TOKEN_FACTOR).text : undefined;
  const reasoningTokens = countTokens(reasoning ?? "", DEEPSEEK_TOKEN_FACTOR);
  const said = twist === undefined ? stopped(written.text, request.stopSequences) : "";
  const { text, cut } = cutToTokens(said, Math.max(0, outputMax - reasoningTokens), DEEPSEEK_TOKEN_FACTOR);
  const calls = (twist === undefined ? written.calls : []).map((call, index) => ({
    id: `call_0${index}_${ids.token(20)}`,
    name: call.name,
    argumentsJson: JSON.stringify(call.args),
  }));
  const callTokens = calls.reduce(
    (sum, call) => sum + countTokens(call.name + call.argumentsJson, DEEPSEEK_TOKEN_FACTOR),
    0,
  );
  const finishReason =
    calls.length > 0
      ? "tool_calls"
      : cut
        ? "length"
        : twist === "refusal"
          ? "content_filter"
          : twist === "emptyAnswer"
            ? "insufficient_system_resource"
            : "stop";
  return {
    id: ids.uuid(),
    created: Math.floor(nowUs / 1_000_000),
    model: model.id,
    reasoning,
    text,
    calls,
    finishReason,
    promptTokens: prompt.tokens,
    cachedTokens: cachedTokens({ model: request.model, prompt, rule: CACHE }, incoming),
    completionTokens: reasoningTokens + callTokens + countTokens(text, DEEPSEEK_TOKEN_FACTOR),
    reasoningTokens,
  };
}
