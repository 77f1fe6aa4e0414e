// The chat-completions message format, as OpenAI and DeepSeek read it: parsing
// and the pairing of calls with results. What each refuses beyond that is its own.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { Prompt, PromptCall, PromptMessage, ToolChoice } from "../reply/prompt.ts";

export interface ChatMessage {
  readonly role: "system" | "developer" | "user" | "assistant" | "tool";
  readonly text: string;
  readonly calls: readonly PromptCall[];
  readonly toolCallId: string;
  /** `undefined` when the field is absent; DeepSeek tells that from empty. */
  readonly reasoning: string | undefined;
  readonly raw: JsonObject;
}

export interface ChatRequest {
  readonly raw: JsonObject;
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly JsonObject[];
  readonly toolChoice: ToolChoice;
  readonly stopSequences: readonly string[];
  readonly responseFormat: JsonObject | undefined;
}

/** `place` is the parameter to blame. */
export class ChatShapeError extends Error {
  readonly place: string;
  constructor(message: string, place: string) {
    super(message);
    this.name = "ChatShapeError";
    this.place = place;
  }
}

const ROLES = ["system", "developer", "user", "assistant", "tool"] as const;

/** @throws ChatShapeError */
export function readChatRequest(body: JsonValue | undefined): ChatRequest {
  if (!isObject(body)) throw new ChatShapeError("We could not parse the JSON body of your request.", "");
  if (typeof body.model !== "string") throw new ChatShapeError("you must provide a model parameter", "model");
  if (!Array.isArray(body.messages)) throw new ChatShapeError("Missing required parameter: 'messages'.", "messages");
  const options = isObject(body.stream_options) ? body.stream_options : undefined;
  return {
    raw: body,
    model: body.model,
    stream: body.stream === true,
    includeUsage: options?.include_usage === true,
    messages: body.messages.map(readMessage),
    tools: Array.isArray(body.tools) ? body.tools.filter(isObject) : [],
    toolChoice: readToolChoice(body.tool_choice),
    stopSequences: typeof body.stop === "string" ? [body.stop] : strings(body.stop),
    responseFormat: isObject(body.response_format) ? body.response_format : undefined,
  };
}

function readMessage(value: JsonValue, index: number): ChatMessage {
  const place = `messages[${index}]`;
  if (!isObject(value)) throw new ChatShapeError(`Invalid type for '${place}': expected an object.`, place);
  const role = ROLES.find((known) => known === value.role);
  if (role === undefined) {
    const supported = ROLES.map((known) => `'${known}'`).join(", ");
    throw new ChatShapeError(
      `Invalid value: '${String(value.role)}'. Supported values are: ${supported}.`,
      `${place}.role`,
    );
  }
  return {
    role,
    text: textOf(value.content, place),
    calls: Array.isArray(value.tool_calls) ? value.tool_calls.filter(isObject).map(readCall) : [],
    toolCallId: typeof value.tool_call_id === "string" ? value.tool_call_id : "",
    reasoning: typeof value.reasoning_content === "string" ? value.reasoning_content : undefined,
    raw: value,
  };
}

const READABLE_PARTS = new Set(["text", "refusal", "image_url", "video_url", "file"]);

function textOf(content: JsonValue | undefined, place: string): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  const parts = content.filter(isObject);
  const strange = parts.some((part) => !READABLE_PARTS.has(String(part.type)));
  if (strange)
    throw new ChatShapeError(
      `Invalid '${place}'. Content blocks are expected to be either text or image_url type.`,
      place,
    );
  return parts.map((part) => (typeof part.text === "string" ? part.text : "")).join("\n");
}

function readCall(value: JsonObject): PromptCall {
  const called = isObject(value.function) ? value.function : {};
  return { id: String(value.id ?? ""), name: String(called.name ?? ""), args: String(called.arguments ?? "{}") };
}

function readToolChoice(choice: JsonValue | undefined): ToolChoice {
  if (choice === "none" || choice === "required") return { kind: choice };
  const called = isObject(choice) && isObject(choice.function) ? choice.function : undefined;
  return called === undefined ? { kind: "auto" } : { kind: "named", name: String(called.name) };
}

/** The first call without a result, or result without a call. */
export type Unpaired =
  | { readonly kind: "openCalls"; readonly index: number; readonly ids: readonly string[] }
  | { readonly kind: "strayResult"; readonly index: number };

export function unpaired(messages: readonly ChatMessage[]): Unpaired | undefined {
  let open: string[] = [];
  let openSince = 0;
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      if (!open.includes(message.toolCallId)) return { kind: "strayResult", index };
      open = open.filter((id) => id !== message.toolCallId);
      continue;
    }
    if (open.length > 0) return { kind: "openCalls", index: openSince, ids: open };
    open = message.calls.map((call) => call.id);
    openSince = index;
  }
  return open.length > 0 ? { kind: "openCalls", index: openSince, ids: open } : undefined;
}

export function promptOf(request: ChatRequest): Prompt {
  const format = request.responseFormat;
  const wrapper = isObject(format?.json_schema) ? format.json_schema : undefined;
  const isSystem = (message: ChatMessage): boolean => message.role === "system" || message.role === "developer";
  return {
    model: request.model,
    system: request.messages
      .filter(isSystem)
      .map((message) => message.text)
      .join("\n\n"),
    messages: mergedMessages(request.messages.filter((message) => !isSystem(message))),
    tools: request.tools.flatMap((tool) => (isObject(tool.function) ? [promptTool(tool.function)] : [])),
    toolChoice: request.toolChoice,
    parallelTools: request.raw.parallel_tool_calls !== false,
    ...(isObject(wrapper?.schema) ? { answerSchema: wrapper.schema } : {}),
    isJson: format?.type === "json_object" || format?.type === "json_schema",
  };
}

function promptTool(tool: JsonObject): Prompt["tools"][number] {
  const schema = isObject(tool.parameters) ? tool.parameters : { type: "object", properties: {} };
  return { name: String(tool.name), description: String(tool.description ?? ""), schema };
}

/** Tool messages become results of one user turn, named after their calls. */
function mergedMessages(messages: readonly ChatMessage[]): PromptMessage[] {
  const names = new Map(messages.flatMap((message) => message.calls.map((call) => [call.id, call.name] as const)));
  const turns: PromptMessage[] = [];
  for (const message of messages) {
    if (message.role !== "tool") {
      turns.push({
        role: message.role === "assistant" ? "assistant" : "user",
        text: message.text,
        calls: message.calls,
        results: [],
      });
      continue;
    }
    const result = { id: message.toolCallId, name: names.get(message.toolCallId) ?? "", text: message.text };
    const last = turns.at(-1);
    if (last?.role === "user" && last.text === "")
      turns[turns.length - 1] = { ...last, results: [...last.results, result] };
    else turns.push({ role: "user", text: "", calls: [], results: [result] });
  }
  return turns;
}

/** The earliest stop sequence ends a text. */
export function stopped(text: string, sequences: readonly string[]): string {
  const ends = sequences
    .filter((sequence) => sequence !== "")
    .map((sequence) => text.indexOf(sequence))
    .filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
