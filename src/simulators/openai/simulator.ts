// The OpenAI API as far as it is spoken: chat completions and models.
import type { JsonObject } from "../../domain/json.ts";
import { type ChatRequest, ChatShapeError, promptOf, readChatRequest, stopped } from "../chat/messages.ts";
import { cachedTokens, measureChat } from "../chat/usage.ts";
import type { Frame } from "../fault-script.ts";
import type { MeasuredPrompt } from "../prompt-cache.ts";
import type { BucketReading, Dimension, RefusedReading } from "../rate-bucket.ts";
import { composeReply } from "../reply/compose.ts";
import { SchemaUnsupportedError } from "../reply/schema-error.ts";
import type { SimulatorOptions, VendorSimulator } from "../simulator.ts";
import { countTokens, cutToTokens } from "../tokens.ts";
import type { Answer, FailureFacts, Incoming, PlainReply, VendorGrammar } from "../vendor-grammar.ts";
import { createVendorRuntime } from "../vendor-runtime.ts";
import { goDuration, openAiError, openAiFailure, openAiRefusal, unauthorised } from "./errors.ts";
import { findOpenAi, OPENAI_MODELS, type OpenAiModel } from "./models.ts";
import { completionFrames, completionJson, type OpenAiReply } from "./reply.ts";
import { openAiObjection } from "./rules.ts";

const CACHE = { tokensMin: 1_024, unitTokens: 128, keepMs: 600_000 } as const;
const CHAT_PATH = "/v1/chat/completions";

export function createOpenAiSimulator(options: SimulatorOptions): VendorSimulator {
  return createVendorRuntime(OPENAI, options);
}

const OPENAI: VendorGrammar = {
  name: "openai",
  baseUrl: "https://api.openai.com",
  keyOf: (headers) => headers.get("authorization")?.replace(/^Bearer /, "") ?? undefined,
  unauthorised,
  isGenerating: (method, path) => method === "POST" && path === CHAT_PATH,
  answer,
  failure: openAiFailure,
  rateLimited,
  rateHeaders,
  replyHeaders: (ids) => ({
    "openai-organization": "simulated",
    "openai-version": "2020-10-01",
    "openai-processing-ms": "120",
    "x-request-id": `req_${ids.token(32, "0123456789abcdef")}`,
  }),
  errorFrame: () =>
    `data: ${JSON.stringify({ error: { message: "The server had an error while processing your request. Sorry about that!", type: "server_error", param: null, code: null } })}\n\n`,
};

function answer(incoming: Incoming): Answer {
  const { method, path } = incoming;
  if (method === "GET" && /^\/v1\/models(?:\/|$)/.test(path)) return answerModels(path);
  if (method !== "POST" || path !== CHAT_PATH) {
    return openAiRefusal(404, { message: `Invalid URL (${method} ${path})` });
  }
  try {
    return answerChat(readChatRequest(incoming.body), incoming);
  } catch (error) {
    if (error instanceof ChatShapeError)
      return openAiRefusal(400, { message: error.message, param: error.place, code: "invalid_value" });
    if (error instanceof SchemaUnsupportedError) {
      return openAiRefusal(400, {
        message: `Invalid schema for response_format: ${error.message}.`,
        param: "response_format",
        code: "invalid_json_schema",
      });
    }
    throw error;
  }
}

function notFound(name: string): Answer {
  return openAiRefusal(404, {
    message: `The model \`${name}\` does not exist or you do not have access to it.`,
    code: "model_not_found",
  });
}

function answerModels(path: string): Answer {
  const name = decodeURIComponent(path.slice("/v1/models/".length));
  if (name === "")
    return { kind: "plain", reply: { status: 200, body: { object: "list", data: OPENAI_MODELS.flatMap(modelRows) } } };
  const model = findOpenAi(name);
  return model === undefined ? notFound(name) : { kind: "plain", reply: { status: 200, body: modelJson(name, model) } };
}

function modelRows(model: OpenAiModel): JsonObject[] {
  return [model.id, ...model.aliases].map((id) => modelJson(id, model));
}

function modelJson(id: string, { created }: OpenAiModel): JsonObject {
  return { id, object: "model", created, owned_by: "system" };
}

function answerChat(request: ChatRequest, incoming: Incoming): Answer {
  const model = findOpenAi(request.model);
  if (model === undefined) return notFound(request.model);
  const objection = openAiObjection(request, model);
  if (objection !== undefined) return openAiRefusal(400, objection);
  const prompt = measureChat(request, model.tokenFactor, CACHE);
  const promptTokens = prompt.tokens;
  if (promptTokens > model.contextTokens) {
    return openAiRefusal(400, {
      message: `This model's maximum context length is ${model.contextTokens} tokens. However, your messages resulted in ${promptTokens} tokens, which exceeds the context window. Please reduce the length of the messages.`,
      param: "messages",
      code: "context_length_exceeded",
    });
  }
  const reply = generate({ request, model, prompt }, incoming);
  return {
    kind: "generation",
    generation: {
      model: model.id,
      family: model.id,
      take: { requests: 1, inputTokens: promptTokens, outputTokens: reply.completionTokens },
      contentType: request.stream ? "text/event-stream; charset=utf-8" : "application/json",
      frames: request.stream ? completionFrames(reply, request.includeUsage) : [wholeFrame(reply)],
    },
  };
}

function wholeFrame(reply: OpenAiReply): Frame {
  return { text: JSON.stringify(completionJson(reply)), tokens: reply.completionTokens, isContent: true };
}

interface Chat {
  readonly request: ChatRequest;
  readonly model: OpenAiModel;
  readonly prompt: MeasuredPrompt;
}

function generate({ request, model, prompt }: Chat, incoming: Incoming): OpenAiReply {
  const { ids, twist } = incoming;
  const written = composeReply({ ...promptOf(request), model: model.id }, incoming.seed);
  const isSilent = twist !== undefined;
  const reasoningTokens = model.isReasoning ? countTokens(written.thinking, model.tokenFactor) : 0;
  const wished = request.raw.max_completion_tokens ?? request.raw.max_tokens;
  const room = (typeof wished === "number" ? wished : model.outputTokensMax) - reasoningTokens;
  const { text, cut } = cutToTokens(
    isSilent ? "" : stopped(written.text, request.stopSequences),
    Math.max(0, room),
    model.tokenFactor,
  );
  const calls = (isSilent ? [] : written.calls).map((call) => ({
    id: `call_${ids.token(24)}`,
    name: call.name,
    argumentsJson: JSON.stringify(call.args),
  }));
  const visible =
    countTokens(text, model.tokenFactor) +
    calls.reduce((sum, call) => sum + countTokens(call.name + call.argumentsJson, model.tokenFactor), 0);
  const finishReason =
    calls.length > 0 ? "tool_calls" : cut ? "length" : twist === "refusal" ? "content_filter" : "stop";
  return {
    id: `chatcmpl-${ids.token(29)}`,
    created: Math.floor(incoming.nowUs / 1_000_000),
    model,
    fingerprint: `fp_${ids.token(10, "0123456789abcdef")}`,
    text,
    calls,
    finishReason,
    promptTokens: prompt.tokens,
    cachedTokens: cachedTokens({ model: request.model, prompt, rule: CACHE }, incoming),
    completionTokens: reasoningTokens + visible,
    reasoningTokens,
    choices: typeof request.raw.n === "number" ? Math.max(1, Math.min(CHOICES_MAX, request.raw.n)) : 1,
  };
}

/** The vendor's own limit of `n`. */
const CHOICES_MAX = 128;

function rateLimited(reading: RefusedReading, facts: FailureFacts): PlainReply {
  const isRequests = reading.refusedBy === "requests";
  const name = isRequests ? "requests per min (RPM)" : "tokens per min (TPM)";
  const { limit, remaining } = reading.state[reading.refusedBy];
  const reply = openAiError(429, {
    message: `Rate limit reached for ${facts.model} in organization org-simulated on ${name}: Limit ${limit}, Used ${limit - remaining}. Please try again in ${goDuration(facts.retryAfterMs)}.`,
    type: isRequests ? "requests" : "tokens",
    code: "rate_limit_exceeded",
  });
  return {
    ...reply,
    headers: {
      "retry-after": String(Math.max(1, Math.ceil(facts.retryAfterMs / 1_000))),
      "retry-after-ms": String(facts.retryAfterMs),
    },
  };
}

function rateHeaders({ state }: BucketReading): Record<string, string> {
  const headersOf = (name: string, dimension: Dimension): Record<string, string> => ({
    [`x-ratelimit-limit-${name}`]: String(state[dimension].limit),
    [`x-ratelimit-remaining-${name}`]: String(state[dimension].remaining),
    [`x-ratelimit-reset-${name}`]: goDuration(state[dimension].resetMs),
  });
  return { ...headersOf("requests", "requests"), ...headersOf("tokens", "inputTokens") };
}
