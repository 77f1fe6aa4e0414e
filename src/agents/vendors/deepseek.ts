// DeepSeek by its own chat format. Facts from api-docs.deepseek.com (October 2026).
import type { ModelPolicy } from "../policy.ts";
import type { VendorRecord } from "./vendor.ts";

/** It thinks unless told not to; temperature then has no effect, and turns with tool calls must bring their reasoning back. */
const BASE: ModelPolicy = {
  sampling: "refused",
  seed: "refused",
  forcedToolChoice: "accepted",
  thinking: "shown",
  reasoningEcho: "empty-string",
  signatures: "none",
  system: "system",
  json: "object",
  promptCache: "automatic",
  contextTokensMax: 1_000_000,
  outputTokensMax: 384_000,
  toolCallIdPattern: "^[a-zA-Z0-9_-]{1,64}$",
  tokenFamily: "deepseek",
};

export const deepseek: VendorRecord = {
  name: "deepseek",
  title: "DeepSeek",
  wire: "deepseek-chat",
  baseUrl: "https://api.deepseek.com",
  keyEnv: ["DEEPSEEK_API_KEY"],
  keyRequired: true,
  auth: { header: "authorization", prefix: "Bearer " },
  models: {
    path: "/models",
    listField: "data",
    idField: "id",
    byId: false,
    unlisted: ["deepseek-v4-flash", "deepseek-v4-flash-vision-exp"],
  },
  pricedAs: "deepseek",
  keyUrl: "https://platform.deepseek.com/api_keys",
  policies: { base: BASE, rules: [{ prefixes: ["deepseek-reasoner"], policy: { reasoningEcho: "strip" } }] },
};
