// What a request asks of a model, whatever vendor's shape it came in.
import type { JsonObject, JsonValue } from "../../domain/json.ts";

export interface PromptCall {
  readonly id: string;
  readonly name: string;
  readonly args: JsonValue;
}

export interface PromptResult {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export interface PromptMessage {
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly calls: readonly PromptCall[];
  readonly results: readonly PromptResult[];
}

export interface PromptTool {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonObject;
}

/** `named` forces one tool, `required` any. */
export type ToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "named"; readonly name: string };

export interface Prompt {
  readonly model: string;
  readonly system: string;
  readonly messages: readonly PromptMessage[];
  readonly tools: readonly PromptTool[];
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  /** The answer must be JSON of this schema. */
  readonly answerSchema?: JsonObject;
  /** The answer must be some JSON object. */
  readonly isJson: boolean;
}

/** What the model wrote, before a vendor's grammar dresses it. */
export interface ModelReply {
  readonly thinking: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly args: JsonObject }[];
}

/** All text a user sent, oldest first. */
export function userText(prompt: Prompt): string {
  return prompt.messages
    .filter((message) => message.role === "user")
    .map((message) => message.text)
    .join("\n\n");
}
