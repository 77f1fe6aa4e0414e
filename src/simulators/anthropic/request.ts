// An Anthropic Messages request: its shape, what the vendor refuses in it, and
// the prompt it stands for. DeepSeek's endpoint of this format reads it too.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { Prompt, PromptCall, PromptMessage, PromptResult, PromptTool, ToolChoice } from "../reply/prompt.ts";

export interface ClaudeBlock extends JsonObject {
  readonly type: string;
}

export interface ClaudeMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: readonly ClaudeBlock[];
}

export interface ClaudeRequest {
  readonly raw: JsonObject;
  readonly model: string;
  readonly maxTokens: number | undefined;
  readonly stream: boolean;
  readonly system: string;
  /** As sent: not merged, content always blocks. */
  readonly messages: readonly ClaudeMessage[];
  readonly stopSequences: readonly string[];
  readonly tools: readonly JsonObject[];
  readonly toolChoice: ToolChoice;
  readonly parallelTools: boolean;
  readonly answerSchema: JsonObject | undefined;
  readonly effort: string | undefined;
  readonly thinking: JsonObject | undefined;
}

/** A shape the API cannot read; the message names the place as the vendor does. */
export class ShapeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ShapeError";
  }
}

/** @throws ShapeError */
export function readClaudeRequest(body: JsonValue | undefined): ClaudeRequest {
  if (!isObject(body)) throw new ShapeError("The request body is not valid JSON");
  if (typeof body.model !== "string") throw new ShapeError("model: Field required");
  if (!Array.isArray(body.messages)) throw new ShapeError("messages: Field required");
  const choice = isObject(body.tool_choice) ? body.tool_choice : undefined;
  const output = isObject(body.output_config) ? body.output_config : undefined;
  const format = isObject(output?.format)
    ? output.format
    : isObject(body.output_format)
      ? body.output_format
      : undefined;
  return {
    raw: body,
    model: body.model,
    maxTokens: typeof body.max_tokens === "number" ? body.max_tokens : undefined,
    stream: body.stream === true,
    system: textOf(blocksOf(body.system ?? "", "system")),
    messages: body.messages.map(readMessage),
    stopSequences: texts(body.stop_sequences),
    tools: Array.isArray(body.tools) ? body.tools.filter(isObject) : [],
    toolChoice: readToolChoice(choice),
    parallelTools: choice?.disable_parallel_tool_use !== true,
    answerSchema: isObject(format?.schema) ? format.schema : undefined,
    effort: typeof output?.effort === "string" ? output.effort : undefined,
    thinking: isObject(body.thinking) ? body.thinking : undefined,
  };
}

function readMessage(value: JsonValue, index: number): ClaudeMessage {
  if (!isObject(value)) throw new ShapeError(`messages.${index}: Input should be an object`);
  const { role } = value;
  if (role !== "user" && role !== "assistant" && role !== "system") {
    throw new ShapeError(`messages.${index}.role: Input should be 'user' or 'assistant'`);
  }
  return { role, content: blocksOf(value.content ?? null, `messages.${index}.content`) };
}

function blocksOf(content: JsonValue, place: string): ClaudeBlock[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  if (!Array.isArray(content)) throw new ShapeError(`${place}: Input should be a valid list`);
  return content.map((block, index) => {
    if (!isObject(block) || typeof block.type !== "string")
      throw new ShapeError(`${place}.${index}.type: Field required`);
    return block as ClaudeBlock;
  });
}

function readToolChoice(choice: JsonObject | undefined): ToolChoice {
  if (choice?.type === "any") return { kind: "required" };
  if (choice?.type === "none") return { kind: "none" };
  return choice?.type === "tool" ? { kind: "named", name: String(choice.name) } : { kind: "auto" };
}

/** Consecutive turns of one role are one turn to the model; system turns become the user's. */
export function mergedTurns(messages: readonly ClaudeMessage[]): ClaudeMessage[] {
  const turns: ClaudeMessage[] = [];
  for (const message of messages) {
    const role = message.role === "system" ? "user" : message.role;
    const last = turns.at(-1);
    if (last?.role === role) turns[turns.length - 1] = { role, content: [...last.content, ...message.content] };
    else turns.push({ role, content: message.content });
  }
  return turns;
}

export function promptOf(request: ClaudeRequest): Prompt {
  const names = new Map<string, string>();
  const messages = mergedTurns(request.messages).map((turn) => promptMessage(turn, names));
  return {
    model: request.model,
    system: request.system,
    messages,
    tools: request.tools.filter((tool) => isObject(tool.input_schema)).map(promptTool),
    toolChoice: request.toolChoice,
    parallelTools: request.parallelTools,
    ...(request.answerSchema === undefined ? {} : { answerSchema: request.answerSchema }),
    isJson: false,
  };
}

function promptTool(tool: JsonObject): PromptTool {
  return {
    name: String(tool.name),
    description: String(tool.description ?? ""),
    schema: tool.input_schema as JsonObject,
  };
}

function promptMessage({ role, content }: ClaudeMessage, names: Map<string, string>): PromptMessage {
  const calls: PromptCall[] = [];
  const results: PromptResult[] = [];
  for (const block of content) {
    if (block.type === "tool_use") {
      names.set(String(block.id), String(block.name));
      calls.push({ id: String(block.id), name: String(block.name), args: block.input as JsonValue });
    } else if (block.type === "tool_result") {
      const id = String(block.tool_use_id);
      results.push({ id, name: names.get(id) ?? "", text: resultText(block.content) });
    }
  }
  return { role: role === "assistant" ? "assistant" : "user", text: textOf(content), calls, results };
}

function resultText(content: JsonValue | undefined): string {
  if (typeof content === "string") return content;
  return Array.isArray(content) ? textOf(content.filter(isObject) as ClaudeBlock[]) : "";
}

export function textOf(blocks: readonly JsonObject[]): string {
  return blocks
    .filter((block) => block.type === "text")
    .map((block) => String(block.text ?? ""))
    .join("\n");
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function texts(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
