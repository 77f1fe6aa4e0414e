// Plain JSON mode names no schema; models then follow the one in the prompt, the
// example object that is shown there, or the words that describe one.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { Prompt } from "./prompt.ts";

/** What an assistant answers in when the prompt shows nothing. */
const PLAIN_ANSWER: JsonObject = {
  type: "object",
  properties: {
    answer: { type: "string" },
    reasons: { type: "array", items: { type: "string" } },
    confidence: { type: "number", minimum: 0, maximum: 1 },
  },
  required: ["answer", "reasons", "confidence"],
};

export function embeddedSchema(prompt: Prompt): JsonObject {
  const texts = [
    prompt.system,
    ...prompt.messages.filter((message) => message.role === "user").map((message) => message.text),
  ];
  const objects = texts.reverse().flatMap(objectsIn);
  const described = texts.map(describedSchema).find((schema) => schema !== undefined);
  return objects.find(isSchema) ?? described ?? exampleSchema(objects[0]) ?? PLAIN_ANSWER;
}

const ASKS_FOR_JSON = /\b(?:reply|respond|answer|return|output)\b[^.?!]{0,40}\bJSON object\b/i;

/** Whether a text asks for JSON although the request's own parameters do not. */
export function asksForJson(text: string): boolean {
  return ASKS_FOR_JSON.test(text);
}

/** `one JSON object …: {"choice": one of the labels, "reason": a text}` after `labels are "A", "B"`. */
function describedSchema(text: string): JsonObject | undefined {
  const shape = /JSON object[^{]*\{(.*)\}/i.exec(text)?.[1];
  if (shape === undefined) return undefined;
  const list = /\b(?:labels|options|choices) are:? ((?:"[^"]+"(?:, |,| and )?)+)/i.exec(text)?.[1] ?? "";
  const labels = [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] as string);
  const described = [...shape.matchAll(/"(\w+)"\s*:\s*([^"{]*)(\{[^}]*\})?/g)];
  const properties = Object.fromEntries(
    described.map(([, name = "", words = "", inner = ""]) => [name, describedProperty(words, inner, labels)]),
  );
  return described.length === 0 ? undefined : { type: "object", properties, required: Object.keys(properties) };
}

function describedProperty(words: string, inner: string, labels: readonly string[]): JsonObject {
  const label = labels.length > 0 ? { type: "string", enum: labels } : { type: "string" };
  const names = [...inner.matchAll(/"(\w+)"/g)].map((match) => match[1] as string);
  if (names.length > 0) {
    const properties = Object.fromEntries(names.map((name) => [name, name === "label" ? label : { type: "string" }]));
    return { type: "array", items: { type: "object", properties, required: names } };
  }
  if (/\btrue or false\b|\bboolean\b/i.test(words)) return { type: "boolean", description: words.trim() };
  if (/\barray\b|\blist\b/i.test(words)) return { type: "array", items: label, uniqueItems: true };
  if (/\bone of\b/i.test(words)) return label;
  if (/\bnumber\b|between \d/i.test(words)) return { type: "number", minimum: 0, maximum: 1 };
  return { type: "string" };
}

function isSchema(value: JsonObject): boolean {
  const { type } = value;
  return (
    value.properties !== undefined ||
    value.$ref !== undefined ||
    value.$schema !== undefined ||
    (typeof type === "string" && /^(?:object|array)$/i.test(type))
  );
}

const OBJECTS_MAX = 20;

/** Every outermost balanced `{…}` that parses. */
function objectsIn(text: string): JsonObject[] {
  const found: JsonObject[] = [];
  for (let start = text.indexOf("{"); start >= 0 && found.length < OBJECTS_MAX; start = text.indexOf("{", start + 1)) {
    const end = closingBrace(text, start);
    if (end < 0) continue;
    const value = parsedObject(text.slice(start, end + 1));
    if (value === undefined) continue;
    found.push(value);
    start = end;
  }
  return found;
}

function closingBrace(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return at;
  }
  return -1;
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

function exampleSchema(example: JsonObject | undefined): JsonObject | undefined {
  return example === undefined || Object.keys(example).length === 0 ? undefined : schemaOf(example);
}

function schemaOf(value: JsonValue | undefined): JsonObject {
  if (Array.isArray(value)) return { type: "array", items: schemaOf(value[0] as JsonValue | undefined) };
  if (value !== null && typeof value === "object") {
    const properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, schemaOf(inner)]));
    return { type: "object", properties, required: Object.keys(properties) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  return { type: typeof value === "boolean" ? "boolean" : value === null ? "null" : "string" };
}
