// Finds the JSON object in an answer that was to be JSON alone, but came with a
// code fence or a sentence around it.
import type { JsonObject } from "../../domain/json.ts";

/** A text has at most this many places where an object could begin and is tried. */
const STARTS_MAX = 64;

/** The first complete JSON object in the text; undefined when there is none. */
export function firstJsonObject(text: string): JsonObject | undefined {
  let start = text.indexOf("{");
  for (let tried = 0; start >= 0 && tried < STARTS_MAX; tried++) {
    const end = endOfObject(text, start);
    const value = end === undefined ? undefined : parsed(text.slice(start, end));
    if (value !== undefined) return value;
    start = text.indexOf("{", start + 1);
  }
  return undefined;
}

/** Just after the brace that closes the one at `start`; braces in strings do not count. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let at = start; at < text.length; at++) {
    const sign = text[at];
    if (isInString) {
      if (sign === "\\") at++;
      else if (sign === '"') isInString = false;
    } else if (sign === '"') isInString = true;
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}

function parsed(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}
