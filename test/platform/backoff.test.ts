// Back-off: full jitter under an exponential ceiling, above the server's wish.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/platform/backoff.ts";
import { createSeededRandom } from "../../src/platform/random.ts";

describe("back-off", () => {
  it("stays between the server's wish and the ceiling above it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }),
        fc.integer(),
        (retry, retryAfterMs, seed) => {
          const waitMs = backoffMs(createSeededRandom(seed), { retry, retryAfterMs });
          const floorMs = retryAfterMs ?? 0;
          expect(waitMs).toBeGreaterThanOrEqual(floorMs);
          expect(waitMs).toBeLessThanOrEqual(floorMs + Math.min(20_000, 250 * 2 ** (retry - 1)));
        },
      ),
    );
  });

  it("spreads over the whole range", () => {
    const random = createSeededRandom(7);
    const waits = Array.from({ length: 2_000 }, () => backoffMs(random, { retry: 4 }));
    expect(Math.min(...waits)).toBeLessThan(50);
    expect(Math.max(...waits)).toBeGreaterThan(1_950);
    expect(waits.reduce((sum, wait) => sum + wait, 0) / waits.length).toBeCloseTo(1_000, -2);
  });

  it("keeps other limits where they are given", () => {
    const limits = { baseMs: 10, capMs: 15 };
    const random = createSeededRandom(7);
    for (let retry = 1; retry < 9; retry++) expect(backoffMs(random, { retry, limits })).toBeLessThanOrEqual(15);
  });
});
