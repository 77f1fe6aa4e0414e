// Google's Gemini API by generateContent. Facts from its documentation and the
// notes that travel with @ai-sdk/google 4.0.121 (November 2026).
import type { VendorRecord } from "./vendor.ts";

const THINKS = { thinking: "shown-on-request" } as const;
const SIGNED_CALLS = { thinking: "shown-on-request", signatures: "tool-calls" } as const;

export const google: VendorRecord = {
  name: "google",
  title: "Google Gemini",
  wire: "google-generate-content",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  keyEnv: ["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
  keyRequired: true,
  auth: { header: "x-goog-api-key", prefix: "" },
  models: {
    path: "/models",
    listField: "models",
    idField: "name",
    byId: true,
    idPrefix: "models/",
    windowField: "inputTokenLimit",
    query: { pageSize: "1000" },
  },
  pricedAs: "google",
  keyUrl: "https://aistudio.google.com/apikey",
  policies: {
    base: {
      sampling: "accepted",
      seed: "accepted",
      forcedToolChoice: "accepted",
      thinking: "none",
      reasoningEcho: "echo",
      signatures: "none",
      system: "separate",
      json: "schema",
      promptCache: "automatic",
      contextTokensMax: 1_048_576,
      outputTokensMax: 65_536,
      toolCallIdPattern: "^.{1,128}$",
      tokenFamily: "gemini",
    },
    rules: [
      { prefixes: ["gemini-4", "gemini-3"], policy: SIGNED_CALLS },
      { prefixes: ["gemini-2.5"], policy: THINKS },
      { prefixes: ["gemini-2.0", "gemini-1"], policy: { outputTokensMax: 8_192 } },
      { prefixes: ["gemma"], policy: { contextTokensMax: 131_072, outputTokensMax: 8_192, json: "words" } },
    ],
  },
};
