// Gemini's generateContent format: https://ai.google.dev/api/generate-content.
import { createGoogle } from "@ai-sdk/google";
import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { AgentRequest } from "../agent.ts";
import { isRecord } from "../json-shape.ts";
import type { ModelPolicy } from "../policy.ts";
import type { Wire } from "./wire.ts";

export const googleGenerateContent: Wire = {
  name: "google-generate-content",
  namespace: "google",
  // The value that Google documents for calls of another model: ai.google.dev/gemini-api/docs/thought-signatures.
  unsignedCall: { providerOptions: { google: { thoughtSignature: "skip_thought_signature_validator" } } },
  injectsSchema: false,
  createModel: ({ baseUrl, model, key = "", headers, fetch, nextId }) =>
    createGoogle({
      baseURL: baseUrl,
      apiKey: key,
      headers: { ...headers },
      fetch,
      generateId: nextId,
    }).languageModel(model),
  providerOptions,
  isForeignFrame: (value) => isRecord(value) && value.candidates === undefined && value.promptFeedback === undefined,
  earlyUsage: () => undefined,
  // The library answers CONTINUATION by asking again, which would be a second
  // paid request inside one attempt; without a token it stops there instead.
  replyToRepeat: (streamed) => {
    const text = JSON.stringify({ candidates: [{ content: { parts: [] }, finishReason: "CONTINUATION" }] });
    return streamed
      ? new Response(`data: ${text}\r\n\r\n`, { headers: { "content-type": "text/event-stream" } })
      : new Response(text, { headers: { "content-type": "application/json" } });
  },
};

function providerOptions(_request: AgentRequest, policy: ModelPolicy): SharedV4ProviderOptions {
  return policy.thinking === "shown-on-request" ? { google: { thinkingConfig: { includeThoughts: true } } } : {};
}
