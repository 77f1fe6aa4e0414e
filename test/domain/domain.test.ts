// The vocabulary's few functions: canonical text, money, ids, parts, usage, errors.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import { ownRoute } from "../../src/domain/agent-card.ts";
import {
  ERRORS,
  EXIT_CODES,
  isErrorCode,
  isPolylogueError,
  PolylogueError,
  unreachable,
} from "../../src/domain/errors.ts";
import { isAgentId } from "../../src/domain/ids.ts";
import { canonicalJson } from "../../src/domain/json.ts";
import { nanoFromUsd, usdFromNano } from "../../src/domain/money.ts";
import { type Part, textOf } from "../../src/domain/part.ts";
import { isoFromUs } from "../../src/domain/time.ts";
import { isTraceparent } from "../../src/domain/trace.ts";
import { addUsage, NO_USAGE, promptTokens } from "../../src/domain/usage.ts";
import { verifies } from "../requirements.ts";

describe("canonical JSON", () => {
  it("depends on the value only, not on the order in which it was built", () => {
    verifies("R7.4");
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      }),
    );
  });

  it("loses nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("sorts keys by code units and leaves out undefined", () => {
    expect(canonicalJson({ b: 1, a: [{ d: undefined, c: null }], é: 2, Z: 3 })).toBe(
      '{"Z":3,"a":[{"c":null}],"b":1,"é":2}',
    );
  });

  it("keeps a key named __proto__ as data", () => {
    expect(canonicalJson(JSON.parse('{"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1}}');
  });
});

describe("money", () => {
  it("never rounds a price down, and returns cents unchanged", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000_00 }), (cents) => {
        const nano = nanoFromUsd(cents / 100);
        expect(nano).toBe(cents * 10_000_000);
        expect(usdFromNano(nano)).toBeCloseTo(cents / 100, 9);
      }),
    );
    expect(nanoFromUsd(0.000_000_000_1)).toBe(1);
    expect(nanoFromUsd(0.1 + 0.2)).toBe(300_000_000);
  });
});

describe("names", () => {
  it("accepts what people would choose and refuses what would break an address", () => {
    for (const good of ["claude", "gpt-6.1", "a", "7b", "x".repeat(64)]) expect(isAgentId(good)).toBe(true);
    for (const bad of ["", "Claude", "-a", "a b", "ä", "a/b", "x".repeat(65)]) expect(isAgentId(bad)).toBe(false);
  });

  it("knows a traceparent, and that all zeros are none", () => {
    expect(isTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")).toBe(true);
    expect(isTraceparent(`00-${"0".repeat(32)}-b7ad6b7169203331-01`)).toBe(false);
    expect(isTraceparent("0af7651916cd43dd8448eb211c80319c")).toBe(false);
  });
});

describe("parts and usage", () => {
  it("reads the text of a message, and nothing but it", () => {
    const parts: Part[] = [
      { type: "reasoning", text: "hidden" },
      { type: "text", text: "one" },
      { type: "data", schemaName: "ballot", value: { choice: "x" } },
      { type: "text", text: "two" },
    ];
    expect(textOf(parts)).toBe("one\n\ntwo");
  });

  it("adds counts and tells the whole prompt", () => {
    const usage = { input: 5, cacheRead: 7, cacheWrite: 11, output: 13, reasoning: 2 };
    expect(addUsage(usage, NO_USAGE)).toEqual(usage);
    expect(promptTokens(addUsage(usage, usage))).toBe(46);
  });

  it("shows a time as ISO 8601", () => {
    expect(isoFromUs(1_795_305_600_000_000)).toBe("2026-11-22T00:00:00.000Z");
  });

  it("an agent without a route is a mistake of the program", () => {
    const card = scriptedCard("lonely");
    expect(ownRoute(card)).toBe(card.routes[0]);
    expect(() => ownRoute({ ...card, routes: [] })).toThrow("agent lonely has no route");
  });
});

describe("errors", () => {
  it("carry code, mend, cause and the exit code of their kind", () => {
    const cause = new Error("disk");
    const error = new PolylogueError("STORE_FULL", { message: "full", mend: "free space", cause });
    expect(error).toMatchObject({ code: "STORE_FULL", mend: "free space", cause, retryable: true, exitCode: 1 });
    expect(isPolylogueError(error)).toBe(true);
    expect(isPolylogueError(cause)).toBe(false);
    expect("cause" in new PolylogueError("USAGE", { message: "x" })).toBe(false);
  });

  it("every code leads to an exit code", () => {
    for (const spec of Object.values(ERRORS)) expect(EXIT_CODES[spec.exit]).toBeGreaterThan(0);
    expect(isErrorCode("USAGE")).toBe(true);
    expect(isErrorCode("toString")).toBe(false);
  });

  it("an impossible value is named", () => {
    expect(() => unreachable({ kind: "odd" } as never)).toThrow('unreachable value {"kind":"odd"}');
  });
});
