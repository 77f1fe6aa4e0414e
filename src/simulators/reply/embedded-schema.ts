// Plain JSON mode names no schema; models then follow the one in the prompt, or
// the example object that is shown there.
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
  return objects.find(isSchema) ?? exampleSchema(objects[0]) ?? PLAIN_ANSWER;
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
