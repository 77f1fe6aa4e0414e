// Takes what a tool's argument asks for out of the user's words.
import type { SchemaPlace } from "./from-schema.ts";
import type { Assignment } from "./question.ts";
import { keywords } from "./rank.ts";

const PLACE_NAMES = /city|country|location|place|region|town|state|destination|origin|capital/;
const PROPER_NOUN = /\b(?:in|of|for|at|to|from|near)\s+(?:the\s+)?(\p{Lu}[\p{L}]*(?:\s\p{Lu}[\p{L}]*)*)/gu;
const CODE_LIKE =
  /[`'"“]([^`'"“”\n]{1,80})[`'"”]|(?<![\w-])([\w-]*\w[-_./]\w*[\w./-]*\d[\w./-]*|\.?[\w-]+\.[a-z]{1,5}|[A-Z]{2,}[A-Z0-9_]*)(?![\w-])/g;
const VALUE_CHARS_MAX = 120;

/** A value for a text argument: what the text gives it by name, by kind, else the words the request turns on. */
export function extractArgument({ instruction, question }: Assignment, place: SchemaPlace): string {
  const name = (place.path.at(-1) as string).toLowerCase();
  const text = instruction || question;
  const given = named(text, name);
  if (given !== undefined) return given;
  if (PLACE_NAMES.test(name)) {
    const places = [...text.matchAll(PROPER_NOUN)].map((match) => match[1] as string);
    const found = places[place.index] ?? places.at(-1);
    if (found !== undefined) return found;
  }
  if (!/query|queries|search|topic|keyword|prompt|description/.test(name)) {
    const codes = [...text.matchAll(CODE_LIKE)].map((match) => (match[1] ?? match[2]) as string);
    const code = codes[place.index] ?? codes[0];
    if (code !== undefined) return code;
  }
  const words = [...new Set(text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [])].filter(
    (word) => keywords(word).length > 0,
  );
  const chosen = words.slice(place.index, place.index + 5).join(" ");
  return (chosen || question || "unspecified").slice(0, VALUE_CHARS_MAX);
}

/** `city: Paris`, `city is Paris`, `city = "Paris"`. */
function named(text: string, name: string): string | undefined {
  const words = name.replace(/[^a-z0-9]+/g, "[ _-]?");
  const match = new RegExp(
    `\\b${words}\\s*(?::|=|\\bis\\b)\\s*["'“\`]?([^"'”\`\\n,;]{1,${VALUE_CHARS_MAX}})`,
    "i",
  ).exec(text);
  return match?.[1]?.trim().replace(/[.?!]+$/, "") || undefined;
}

/** The number at the place's position among those the user wrote. */
export function extractNumber({ instruction }: Assignment, { index }: SchemaPlace): number | undefined {
  const numbers = instruction.match(/(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])/g) ?? [];
  const found = numbers[index] ?? numbers[0];
  return found === undefined ? undefined : Number(found);
}
