// Makes a text fit the string keywords of a JSON Schema: lengths, formats, and
// patterns as far as a few likely texts match them.
import type { JsonObject } from "../../domain/json.ts";
import { sha256 } from "../../platform/hash.ts";
import { SchemaUnsupportedError } from "./schema-error.ts";

export function fitString(schema: JsonObject, wished: string): string {
  if (typeof schema.format === "string") {
    const formatted = formats(wished)[schema.format];
    if (formatted !== undefined) return formatted;
  }
  if (typeof schema.pattern === "string") return matching(schema.pattern, schema, wished);
  return fitLength(schema, wished);
}

function fitLength(schema: JsonObject, wished: string): string {
  const min = typeof schema.minLength === "number" ? schema.minLength : 0;
  const max = typeof schema.maxLength === "number" ? schema.maxLength : Number.POSITIVE_INFINITY;
  if (min > max) throw new SchemaUnsupportedError(`no text has at least ${min} and at most ${max} characters`);
  // JSON Schema counts characters as code points.
  const points = [...wished];
  if (points.length > max) return shortened(points, min, max);
  if (points.length >= min) return wished;
  const filler = [...(wished === "" ? "and so on " : ` ${wished}`)];
  while (points.length < min) points.push(...filler);
  return points.slice(0, min).join("");
}

/** Cut after the last whole word that fits, if that leaves enough. */
function shortened(points: readonly string[], min: number, max: number): string {
  const cut = points.slice(0, max).join("");
  const words = points[max] === " " ? cut : cut.replace(/\s+\S*$/, "");
  return [...words].length >= min ? words : cut;
}

function formats(wished: string): Readonly<Record<string, string>> {
  const digest = sha256(wished);
  const day = `2026-0${1 + (Number.parseInt(digest.slice(0, 2), 16) % 9)}-1${Number.parseInt(digest.slice(2, 4), 16) % 10}`;
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return {
    date: day,
    time: "12:00:00Z",
    "date-time": `${day}T12:00:00Z`,
    duration: "PT1H",
    email: "someone@example.com",
    hostname: "example.com",
    ipv4: "192.0.2.1",
    ipv6: "2001:db8::1",
    uri: "https://example.com/",
    uuid,
  };
}

function matching(pattern: string, schema: JsonObject, wished: string): string {
  const expression = compiled(pattern);
  const words = wished.split(/\s+/).filter(Boolean);
  const digits = sha256(wished).replace(/\D/g, "");
  const candidates = [
    wished,
    fitLength(schema, wished),
    ...words,
    ...words.map((word) => word.toLowerCase()),
    ...words.map((word) => word.toUpperCase()),
    words.join("-").toLowerCase(),
    words.join("_").toLowerCase(),
    ...Array.from({ length: 12 }, (_, index) => digits.slice(0, index + 1)),
    ...Object.values(formats(wished)),
    ..."ABCDabcd".split(""),
    "",
  ];
  const found = candidates.find(
    (candidate) => expression.test(candidate) && fitLength(schema, candidate) === candidate,
  );
  if (found === undefined) throw new SchemaUnsupportedError(`the pattern ${pattern} is not supported`);
  return found;
}

function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    throw new SchemaUnsupportedError(`the pattern ${pattern} is not a regular expression: ${String(error)}`);
  }
}
