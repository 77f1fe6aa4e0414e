// The Anthropic API: messages, token counts, models.
import type { JsonObject } from "../../domain/json.ts";
import { isoFromUs } from "../../domain/time.ts";
import type { Frame } from "../fault-script.ts";
import type { BucketReading, BucketState, Dimension, RefusedReading } from "../rate-bucket.ts";
import { SchemaUnsupportedError } from "../reply/schema-error.ts";
import type { SimulatorOptions, VendorSimulator } from "../simulator.ts";
import type { Answer, FailureFacts, IdMaker, Incoming, PlainReply, VendorGrammar } from "../vendor-grammar.ts";
import { createVendorRuntime } from "../vendor-runtime.ts";
import { claudeError, claudeFailure, claudeRefusal, requestId, unauthorised } from "./errors.ts";
import { generateClaude } from "./generate.ts";
import { CLAUDE_MODELS, type ClaudeModel, findClaude } from "./models.ts";
import { type ClaudeReply, errorFrame, messageFrames, messageJson } from "./reply.ts";
import { type ClaudeRequest, readClaudeRequest, ShapeError } from "./request.ts";
import { claudeObjection } from "./rules.ts";
import { thinkingBlockObjection } from "./thinking.ts";
import { measureInput } from "./usage.ts";

const BODY_BYTES_MAX = 32 * 1_024 * 1_024;

export function createAnthropicSimulator(options: SimulatorOptions): VendorSimulator {
  return createVendorRuntime(ANTHROPIC, options);
}

const ANTHROPIC: VendorGrammar = {
  name: "anthropic",
  baseUrl: "https://api.anthropic.com",
  keyOf: (headers) => headers.get("x-api-key") ?? headers.get("authorization")?.replace(/^Bearer /, "") ?? undefined,
  unauthorised: (key, { ids }) => unauthorised(key, ids),
  isGenerating: (method, path) => method === "POST" && path === "/v1/messages",
  answer,
  failure: claudeFailure,
  rateLimited,
  rateHeaders,
  replyHeaders: (ids) => ({
    "request-id": requestId(ids),
    "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
  }),
  errorFrame: () => errorFrame("overloaded_error", "Overloaded"),
};

function answer(incoming: Incoming): Answer {
  const { method, path, headers, ids, bodyBytes } = incoming;
  if (headers.get("anthropic-version") === null)
    return claudeRefusal(400, "anthropic-version: header is required", ids);
  if (bodyBytes > BODY_BYTES_MAX) return { kind: "plain", reply: tooLarge() };
  if (method === "GET" && /^\/v1\/models(?:\/|$)/.test(path)) return answerModels(path, ids);
  if (method !== "POST" || (path !== "/v1/messages" && path !== "/v1/messages/count_tokens"))
    return claudeRefusal(404, "Not found", ids);
  try {
    const request = readClaudeRequest(incoming.body);
    const model = findClaude(request.model);
    if (model === undefined) return claudeRefusal(404, `model: ${request.model}`, ids);
    return path.endsWith("count_tokens") ? answerCount(request, model) : answerMessage(request, model, incoming);
  } catch (error) {
    if (error instanceof ShapeError) return claudeRefusal(400, error.message, ids);
    if (error instanceof SchemaUnsupportedError)
      return claudeRefusal(400, `output_config.format.schema: ${error.message}`, ids);
    throw error;
  }
}

/** Cloudflare refuses such a body before the API sees it. */
function tooLarge(): PlainReply {
  return {
    status: 413,
    body: "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n",
  };
}

function answerModels(path: string, ids: IdMaker): Answer {
  const name = decodeURIComponent(path.slice("/v1/models/".length));
  if (name === "") {
    const data = CLAUDE_MODELS.map(modelJson);
    return {
      kind: "plain",
      reply: {
        status: 200,
        body: { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
      },
    };
  }
  const model = findClaude(name);
  return model === undefined
    ? claudeRefusal(404, `model: ${name}`, ids)
    : { kind: "plain", reply: { status: 200, body: modelJson(model) } };
}

function modelJson(model: ClaudeModel): JsonObject {
  return {
    type: "model",
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    max_input_tokens: model.contextTokens,
    max_tokens: model.outputTokensMax,
  };
}

function answerCount(request: ClaudeRequest, model: ClaudeModel): Answer {
  return {
    kind: "plain",
    reply: { status: 200, body: { input_tokens: measureInput(request, model.tokenFactor).tokens } },
  };
}

function answerMessage(request: ClaudeRequest, model: ClaudeModel, incoming: Incoming): Answer {
  const { ids, signer } = incoming;
  const objection = claudeObjection(request, model) ?? thinkingBlockObjection(request, model, signer);
  if (objection !== undefined) return claudeRefusal(400, objection, ids);
  const input = measureInput(request, model.tokenFactor);
  const inputTokens = input.tokens;
  if (inputTokens > model.contextTokens) {
    return claudeRefusal(400, `prompt is too long: ${inputTokens} tokens > ${model.contextTokens} maximum`, ids);
  }
  const reply = generateClaude({ request, model, input }, incoming);
  return {
    kind: "generation",
    generation: {
      model: model.id,
      family: model.family,
      take: { requests: 1, inputTokens: inputTokens - reply.input.cacheRead, outputTokens: request.maxTokens ?? 0 },
      contentType: request.stream ? "text/event-stream; charset=utf-8" : "application/json",
      headers: {
        ...(request.stream ? { "cache-control": "no-cache" } : {}),
        "retry-after": String(retryAfterOnSuccess(incoming)),
      },
      frames: request.stream ? messageFrames(reply) : [wholeFrame(reply)],
    },
  };
}

export function wholeFrame(reply: ClaudeReply): Frame {
  return { text: JSON.stringify(messageJson(reply)), tokens: reply.outputTokens, isContent: true };
}

/** The real API sends the header on success too: the seconds left of the minute. */
function retryAfterOnSuccess({ nowUs }: Incoming): number {
  return 60 - Math.floor((nowUs / 1_000_000) % 60);
}

const DIMENSION_NAMES: Readonly<Record<Dimension, string>> = {
  requests: "requests",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};

function rateLimited({ refusedBy, state }: RefusedReading, facts: FailureFacts): PlainReply {
  const unit = `${state[refusedBy].limit.toLocaleString("en-US")} ${DIMENSION_NAMES[refusedBy].replace("-", " ")} per minute`;
  const message = `This request would exceed your organization's rate limit of ${unit}. For details, refer to: https://docs.claude.com/en/api/rate-limits.`;
  const reply = claudeError(429, { message, ids: facts.ids });
  return { ...reply, headers: { "retry-after": String(Math.max(1, Math.ceil(facts.retryAfterMs / 1_000))) } };
}

function rateHeaders({ state }: BucketReading, nowUs: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [dimension, name] of Object.entries(DIMENSION_NAMES)) {
    Object.assign(headers, headersOf(name, state[dimension as Dimension], nowUs));
  }
  const { inputTokens, outputTokens } = state;
  const both: BucketState = {
    limit: inputTokens.limit + outputTokens.limit,
    remaining: inputTokens.remaining + outputTokens.remaining,
    resetMs: Math.max(inputTokens.resetMs, outputTokens.resetMs),
  };
  return { ...headers, ...headersOf("tokens", both, nowUs) };
}

/** Token counts are told in thousands. */
function headersOf(name: string, { limit, remaining, resetMs }: BucketState, nowUs: number): Record<string, string> {
  const told = name === "requests" ? remaining : Math.floor(remaining / 1_000) * 1_000;
  return {
    [`anthropic-ratelimit-${name}-limit`]: String(limit),
    [`anthropic-ratelimit-${name}-remaining`]: String(told),
    [`anthropic-ratelimit-${name}-reset`]: isoFromUs(nowUs + resetMs * 1_000).replace(/\.\d+Z$/, "Z"),
  };
}
