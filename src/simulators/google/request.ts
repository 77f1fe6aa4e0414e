// A generateContent request: its shape, in camel or snake case, and the prompt
// it stands for.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { Prompt, PromptMessage, PromptTool, ToolChoice } from "../reply/prompt.ts";

export interface GeminiContent {
  readonly role: "user" | "model";
  readonly parts: readonly JsonObject[];
}

export interface GeminiRequest {
  readonly contents: readonly GeminiContent[];
  readonly system: string;
  readonly systemParts: readonly JsonObject[];
  readonly functions: readonly JsonObject[];
  /** Names of tools Google itself would run. */
  readonly serverTools: readonly string[];
  readonly toolChoice: ToolChoice;
  readonly config: JsonObject;
  readonly raw: JsonObject;
}

export class GeminiShapeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "GeminiShapeError";
  }
}

/** @throws GeminiShapeError */
export function readGeminiRequest(body: JsonValue | undefined): GeminiRequest {
  if (!isObject(body)) throw new GeminiShapeError("Invalid JSON payload received.");
  const raw = camel(body) as JsonObject;
  if (!Array.isArray(raw.contents) || raw.contents.length === 0)
    throw new GeminiShapeError("* GenerateContentRequest.contents: contents is not specified\n");
  const system = isObject(raw.systemInstruction) ? listOf(raw.systemInstruction.parts) : [];
  const tools = listOf(raw.tools);
  const functions = tools.flatMap((tool) =>
    Array.isArray(tool.functionDeclarations) ? tool.functionDeclarations.filter(isObject) : [],
  );
  const choice =
    isObject(raw.toolConfig) && isObject(raw.toolConfig.functionCallingConfig)
      ? raw.toolConfig.functionCallingConfig
      : {};
  return {
    contents: raw.contents.map(readContent),
    system: textOf(system),
    systemParts: system,
    functions,
    serverTools: tools.flatMap((tool) => Object.keys(tool)).filter((name) => name !== "functionDeclarations"),
    toolChoice: readToolChoice(choice),
    config: isObject(raw.generationConfig) ? raw.generationConfig : {},
    raw,
  };
}

/** Keys whose values are the user's own and keep their spelling. */
const OPAQUE = new Set(["args", "response", "parametersJsonSchema", "responseJsonSchema", "properties"]);

function camel(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item: JsonValue) => camel(item) as JsonValue);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [name, OPAQUE.has(name) ? inner : camel(inner)];
  });
  return Object.fromEntries(entries) as JsonObject;
}

function readContent(value: JsonValue): GeminiContent {
  if (!isObject(value)) throw new GeminiShapeError("Invalid value at 'contents'.");
  const role = value.role ?? "user";
  if (role !== "user" && role !== "model" && role !== "function")
    throw new GeminiShapeError("Please use a valid role: user, model.");
  return { role: role === "model" ? "model" : "user", parts: listOf(value.parts) };
}

/** The API takes one object in place of a list of one. */
function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : isObject(value) ? [value] : [];
}

function readToolChoice(config: JsonObject): ToolChoice {
  const names = Array.isArray(config.allowedFunctionNames) ? config.allowedFunctionNames : [];
  if (config.mode === "NONE") return { kind: "none" };
  if (config.mode !== "ANY") return { kind: "auto" };
  return names.length === 1 ? { kind: "named", name: String(names[0]) } : { kind: "required" };
}

export function promptOf(request: GeminiRequest, model: string): Prompt {
  const { config } = request;
  const schema = isObject(config.responseJsonSchema) ? config.responseJsonSchema : config.responseSchema;
  return {
    model,
    system: request.system,
    messages: request.contents.map(promptMessage),
    tools: request.functions.map(promptTool),
    toolChoice: request.toolChoice,
    parallelTools: true,
    ...(isObject(schema) ? { answerSchema: schema } : {}),
    isJson: config.responseMimeType === "application/json",
  };
}

function promptTool(declared: JsonObject): PromptTool {
  const schema = declared.parametersJsonSchema ?? declared.parameters;
  return {
    name: String(declared.name),
    description: String(declared.description ?? ""),
    schema: isObject(schema) ? schema : { type: "object", properties: {} },
  };
}

function promptMessage({ role, parts }: GeminiContent): PromptMessage {
  const named = (part: JsonObject, key: string): JsonObject[] => (isObject(part[key]) ? [part[key]] : []);
  return {
    role: role === "model" ? "assistant" : "user",
    text: textOf(parts),
    calls: parts
      .flatMap((part) => named(part, "functionCall"))
      .map((call) => ({ id: String(call.id ?? ""), name: String(call.name), args: call.args ?? {} })),
    results: parts
      .flatMap((part) => named(part, "functionResponse"))
      .map((result) => ({ id: String(result.id ?? ""), name: String(result.name), text: resultText(result.response) })),
  };
}

/** A response with one text in it is that text. */
function resultText(response: JsonValue | undefined): string {
  const values = isObject(response) ? Object.values(response) : [];
  return values.length === 1 && typeof values[0] === "string" ? values[0] : JSON.stringify(response ?? null);
}

/** Thoughts are not part of what was said. */
export function textOf(parts: readonly JsonObject[]): string {
  return parts
    .filter((part) => typeof part.text === "string" && part.thought !== true)
    .map((part) => String(part.text))
    .join("\n");
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
