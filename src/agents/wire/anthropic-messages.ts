// The Anthropic Messages format: https://platform.claude.com/docs/en/api/messages.
import { createAnthropic } from "@ai-sdk/anthropic";
import type { LanguageModelV4StreamPart, SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { AgentRequest } from "../agent.ts";
import { countOf, isRecord } from "../json-shape.ts";
import type { ModelPolicy } from "../policy.ts";
import { type EarlyUsage, refuseRepeat, type Wire } from "./wire.ts";

/** Frames that carry content or its end; any other kind may be new and is skipped. */
const KNOWN_FRAMES = new Set([
  "message_start",
  "content_block_start",
  "content_block_delta",
  "content_block_stop",
  "message_delta",
  "message_stop",
  "error",
]);

export const anthropicMessages: Wire = {
  name: "anthropic-messages",
  namespace: "anthropic",
  unsignedCall: undefined,
  injectsSchema: false,
  createModel: ({ baseUrl, model, key = "", auth, headers, fetch, nextId }) => {
    const credentials = auth.header === "authorization" ? { authToken: key } : { apiKey: key };
    const settings = { baseURL: baseUrl, headers: { ...headers }, fetch, generateId: nextId, ...credentials };
    return createAnthropic(settings).languageModel(model);
  },
  providerOptions,
  isForeignFrame: (value) => isRecord(value) && typeof value.type === "string" && !KNOWN_FRAMES.has(value.type),
  earlyUsage,
  replyToRepeat: refuseRepeat,
};

function providerOptions(request: AgentRequest, policy: ModelPolicy): SharedV4ProviderOptions {
  const isContinued = request.history.some((turn) => turn.role === "assistant");
  return {
    anthropic: {
      structuredOutputMode: policy.json === "tool" ? "jsonTool" : "outputFormat",
      // Without `display` newer models stream nothing while they think, and silence looks like a stall.
      ...(policy.thinking === "shown-on-request" ? { thinking: { type: "adaptive", display: "summarized" } } : {}),
      // A cache write costs a quarter more than it may save: it pays from the second turn on.
      ...(policy.promptCache === "marked" && isContinued ? { cacheControl: { type: "ephemeral" } } : {}),
    },
  };
}

function earlyUsage(part: LanguageModelV4StreamPart): EarlyUsage | undefined {
  if (part.type !== "custom" || part.kind !== "anthropic.message_start") return undefined;
  const usage = part.providerMetadata?.anthropic?.usage;
  if (!isRecord(usage)) return undefined;
  return {
    input: countOf(usage.input_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    cacheWrite: countOf(usage.cache_creation_input_tokens),
  };
}
