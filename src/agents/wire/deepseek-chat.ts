// DeepSeek's chat format: OpenAI's, plus reasoning_content, which must come
// back on turns with tool calls: https://api-docs.deepseek.com.
import { createDeepSeek } from "@ai-sdk/deepseek";
import { isForeignChatFrame } from "./chat-frame.ts";
import { refuseRepeat, type Wire } from "./wire.ts";

export const deepseekChat: Wire = {
  name: "deepseek-chat",
  namespace: "deepseek",
  unsignedCall: undefined,
  injectsSchema: true,
  createModel: ({ baseUrl, model, key = "", headers, fetch }) =>
    createDeepSeek({ baseURL: baseUrl, apiKey: key, headers: { ...headers }, fetch }).chat(model),
  providerOptions: () => ({}),
  isForeignFrame: isForeignChatFrame,
  earlyUsage: () => undefined,
  replyToRepeat: refuseRepeat,
};
