// Chat completions as other servers speak them: Ollama, vLLM, LM Studio and
// the vendors that copied the format, with `reasoning` beside the content.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { isForeignChatFrame } from "./chat-frame.ts";
import { refuseRepeat, type Wire } from "./wire.ts";

export const openaiCompatibleChat: Wire = {
  name: "openai-compatible-chat",
  namespace: "compatible",
  unsignedCall: undefined,
  injectsSchema: false,
  createModel: ({ baseUrl, model, key, headers, fetch }, policy) =>
    createOpenAICompatible({
      name: "compatible",
      baseURL: baseUrl,
      headers: { ...headers },
      fetch,
      includeUsage: true,
      supportsStructuredOutputs: policy.json === "schema",
      ...(key === undefined ? {} : { apiKey: key }),
    }).chatModel(model),
  providerOptions: () => ({ compatible: { strictJsonSchema: false } }),
  isForeignFrame: isForeignChatFrame,
  earlyUsage: () => undefined,
  replyToRepeat: refuseRepeat,
};
