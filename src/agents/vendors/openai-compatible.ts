// Any server that speaks chat completions: Ollama, vLLM, LM Studio, llama.cpp,
// a gateway. What its models can do is not known here, so little is assumed.
import type { VendorRecord } from "./vendor.ts";

export const openaiCompatible: VendorRecord = {
  name: "openai-compatible",
  title: "an OpenAI-compatible server",
  wire: "openai-compatible-chat",
  baseUrl: undefined,
  keyEnv: ["OPENAI_COMPATIBLE_API_KEY"],
  keyRequired: false,
  auth: { header: "authorization", prefix: "Bearer " },
  models: { path: "/models", listField: "data", idField: "id", byId: false, windowField: "max_model_len" },
  pricedAs: undefined,
  keyUrl: undefined,
  policies: {
    base: {
      sampling: "accepted",
      seed: "accepted",
      forcedToolChoice: "accepted",
      thinking: "shown",
      reasoningEcho: "strip",
      signatures: "none",
      system: "system",
      json: "schema",
      promptCache: "automatic",
      contextTokensMax: undefined,
      outputTokensMax: undefined,
      toolCallIdPattern: "^.{1,128}$",
      tokenFamily: "other",
    },
    rules: [],
  },
};
