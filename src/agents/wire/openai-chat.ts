// OpenAI's chat completions as OpenAI itself speaks them, with what its
// reasoning models refuse: https://platform.openai.com/docs/api-reference/chat.
import { createOpenAI } from "@ai-sdk/openai";
import { sha256 } from "../../platform/hash.ts";
import { isForeignChatFrame } from "./chat-frame.ts";
import { refuseRepeat, type Wire } from "./wire.ts";

export const openaiChat: Wire = {
  name: "openai-chat",
  namespace: "openai",
  unsignedCall: undefined,
  injectsSchema: false,
  createModel: ({ baseUrl, model, key = "", headers, fetch }) =>
    createOpenAI({ baseURL: baseUrl, apiKey: key, headers: { ...headers }, fetch }).chat(model),
  providerOptions: (request, policy) => ({
    openai: {
      ...(policy.system === "separate" ? {} : { systemMessageMode: policy.system }),
      ...(policy.promptCache === "keyed" ? { promptCacheKey: sha256(request.sessionKey).slice(0, 32) } : {}),
      // A strict schema must list every property as required, which not every schema of ours does.
      strictJsonSchema: false,
    },
  }),
  isForeignFrame: isForeignChatFrame,
  earlyUsage: () => undefined,
  replyToRepeat: refuseRepeat,
};
