// OpenAI by chat completions.
import type { ModelPolicy } from "../policy.ts";
import type { VendorRecord } from "./vendor.ts";

const BASE: ModelPolicy = {
  sampling: "refused",
  seed: "accepted",
  forcedToolChoice: "accepted",
  thinking: "hidden",
  reasoningEcho: "strip",
  signatures: "none",
  system: "developer",
  json: "schema",
  promptCache: "keyed",
  contextTokensMax: 400_000,
  outputTokensMax: 128_000,
  toolCallIdPattern: "^[a-zA-Z0-9_-]{1,40}$",
  tokenFamily: "gpt-5",
};
const LONG_WINDOW = { contextTokensMax: 1_050_000 } as const;
const CLASSIC = { sampling: "accepted", thinking: "none", system: "system", tokenFamily: "gpt" } as const;

export const openai: VendorRecord = {
  name: "openai",
  title: "OpenAI",
  wire: "openai-chat",
  baseUrl: "https://api.openai.com/v1",
  keyEnv: ["OPENAI_API_KEY"],
  keyRequired: true,
  auth: { header: "authorization", prefix: "Bearer " },
  models: { path: "/models", listField: "data", idField: "id", byId: true },
  pricedAs: "openai",
  keyUrl: "https://platform.openai.com/api-keys",
  policies: {
    base: BASE,
    rules: [
      { prefixes: ["gpt-6", "gpt-5.6", "gpt-5.5", "gpt-5.4"], policy: LONG_WINDOW },
      { prefixes: ["gpt-4.1"], policy: { ...CLASSIC, contextTokensMax: 1_047_576, outputTokensMax: 32_768 } },
      { prefixes: ["gpt-4o"], policy: { ...CLASSIC, contextTokensMax: 128_000, outputTokensMax: 16_384 } },
      {
        prefixes: ["gpt-4", "gpt-3.5"],
        policy: { ...CLASSIC, json: "object", contextTokensMax: 16_385, outputTokensMax: 4_096 },
      },
      { prefixes: ["o1", "o3", "o4"], policy: { contextTokensMax: 200_000, outputTokensMax: 100_000 } },
    ],
  },
};
