// Whatever schema is asked for, the value made satisfies it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../../src/domain/json.ts";
import { createSeededRandom } from "../../../src/platform/random.ts";
import { fromSchema, type SchemaMeaning } from "../../../src/simulators/reply/from-schema.ts";
import { SchemaUnsupportedError } from "../../../src/simulators/reply/schema-error.ts";
import { verifies } from "../../requirements.ts";

const meaning: SchemaMeaning = {
  text: ({ path, index }) => `some words about ${path.join(" ")} ${index}`,
  number: () => undefined,
  boolean: () => undefined,
  ranked: (options) => options,
  count: () => undefined,
};

const made = (schema: JsonObject, change: Partial<SchemaMeaning> = {}): JsonValue =>
  fromSchema(schema, { meaning: { ...meaning, ...change }, random: createSeededRandom(1) });

/** A small independent validator of the keywords that are made. */
function isValid(value: JsonValue, schema: JsonObject, root: JsonObject = schema): boolean {
  if (typeof schema.$ref === "string") {
    const target = (root.$defs as JsonObject)[schema.$ref.replace("#/$defs/", "")] as JsonObject;
    return isValid(value, target, root);
  }
  if (value === null && schema.nullable === true) return true;
  if (schema.const !== undefined) return JSON.stringify(value) === JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.some((option) => JSON.stringify(option) === JSON.stringify(value));
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonObject[]).some((branch) => isValid(value, branch, root));
  if (Array.isArray(schema.oneOf)) return (schema.oneOf as JsonObject[]).some((branch) => isValid(value, branch, root));
  if (Array.isArray(schema.allOf))
    return (schema.allOf as JsonObject[]).every((branch) => isValid(value, branch, root));
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).map((type) => String(type).toLowerCase());
  return types.some((type) => isOfType(value, type, { schema, root }));
}

function isOfType(value: JsonValue, type: string, { schema, root }: { schema: JsonObject; root: JsonObject }): boolean {
  const number = (key: string, fallback: number): number => (schema[key] as number | undefined) ?? fallback;
  if (type === "null") return value === null;
  if (type === "boolean") return typeof value === "boolean";
  if (type === "string")
    return (
      typeof value === "string" &&
      [...value].length >= number("minLength", 0) &&
      [...value].length <= number("maxLength", Infinity)
    );
  if (type === "integer" || type === "number") {
    if (typeof value !== "number" || (type === "integer" && !Number.isInteger(value))) return false;
    const isStep =
      schema.multipleOf === undefined ||
      Math.abs(value / number("multipleOf", 1) - Math.round(value / number("multipleOf", 1))) < 1e-6;
    return (
      isStep &&
      value >= number("minimum", -Infinity) &&
      value <= number("maximum", Infinity) &&
      value > number("exclusiveMinimum", -Infinity) &&
      value < number("exclusiveMaximum", Infinity)
    );
  }
  if (type === "array") {
    if (!Array.isArray(value)) return false;
    const isUnique =
      schema.uniqueItems !== true || new Set(value.map((item) => JSON.stringify(item))).size === value.length;
    return (
      isUnique &&
      value.length >= number("minItems", 0) &&
      value.length <= number("maxItems", Infinity) &&
      value.every((item: JsonValue) => isValid(item, schema.items as JsonObject, root))
    );
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  const required = (schema.required ?? []) as string[];
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, inner]) => isValid(inner as JsonValue, properties[name] ?? {}, root))
  );
}

const text = fc
  .record({ minLength: fc.integer({ min: 0, max: 30 }), more: fc.integer({ min: 0, max: 60 }) })
  .map(({ minLength, more }) => ({ type: "string", minLength, maxLength: minLength + more }));
const integer = fc
  .record({ minimum: fc.integer({ min: -50, max: 50 }), more: fc.integer({ min: 0, max: 9 }) })
  .map(({ minimum, more }) => ({ type: "integer", minimum, maximum: minimum + more }));
const number = fc
  .record({ low: fc.integer({ min: -9, max: 9 }), more: fc.integer({ min: 1, max: 9 }), isOpen: fc.boolean() })
  .map(({ low, more, isOpen }) =>
    isOpen
      ? { type: "number", exclusiveMinimum: low, exclusiveMaximum: low + more }
      : { type: "number", minimum: low, maximum: low + more },
  );
const labels = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 })
  .map((values) => ({ type: "string", enum: values }));
const leaf: fc.Arbitrary<JsonObject> = fc.oneof(
  text,
  integer,
  number,
  labels,
  fc.constant({ type: "boolean" }),
  fc.constant({ type: ["string", "null"] }),
  fc.constant({ const: 7 }),
  fc.constant({ type: "null" }),
  fc.constant({ type: "STRING", nullable: true }),
);

const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc
      .record({
        properties: fc.dictionary(fc.constantFrom("answer", "reasons", "score", "list", "x y"), tie("schema"), {
          maxKeys: 4,
        }),
        all: fc.boolean(),
      })
      .map(({ properties, all }) => ({ type: "object", properties, required: all ? Object.keys(properties) : [] })),
    fc
      .record({ items: tie("schema"), minItems: fc.integer({ min: 0, max: 3 }), more: fc.integer({ min: 0, max: 3 }) })
      .map(({ items, minItems, more }) => ({ type: "array", items, minItems, maxItems: minItems + more })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((oneOf) => ({ oneOf })),
  ),
}));

describe("fromSchema", () => {
  it("always satisfies its schema", () => {
    verifies("R7.2", "R7.4");
    fc.assert(
      fc.property(schema, (wanted) => isValid(made(wanted), wanted)),
      { numRuns: 500 },
    );
  });

  it("makes the items of an array different when they must be", () => {
    const distinct = fc.record({
      items: fc.oneof(
        text.filter(({ maxLength }) => maxLength > 8),
        fc.constant({ type: "integer" }),
        labels,
      ),
      minItems: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(distinct, ({ items, minItems }) => {
        const wanted = { type: "array", items, minItems, uniqueItems: true };
        const options = (items as { enum?: unknown[] }).enum;
        if (options !== undefined && options.length < minItems)
          expect(() => made(wanted)).toThrow(SchemaUnsupportedError);
        else expect(isValid(made(wanted), wanted)).toBe(true);
      }),
    );
    const pair = { type: "array", items: { type: "boolean" }, minItems: 2, uniqueItems: true };
    expect([...(made(pair) as boolean[])].sort()).toEqual([false, true]);
    expect(() => made({ ...pair, minItems: 3 })).toThrow(SchemaUnsupportedError);
    expect(() => made({ type: "array", items: { type: "object" }, minItems: 2, uniqueItems: true })).toThrow(
      "2 different items",
    );
  });

  it("follows references, also to itself, and joins allOf", () => {
    const tree = {
      $defs: {
        Node: {
          type: "object",
          properties: { value: { type: "string" }, children: { type: "array", items: { $ref: "#/$defs/Node" } } },
          required: ["value"],
        },
      },
      $ref: "#/$defs/Node",
    };
    expect(isValid(made(tree), tree)).toBe(true);
    const linked = {
      $defs: {
        Link: {
          type: "object",
          properties: { next: { anyOf: [{ $ref: "#/$defs/Link" }, { type: "null" }] } },
          required: ["next"],
        },
      },
      $ref: "#/$defs/Link",
    };
    expect(isValid(made(linked), linked)).toBe(true);
    const both = {
      allOf: [
        { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { b: { type: "integer" } }, required: ["b"] },
      ],
    };
    expect(made(both)).toMatchObject({ a: expect.any(String), b: expect.any(Number) });
    expect(made({ $defs: { "a/b": { const: 1 } }, $ref: "#/$defs/a~1b" })).toBe(1);
  });

  it("guesses a type that is not named", () => {
    expect(made({ properties: { a: { minimum: 3 } } })).toEqual({ a: expect.any(Number) });
    expect(made({ items: { const: 1 }, minItems: 2 })).toEqual([1, 1]);
    expect(made({})).toEqual(expect.any(String));
    expect(made({ type: "object", required: ["free"] })).toEqual({ free: expect.any(String) });
    expect(made({ type: "number", maximum: 3 })).toBeLessThanOrEqual(3);
  });

  it("keeps numbers to their steps and scales shares to the range", () => {
    expect(made({ type: "number", multipleOf: 0.25, minimum: 0, maximum: 1 }, { number: () => 0.6 })).toBe(0.5);
    expect(made({ type: "integer", minimum: 1, maximum: 10 }, { number: () => 0.5 })).toBe(6);
    expect(made({ type: "integer" }, { number: () => 41.7 })).toBe(42);
    expect(made({ type: "number", minimum: 0.001, maximum: 0.002 })).toBeCloseTo(0.0015);
    expect(made({ type: "number", minimum: 0.0015, maximum: 0.0015 })).toBe(0.0015);
    expect(made({ type: "integer", exclusiveMinimum: 4, exclusiveMaximum: 6 })).toBe(5);
    expect(made({ type: "integer", minimum: 1, maximum: 4, exclusiveMaximum: 4 }, { number: () => 99 })).toBeLessThan(
      4,
    );
    expect(() => made({ type: "integer", minimum: 1, maximum: 0 })).toThrow("bounds");
    expect(() => made({ type: "number", multipleOf: 5, minimum: 6, maximum: 9 })).toThrow("bounds");
  });

  it("knows formats and simple patterns, and says so when it does not", () => {
    for (const format of [
      "date",
      "time",
      "date-time",
      "duration",
      "email",
      "hostname",
      "ipv4",
      "ipv6",
      "uri",
      "uuid",
    ]) {
      expect(made({ type: "string", format })).toMatch(/\S/);
    }
    expect(Date.parse(made({ type: "string", format: "date-time" }) as string)).not.toBeNaN();
    expect(made({ type: "string", format: "unknown-format" })).toContain("words");
    expect(made({ type: "string", pattern: "^[a-z]+$" })).toMatch(/^[a-z]+$/);
    expect(made({ type: "string", pattern: "^\\d{5}$" })).toMatch(/^\d{5}$/);
    expect(made({ type: "string", pattern: "^[A-Z]$", maxLength: 1 })).toMatch(/^[A-Z]$/);
    expect(() => made({ type: "string", pattern: "^zz9 plural z alpha$" })).toThrow(SchemaUnsupportedError);
    expect(() => made({ type: "string", pattern: "(" })).toThrow("not a regular expression");
    expect(made({ type: "string", maxLength: 10 })).toBe("some words");
    expect(made({ type: "string", minLength: 40 }, { text: () => "" })).toHaveLength(40);
    expect(() => made({ type: "string", minLength: 2, maxLength: 1 })).toThrow("at least 2");
  });

  it("refuses what cannot be made, and takes the branch that can", () => {
    expect(() => made({ enum: [] })).toThrow(SchemaUnsupportedError);
    expect(() => made({ anyOf: [] })).toThrow(SchemaUnsupportedError);
    expect(() => made({ $ref: "elsewhere.json" })).toThrow("points nowhere");
    expect(() => made({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } })).toThrow("refers to itself");
    expect(() =>
      made({
        $ref: "#/$defs/a",
        $defs: { a: { type: "object", properties: { a: { $ref: "#/$defs/a" } }, required: ["a"] } },
      }),
    ).toThrow("no finite value");
    expect(made({ anyOf: [{ enum: [] }, { const: 3 }] })).toBe(3);
    expect(made({ type: "object", properties: { a: { enum: [] }, b: { const: 1 } } })).toEqual({ b: 1 });
    expect(made({ anyOf: [{ type: "null" }, { const: "x" }] })).toBe("x");
  });

  it("lets a mistake of the meaning through", () => {
    const broken = {
      text: () => {
        throw new Error("a mistake");
      },
    };
    expect(() => made({ anyOf: [{ type: "string" }] }, broken)).toThrow("a mistake");
    expect(() => made({ type: "object", properties: { a: { type: "string" } } }, broken)).toThrow("a mistake");
  });

  it("speaks of each label once in an array about labels", () => {
    const items = {
      type: "object",
      properties: { critique: { type: "string" }, label: { enum: ["A", "B", "C"] } },
      required: ["critique", "label"],
    };
    const value = made({ type: "array", items }, { text: ({ subject }) => `about ${subject}` });
    expect(value).toEqual(["A", "B", "C"].map((label) => ({ critique: `about ${label}`, label })));
  });
});
