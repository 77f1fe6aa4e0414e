// Every wire format that Polylogue speaks.
import { anthropicMessages } from "./anthropic-messages.ts";
import { deepseekChat } from "./deepseek-chat.ts";
import { googleGenerateContent } from "./google-generate-content.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiCompatibleChat } from "./openai-compatible-chat.ts";
import type { Wire, WireName } from "./wire.ts";

export const WIRES: Readonly<Record<WireName, Wire>> = {
  "anthropic-messages": anthropicMessages,
  "google-generate-content": googleGenerateContent,
  "openai-chat": openaiChat,
  "openai-compatible-chat": openaiCompatibleChat,
  "deepseek-chat": deepseekChat,
};
