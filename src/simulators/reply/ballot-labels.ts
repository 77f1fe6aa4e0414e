// The labels between which a structured answer chooses.
import type { JsonObject, JsonValue } from "../../domain/json.ts";

const DEPTH_MAX = 6;

/** The first list of texts to choose from in a schema, or nothing. */
export function labelsIn(schema: JsonObject, depth = 0): readonly string[] {
  const { enum: options, items, properties } = schema;
  if (Array.isArray(options)) return options.filter((option) => typeof option === "string");
  if (depth >= DEPTH_MAX) return [];
  const inner = [items, ...Object.values((properties ?? {}) as JsonObject)].filter(isObject);
  return inner.map((part) => labelsIn(part, depth + 1)).find((labels) => labels.length > 1) ?? [];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
