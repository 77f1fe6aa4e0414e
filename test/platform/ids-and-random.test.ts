// Ids sort by time and derive from causes; chance repeats from its seed.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTraceparent } from "../../src/domain/trace.ts";
import { digestOf, sha256 } from "../../src/platform/hash.ts";
import { createIdSource, deriveId } from "../../src/platform/ids.ts";
import { createSeededRandom, createSystemRandom, shuffled } from "../../src/platform/random.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { verifies } from "../requirements.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("ids", () => {
  it("are UUIDv7 and strictly increase, even ten thousand in one millisecond", async () => {
    const clock = createVirtualClock();
    const ids = createIdSource(clock, createSeededRandom(1));
    const made: string[] = [];
    for (let index = 0; index < 10_000; index++) {
      made.push(ids.next());
      if (index % 3_000 === 0) await clock.advance(1);
    }
    expect(made.every((id) => UUID_V7.test(id))).toBe(true);
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });

  it("derived ones depend on cause and label alone, and carry the time of the cause", () => {
    const cause = createIdSource(createVirtualClock(), createSeededRandom(2)).next();
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(deriveId(cause, a)).toMatch(UUID_V7);
        expect(deriveId(cause, a).slice(0, 13)).toBe(cause.slice(0, 13));
        expect(deriveId(cause, a) === deriveId(cause, b)).toBe(a === b);
      }),
    );
  });

  it("spans stay in their trace", () => {
    const ids = createIdSource(createVirtualClock(), createSeededRandom(3));
    const trace = ids.trace();
    const span = ids.span(trace);
    expect(isTraceparent(trace.traceparent)).toBe(true);
    expect(isTraceparent(span.traceparent)).toBe(true);
    expect(span.traceparent.slice(0, 36)).toBe(trace.traceparent.slice(0, 36));
    expect(span.traceparent).not.toBe(trace.traceparent);
    expect(() => ids.span({ traceparent: "nonsense" })).toThrow("not a traceparent: nonsense");
  });
});

describe("random", () => {
  it("repeats from its seed and differs between seeds and forks", () => {
    verifies("R7.3");
    const draw = (seed: number | string) => {
      const random = createSeededRandom(seed);
      return [random.next(), random.integer(1_000), [...random.bytes(8)], random.fork("x").next()];
    };
    expect(draw(7)).toEqual(draw("7"));
    expect(draw(7)).not.toEqual(draw(8));
    const parent = createSeededRandom(7);
    const early = parent.fork("x").next();
    parent.next();
    expect(parent.fork("x").next()).toBe(early);
    expect(parent.fork("y").next()).not.toBe(early);
  });

  it("is spread evenly", () => {
    const random = createSeededRandom("even");
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 20_000; draw++) {
      const bucket = random.integer(10);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  });

  it("shuffles without losing anything, and reaches every order", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const order = shuffled(createSeededRandom(seed), ["a", "b", "c"]);
      expect(order.toSorted()).toEqual(["a", "b", "c"]);
      orders.add(order.join(""));
    }
    expect(orders.size).toBe(6);
  });

  it("the system's source gives what was asked for", () => {
    const random = createSystemRandom();
    expect(random.bytes(12)).toHaveLength(12);
    for (let draw = 0; draw < 100; draw++) {
      expect(random.next()).toBeLessThan(1);
      expect(random.integer(3)).toBeLessThan(3);
    }
    expect(random.fork("any")).toBe(random);
  });
});

describe("digests", () => {
  it("are SHA-256 in hex, of text and of bytes alike", () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(sha256("abc")).toBe(abc);
    expect(sha256(new TextEncoder().encode("abc"))).toBe(abc);
    expect(digestOf({ b: 1, a: 2 })).toBe(digestOf({ a: 2, b: 1 }));
  });
});
