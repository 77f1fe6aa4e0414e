// Makes a value that satisfies a JSON Schema (the subset vendors accept for
// structured output), asking `meaning` what each place should say.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { Random } from "../../platform/random.ts";
import { SchemaUnsupportedError } from "./schema-error.ts";
import { fitString } from "./schema-string.ts";

/** Where in the answer a value stands. */
export interface SchemaPlace {
  /** Property names from the root; an array's items keep the array's name. */
  readonly path: readonly string[];
  /** Position in the nearest enclosing array. */
  readonly index: number;
  /** What the schema says the place is for, or nothing. */
  readonly description: string;
  /** The label that the enclosing object is about, where one of its properties names it from a list. */
  readonly subject?: string;
}

/** What a place should say; `undefined` leaves the choice to chance within the schema. */
export interface SchemaMeaning {
  text(place: SchemaPlace): string;
  number(place: SchemaPlace): number | undefined;
  boolean(place: SchemaPlace): boolean | undefined;
  /** The options in order of preference. */
  ranked(options: readonly JsonValue[], place: SchemaPlace): readonly JsonValue[];
  /** How many items an array would have by meaning. */
  count(place: SchemaPlace): number | undefined;
}

export interface SchemaContext {
  readonly meaning: SchemaMeaning;
  readonly random: Random;
}

interface Walk extends SchemaContext {
  readonly root: JsonObject;
  readonly place: SchemaPlace;
  readonly depth: number;
}

/** Beyond this depth only what is required is made, and the simplest branch is taken. */
const DEPTH_FULL = 4;
const DEPTH_MAX = 24;

/** @throws SchemaUnsupportedError when the schema asks for what cannot be made. */
export function fromSchema(schema: JsonObject, context: SchemaContext): JsonValue {
  return make(schema, { ...context, root: schema, place: { path: [], index: 0, description: "" }, depth: 0 });
}

function make(schema: JsonObject, walk: Walk): JsonValue {
  if (walk.depth > DEPTH_MAX) throw new SchemaUnsupportedError("the schema has no finite value");
  const resolved = resolve(schema, walk);
  const place =
    typeof resolved.description === "string" ? { ...walk.place, description: resolved.description } : walk.place;
  const here = { ...walk, place };
  if (resolved.const !== undefined) return resolved.const;
  if (Array.isArray(resolved.enum)) return chosen(resolved.enum as JsonValue[], here);
  const branches = (resolved.anyOf ?? resolved.oneOf) as readonly JsonObject[] | undefined;
  if (branches !== undefined) return makeBranch(resolved, branches, here);
  switch (typeOf(resolved, here)) {
    case "object":
      return makeObject(resolved, here);
    case "array":
      return makeArray(resolved, here);
    case "integer":
      return makeNumber(resolved, here, true);
    case "number":
      return makeNumber(resolved, here, false);
    case "boolean":
      return here.meaning.boolean(place) ?? here.random.next() < 0.5;
    case "null":
      return null;
    default:
      return fitString(resolved, here.meaning.text(place));
  }
}

function chosen(options: readonly JsonValue[], { meaning, place }: Walk): JsonValue {
  const ranked = meaning.ranked(options, place);
  const best = ranked[place.index % Math.max(1, ranked.length)];
  if (best === undefined) throw new SchemaUnsupportedError("an enum without values cannot be satisfied");
  return best;
}

function resolve(schema: JsonObject, walk: Walk): JsonObject {
  let current = schema;
  for (let hops = 0; typeof current.$ref === "string"; hops++) {
    if (hops > DEPTH_MAX) throw new SchemaUnsupportedError(`${current.$ref} refers to itself`);
    const { $ref, ...rest } = current;
    current = { ...pointed(walk.root, $ref as string), ...rest };
  }
  const parts = current.allOf as readonly JsonObject[] | undefined;
  if (parts === undefined) return current;
  const { allOf: _, ...base } = current;
  return parts.reduce<JsonObject>((merged, part) => merge(merged, resolve(part, walk)), base);
}

function pointed(root: JsonObject, reference: string): JsonObject {
  let value: unknown = reference.startsWith("#") ? root : undefined;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const key = decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~");
    value = (value as Record<string, unknown> | undefined)?.[key];
  }
  if (value === null || typeof value !== "object") throw new SchemaUnsupportedError(`${reference} points nowhere`);
  return value as JsonObject;
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const required = [...new Set([...strings(a.required), ...strings(b.required)])];
  const properties = { ...(a.properties as JsonObject | undefined), ...(b.properties as JsonObject | undefined) };
  return {
    ...a,
    ...b,
    ...(required.length > 0 ? { required } : {}),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
  };
}

function strings(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** The first branch that says something; deep inside, the simplest one. */
function makeBranch(schema: JsonObject, branches: readonly JsonObject[], walk: Walk): JsonValue {
  const { anyOf: _, oneOf: __, ...base } = schema;
  const saysSomething = branches.filter((branch) => branch.type !== "null");
  const ordered =
    walk.depth >= DEPTH_FULL ? [...branches].sort((a, b) => weight(a) - weight(b)) : [...saysSomething, ...branches];
  let failure: unknown = new SchemaUnsupportedError("a choice between no schemas cannot be satisfied");
  for (const branch of ordered) {
    try {
      return make(merge(base, resolve(branch, walk)), { ...walk, depth: walk.depth + 1 });
    } catch (error) {
      if (!(error instanceof SchemaUnsupportedError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function weight(schema: JsonObject): number {
  if (schema.type === "null") return 0;
  return schema.$ref !== undefined || schema.properties !== undefined || schema.items !== undefined ? 2 : 1;
}

/** Gemini writes types in capitals and marks null by `nullable`. */
function typeOf(schema: JsonObject, { depth }: Walk): string {
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).map((type) => String(type).toLowerCase());
  const named = types.filter((type) => type !== "undefined");
  if (depth >= DEPTH_FULL && (named.includes("null") || schema.nullable === true)) return "null";
  const type = named.find((candidate) => candidate !== "null") ?? named[0];
  if (type !== undefined) return type;
  if (schema.properties !== undefined || schema.additionalProperties !== undefined) return "object";
  if (schema.items !== undefined || schema.prefixItems !== undefined) return "array";
  return schema.minimum !== undefined || schema.maximum !== undefined ? "number" : "string";
}

function makeObject(schema: JsonObject, walk: Walk): JsonObject {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonObject>>;
  const required = strings(schema.required);
  const declared = Object.keys(properties).filter((name) => required.includes(name) || walk.depth < DEPTH_FULL);
  const names = [...declared, ...required.filter((name) => !Object.hasOwn(properties, name))];
  const made = new Map<string, JsonValue>();
  let { place } = walk;
  for (const name of [...names.filter((name) => isLabel(properties[name])), ...names]) {
    if (made.has(name)) continue;
    const inner = { ...place, path: [...place.path, name], description: "" };
    const attempt = (): JsonValue => make(properties[name] ?? {}, { ...walk, depth: walk.depth + 1, place: inner });
    const value = required.includes(name) ? attempt() : optional(attempt);
    if (value === undefined) continue;
    made.set(name, value);
    if (isLabel(properties[name]) && typeof value === "string") place = { ...place, subject: value };
  }
  return Object.fromEntries(names.flatMap((name) => (made.has(name) ? [[name, made.get(name) as JsonValue]] : [])));
}

function isLabel(schema: JsonObject | undefined): boolean {
  return Array.isArray(schema?.enum);
}

function optional<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof SchemaUnsupportedError) return undefined;
    throw error;
  }
}

/** As many items as there are labels to speak about, where each item names one. */
function labelCount(items: JsonObject): number | undefined {
  const properties = Object.values((items.properties ?? {}) as Readonly<Record<string, JsonObject>>);
  const label = properties.find(isLabel);
  return (label?.enum as readonly JsonValue[] | undefined)?.length;
}

function makeArray(schema: JsonObject, walk: Walk): JsonValue[] {
  const min = (schema.minItems as number | undefined) ?? 0;
  const max = (schema.maxItems as number | undefined) ?? Number.POSITIVE_INFINITY;
  const items = resolve((schema.items ?? { type: "string" }) as JsonObject, walk);
  const options = items.enum as readonly JsonValue[] | undefined;
  if (options !== undefined) return makePermutation(options, { min, max, isUnique: schema.uniqueItems === true }, walk);
  const wished = walk.depth >= DEPTH_FULL ? min : (labelCount(items) ?? walk.meaning.count(walk.place) ?? 2);
  const length = Math.max(min, Math.min(max, wished));
  const made: JsonValue[] = [];
  for (let index = 0; index < length; index++) {
    made.push(make(items, { ...walk, depth: walk.depth + 1, place: { ...walk.place, index, description: "" } }));
  }
  return schema.uniqueItems === true ? distinct(made, min, items) : made;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly isUnique: boolean;
}

/** An array of labels is a ranking: all of them, best first. */
function makePermutation(options: readonly JsonValue[], { min, max, isUnique }: Bounds, walk: Walk): JsonValue[] {
  const ranked = [...walk.meaning.ranked([...new Set(options)], walk.place)];
  if (ranked.length < min && (isUnique || ranked.length === 0)) {
    throw new SchemaUnsupportedError(`${min} different items cannot be made of ${ranked.length} values`);
  }
  const length = Math.max(min, Math.min(max, ranked.length));
  return Array.from({ length }, (_, index) => ranked[index % ranked.length] as JsonValue);
}

function distinct(values: readonly JsonValue[], min: number, items: JsonObject): JsonValue[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  for (let extra = 1; seen.size < min && extra <= VARIANTS_MAX; extra++) {
    const variant = varied(values[extra % values.length] as JsonValue, extra, items);
    seen.set(JSON.stringify(variant), variant);
  }
  if (seen.size < min) throw new SchemaUnsupportedError(`${min} different items cannot be made`);
  return [...seen.values()];
}

const VARIANTS_MAX = 1_000;

function varied(value: JsonValue, extra: number, items: JsonObject): JsonValue {
  if (typeof value === "string") return fitString(items, `${extra + 1} ${value}`);
  if (typeof value === "number") return clampNumber(items, value + extra, Number.isInteger(value));
  return typeof value === "boolean" ? extra % 2 === 0 : value;
}

function makeNumber(schema: JsonObject, { meaning, place, random }: Walk, isInteger: boolean): number {
  const { low, high } = numberBounds(schema);
  const wished = meaning.number(place);
  if (wished !== undefined) {
    // A share between 0 and 1 is spread over the schema's own scale.
    const isScaled = Number.isFinite(low) && Number.isFinite(high) && wished >= 0 && wished <= 1;
    return clampNumber(schema, isScaled ? low + wished * (high - low) : wished, isInteger);
  }
  const from = Number.isFinite(low) ? low : Number.isFinite(high) ? high - 10 : 0;
  const to = Number.isFinite(high) ? high : from + 10;
  return clampNumber(schema, from + random.next() * (to - from), isInteger);
}

function numberBounds(schema: JsonObject): { low: number; high: number } {
  const bound = (key: string, fallback: number): number =>
    typeof schema[key] === "number" ? (schema[key] as number) : fallback;
  return {
    low: Math.max(bound("minimum", -Infinity), bound("exclusiveMinimum", -Infinity)),
    high: Math.min(bound("maximum", Infinity), bound("exclusiveMaximum", Infinity)),
  };
}

function clampNumber(schema: JsonObject, value: number, isInteger: boolean): number {
  const { low, high } = numberBounds(schema);
  const step = typeof schema.multipleOf === "number" ? schema.multipleOf : isInteger ? 1 : 0.01;
  const isOpen = (key: string, at: number): boolean => schema[key] === at;
  let steps = Math.round(Math.min(high, Math.max(low, value)) / step);
  const fits = (): boolean => {
    const at = round(steps * step);
    return at >= low && at <= high && !isOpen("exclusiveMinimum", at) && !isOpen("exclusiveMaximum", at);
  };
  if (!fits()) steps = Math.ceil(low / step);
  if (!fits()) steps += 1;
  if (!fits()) steps = Math.floor(high / step) - 1;
  if (fits()) return round(steps * step);
  const middle = (low + high) / 2;
  if (!isInteger && schema.multipleOf === undefined && low < high) return middle;
  if (!isInteger && schema.multipleOf === undefined && low === high) return low;
  throw new SchemaUnsupportedError("no number satisfies the schema's bounds");
}

/** Keeps sums of hundredths free of binary dust. */
function round(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
