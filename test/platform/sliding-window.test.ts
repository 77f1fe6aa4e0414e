// The sliding window: exact in every window, wherever it begins.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlidingWindow } from "../../src/platform/sliding-window.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";

const windowOf = (max: number, windowMs = 60_000) => {
  const clock = createVirtualClock();
  return { clock, window: createSlidingWindow({ clock, windowMs, max }) };
};

describe("sliding window", () => {
  it("lets exactly the limit pass, and the next one when the first leaves the window", async () => {
    const { clock, window } = windowOf(3);
    expect([1, 2, 3, 4].map(() => window.reserve(1) !== undefined)).toEqual([true, true, true, false]);
    expect(window.nextChanceMs(1)).toBe(60_000);
    await clock.advance(59_999);
    expect(window.reserve(1)).toBeUndefined();
    await clock.advance(1);
    expect(window.reserve(1)).toBeDefined();
  });

  it("counts what was really used, once, also after it has left the window", async () => {
    const { clock, window } = windowOf(100);
    const first = window.reserve(60);
    first?.settle(10);
    first?.settle(90);
    expect(window.used()).toBe(10);
    const second = window.reserve(10);
    second?.settle(500);
    expect(window.used()).toBe(510);
    const third = window.reserve(1);
    expect(third).toBeUndefined();
    await clock.advance(60_000);
    expect(window.used()).toBe(0);
    const late = window.reserve(5);
    await clock.advance(60_000);
    late?.settle(50);
    expect(window.used()).toBe(0);
  });

  it("lets more than the limit pass when it is empty, else it could never start", () => {
    const { window } = windowOf(10);
    expect(window.reserve(50)).toBeDefined();
    expect(window.used()).toBe(10);
    expect(window.nextChanceMs(50)).toBe(60_000);
  });

  it("never holds more than the limit in any window, and always lets pass when it said it would", async () => {
    const step = fc.record({ amount: fc.integer({ min: 1, max: 9 }), pauseMs: fc.integer({ min: 0, max: 900 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, window } = windowOf(12, 1_000);
        const passed: { readonly atUs: number; readonly amount: number }[] = [];
        for (const { amount, pauseMs } of steps) {
          await clock.advance(pauseMs);
          const waitMs = window.nextChanceMs(amount);
          const reserved = window.reserve(amount);
          expect(reserved !== undefined).toBe(waitMs === 0);
          if (reserved === undefined) {
            await clock.advance(waitMs);
            expect(window.reserve(amount)).toBeDefined();
          }
          passed.push({ atUs: clock.monotonicUs(), amount });
        }
        for (const { atUs } of passed) {
          const inWindow = passed.filter((other) => other.atUs >= atUs && other.atUs < atUs + 1_000_000);
          expect(inWindow.reduce((sum, other) => sum + other.amount, 0)).toBeLessThanOrEqual(12);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("keeps few slots however many reservations come", () => {
    const { window } = windowOf(1_000_000);
    for (let count = 0; count < 10_000; count++) window.reserve(1);
    expect(window.used()).toBe(10_000);
  });
});
