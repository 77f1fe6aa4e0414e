// DeepSeek's endpoint in Anthropic's format: Anthropic's grammar, DeepSeek's rules.
import { claudeRefusal } from "../anthropic/errors.ts";
import { generateClaude } from "../anthropic/generate.ts";
import type { ClaudeModel } from "../anthropic/models.ts";
import { messageFrames, messageJson } from "../anthropic/reply.ts";
import { type ClaudeRequest, readClaudeRequest, ShapeError } from "../anthropic/request.ts";
import { claudeObjection } from "../anthropic/rules.ts";
import { measureInput } from "../anthropic/usage.ts";
import { SchemaUnsupportedError } from "../reply/schema-error.ts";
import type { Answer, Incoming } from "../vendor-grammar.ts";
import {
  DEEPSEEK_CONTEXT_TOKENS,
  DEEPSEEK_OUTPUT_TOKENS_MAX,
  DEEPSEEK_TOKEN_FACTOR,
  findDeepSeekForClaude,
} from "./models.ts";

/** DeepSeek ignores what it does not know rather than refuse it, so every mode is "accepted". */
function asClaude(id: string): ClaudeModel {
  return {
    id,
    aliases: [],
    displayName: id,
    createdAt: "2026-10-17T00:00:00Z",
    contextTokens: DEEPSEEK_CONTEXT_TOKENS,
    outputTokensMax: DEEPSEEK_OUTPUT_TOKENS_MAX,
    family: id,
    tokenFactor: DEEPSEEK_TOKEN_FACTOR,
    efforts: ["low", "medium", "high", "xhigh", "max"],
    thinking: ["enabled", "adaptive", "disabled", "between_tools"],
    thinksByDefault: true,
    omitsThinking: false,
    bindsThinking: false,
    acceptsSampling: true,
    acceptsPrefill: true,
    acceptsForcedTools: true,
    acceptsSystemTurns: true,
    cacheTokensMin: 64,
    tellsThinkingTokens: false,
  };
}

/** Budgets and sampling parameters are read past. */
function withoutIgnored(request: ClaudeRequest): ClaudeRequest {
  const { top_k: _, temperature: __, ...raw } = request.raw;
  const { thinking } = request;
  return {
    ...request,
    raw,
    thinking: thinking === undefined ? undefined : { type: thinking.type === "disabled" ? "disabled" : "adaptive" },
  };
}

export function answerClaude(incoming: Incoming): Answer {
  const { ids } = incoming;
  try {
    return answerRequest(withoutIgnored(readClaudeRequest(incoming.body)), incoming);
  } catch (error) {
    if (error instanceof ShapeError || error instanceof SchemaUnsupportedError)
      return claudeRefusal(400, error.message, ids);
    throw error;
  }
}

function answerRequest(request: ClaudeRequest, incoming: Incoming): Answer {
  const { ids } = incoming;
  const found = findDeepSeekForClaude(request.model);
  if (found === undefined)
    return claudeRefusal(
      400,
      `The supported API model names are deepseek-v4-pro or deepseek-flash, but you passed ${request.model}.`,
      ids,
    );
  const model = asClaude(found.model.id);
  const isForced = request.toolChoice.kind === "required" || request.toolChoice.kind === "named";
  // Forcing a tool is only refused together with thinking at Anthropic's own endpoint.
  const judged = isForced ? { ...request, thinking: undefined } : request;
  const objection = claudeObjection(judged, model);
  if (objection !== undefined) return claudeRefusal(400, objection, ids);
  const input = measureInput(request, model.tokenFactor);
  const inputTokens = input.tokens;
  if (inputTokens > model.contextTokens)
    return claudeRefusal(
      400,
      `This model's maximum context length is ${model.contextTokens} tokens. However, you requested ${inputTokens} tokens in the messages.`,
      ids,
    );
  const reply = generateClaude({ request, model, input }, incoming);
  return {
    kind: "generation",
    generation: {
      model: model.id,
      family: model.family,
      take: { requests: 1, inputTokens, outputTokens: reply.outputTokens },
      concurrentCallsMax: found.model.concurrentCallsMax,
      contentType: request.stream ? "text/event-stream; charset=utf-8" : "application/json",
      frames: request.stream
        ? messageFrames(reply)
        : [{ text: JSON.stringify(messageJson(reply)), tokens: reply.outputTokens, isContent: true }],
    },
  };
}
