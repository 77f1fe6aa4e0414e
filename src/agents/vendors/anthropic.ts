// Anthropic. Quirks of its models from its documentation and the flags that
// @ai-sdk/anthropic 4.0.105 carries (November 2026).
import type { VendorRecord } from "./vendor.ts";

/** Thinks always, bound to the exact prefix and model; refuses sampling parameters and forced tool use. */
const BOUND_THINKING = {
  sampling: "refused",
  forcedToolChoice: "refused",
  thinking: "shown-on-request",
  reasoningEcho: "open-turn",
  tokenFamily: "claude-new",
} as const;
/** Thinking and forced tool use exclude each other. */
const ADAPTIVE_THINKING = {
  forcedToolChoice: "refused",
  sampling: "refused",
  thinking: "shown-on-request",
  tokenFamily: "claude-new",
} as const;
const SMALL_WINDOW = { contextTokensMax: 200_000, outputTokensMax: 64_000 } as const;

export const anthropic: VendorRecord = {
  name: "anthropic",
  title: "Anthropic",
  wire: "anthropic-messages",
  baseUrl: "https://api.anthropic.com/v1",
  keyEnv: ["ANTHROPIC_API_KEY"],
  keyRequired: true,
  auth: { header: "x-api-key", prefix: "" },
  headers: { "anthropic-version": "2023-06-01" },
  models: {
    path: "/models",
    listField: "data",
    idField: "id",
    byId: true,
    windowField: "max_input_tokens",
    query: { limit: "1000" },
  },
  pricedAs: "anthropic",
  keyUrl: "https://platform.claude.com/settings/keys",
  policies: {
    base: {
      sampling: "accepted",
      seed: "refused",
      forcedToolChoice: "accepted",
      thinking: "none",
      reasoningEcho: "echo",
      signatures: "reasoning",
      system: "separate",
      json: "schema",
      promptCache: "marked",
      contextTokensMax: 1_000_000,
      outputTokensMax: 128_000,
      toolCallIdPattern: "^[a-zA-Z0-9_-]{1,64}$",
      tokenFamily: "claude",
    },
    rules: [
      { prefixes: ["claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5"], policy: BOUND_THINKING },
      { prefixes: ["claude-haiku-5"], policy: ADAPTIVE_THINKING },
      { prefixes: ["claude-sonnet-5", "claude-opus-5", "claude-mythos-5"], policy: ADAPTIVE_THINKING },
      { prefixes: ["claude-opus-4-8", "claude-opus-4-7"], policy: { sampling: "refused", tokenFamily: "claude-new" } },
      { prefixes: ["claude-opus-4-6", "claude-sonnet-4-6"], policy: {} },
      { prefixes: ["claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5"], policy: SMALL_WINDOW },
      { prefixes: ["claude-opus-4-1"], policy: { contextTokensMax: 200_000, outputTokensMax: 32_000 } },
      { prefixes: ["claude-3-haiku"], policy: { json: "tool", contextTokensMax: 200_000, outputTokensMax: 4_096 } },
      { prefixes: ["claude-3-5"], policy: { json: "tool", contextTokensMax: 200_000, outputTokensMax: 8_192 } },
      { prefixes: ["claude-"], policy: { ...SMALL_WINDOW, json: "tool" } },
    ],
  },
};
