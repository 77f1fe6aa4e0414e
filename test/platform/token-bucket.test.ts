// The token bucket: never more than capacity plus refill, never less.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTokenBucket } from "../../src/platform/token-bucket.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";

const bucketOf = (capacity: number, refillPerMinute: number) => {
  const clock = createVirtualClock();
  return { clock, bucket: createTokenBucket({ clock, capacity, refillPerMinute }) };
};

describe("token bucket", () => {
  it("gives its whole capacity at once, and then refills continuously", async () => {
    const { clock, bucket } = bucketOf(3, 60);
    expect([1, 2, 3, 4].map(() => bucket.reserve(1))).toEqual([true, true, true, false]);
    expect(bucket.nextChanceMs(1)).toBe(1_000);
    await clock.advance(999);
    expect(bucket.reserve(1)).toBe(false);
    await clock.advance(1);
    expect(bucket.reserve(1)).toBe(true);
  });

  it("settles what was used less, or more", () => {
    const { bucket } = bucketOf(100, 60);
    bucket.reserve(60);
    bucket.settle(60, 10);
    expect(bucket.level()).toBe(90);
    bucket.reserve(10);
    bucket.settle(10, 150);
    expect(bucket.level()).toBe(-60);
    expect(bucket.nextChanceMs(1)).toBe(61_000);
  });

  it("takes back what was not used at all, never above its capacity", () => {
    const { bucket } = bucketOf(5, 60);
    bucket.reserve(2);
    bucket.return(2);
    bucket.return(2);
    expect(bucket.level()).toBe(5);
  });

  it("lets more than its capacity pass when it is full, else it could never start", () => {
    const { bucket } = bucketOf(5, 60);
    expect(bucket.reserve(50)).toBe(true);
    expect(bucket.reserve(1)).toBe(false);
  });

  it("knows when nothing ever comes", () => {
    const { bucket } = bucketOf(1, 0);
    bucket.reserve(1);
    expect(bucket.nextChanceMs(1)).toBe(Number.POSITIVE_INFINITY);
  });

  it("believes the owner of the real bucket", () => {
    const { bucket } = bucketOf(10, 60);
    bucket.reset({ capacity: 20, level: 4, refillPerMinute: 120 });
    expect(bucket.level()).toBe(4);
    expect(bucket.nextChanceMs(10)).toBe(3_000);
    bucket.reset({ capacity: 2, level: 4, refillPerMinute: 120 });
    expect(bucket.level()).toBe(2);
  });

  it("never gives more than capacity plus refill, and always when it said it would", async () => {
    const step = fc.record({ amount: fc.integer({ min: 1, max: 20 }), pauseMs: fc.integer({ min: 0, max: 5_000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, bucket } = bucketOf(20, 120);
        let given = 0;
        for (const { amount, pauseMs } of steps) {
          await clock.advance(pauseMs);
          const waitMs = bucket.nextChanceMs(amount);
          expect(bucket.reserve(amount)).toBe(waitMs === 0);
          if (waitMs === 0) given += amount;
          expect(given).toBeLessThanOrEqual(20 + (clock.monotonicUs() / 60_000_000) * 120 + 1e-6);
          if (waitMs > 0) {
            await clock.advance(waitMs);
            expect(bucket.reserve(amount)).toBe(true);
            given += amount;
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});
