// DeepSeek by the Messages format: the same models, prices and key. It has no
// JSON mode there, so JSON is asked for in words.

import { deepseek } from "./deepseek.ts";
import type { VendorRecord } from "./vendor.ts";

export const deepseekAnthropic: VendorRecord = {
  ...deepseek,
  name: "deepseek-anthropic",
  title: "DeepSeek (Anthropic format)",
  wire: "anthropic-messages",
  baseUrl: "https://api.deepseek.com/anthropic/v1",
  models: { ...deepseek.models, path: "/../../models" },
  policies: {
    base: { ...deepseek.policies.base, system: "separate", json: "words", reasoningEcho: "echo" },
    rules: [],
  },
};
