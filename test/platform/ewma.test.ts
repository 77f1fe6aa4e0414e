// Averages that forget by time.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDecayingRate, createPeakEwma } from "../../src/platform/ewma.ts";

const SECOND = 1_000_000;

describe("peak EWMA", () => {
  it("jumps to a peak at once and forgets it by its time constant", () => {
    const ewma = createPeakEwma(10_000);
    expect(ewma.isEmpty).toBe(true);
    expect(ewma.valueAt(SECOND)).toBe(0);
    ewma.observe(100, 0);
    ewma.observe(1_000, SECOND);
    expect(ewma.isEmpty).toBe(false);
    expect(ewma.valueAt(SECOND)).toBe(1_000);
    ewma.observe(0, 11 * SECOND);
    expect(ewma.valueAt(11 * SECOND)).toBeCloseTo(1_000 / Math.E, 6);
    expect(ewma.valueAt(21 * SECOND)).toBeCloseTo(1_000 / Math.E ** 2, 6);
  });

  it("never exceeds the largest value nor falls below the newest", () => {
    const observations = fc.array(fc.record({ value: fc.nat(10_000), gapUs: fc.nat(30 * SECOND) }), { minLength: 1 });
    fc.assert(
      fc.property(observations, (all) => {
        const ewma = createPeakEwma(10_000);
        let atUs = 0;
        for (const { value, gapUs } of all) {
          atUs += gapUs;
          ewma.observe(value, atUs);
          expect(ewma.valueAt(atUs)).toBeGreaterThanOrEqual(value - 1e-6);
        }
        expect(ewma.valueAt(atUs)).toBeLessThanOrEqual(Math.max(...all.map(({ value }) => value)) + 1e-6);
      }),
    );
  });
});

describe("decaying rate", () => {
  it("is 1 before anything is known, and again after a long silence", () => {
    const rate = createDecayingRate(30_000);
    expect(rate.valueAt(0)).toBe(1);
    for (let count = 0; count < 9; count++) rate.observe(false, 0);
    expect(rate.valueAt(0)).toBeCloseTo(0.1);
    expect(rate.weightAt(0)).toBe(9);
    expect(rate.valueAt(600 * SECOND)).toBeCloseTo(1);
    expect(rate.weightAt(600 * SECOND)).toBeCloseTo(0);
  });

  it("weighs what is newer more", () => {
    const rate = createDecayingRate(30_000);
    for (let count = 0; count < 10; count++) rate.observe(true, 0);
    for (let count = 0; count < 10; count++) rate.observe(false, 60 * SECOND);
    expect(rate.valueAt(60 * SECOND)).toBeLessThan(0.25);
  });
});
