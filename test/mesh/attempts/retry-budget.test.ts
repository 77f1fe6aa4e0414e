// The retry budget: never more retries under way than a tenth of the calls, or three.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRetryBudget } from "../../../src/mesh/attempts/retry-budget.ts";

describe("retry budget", () => {
  it("holds whatever begins and ends", () => {
    const step = fc.record({ end: fc.boolean(), isRetry: fc.boolean(), vendor: fc.constantFrom("north", "south") });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const budget = createRetryBudget();
        const open: { readonly end: () => void; readonly isRetry: boolean; readonly vendor: string }[] = [];
        for (const { end, isRetry, vendor } of steps) {
          if (end) {
            const oldest = open.shift();
            oldest?.end();
            oldest?.end();
            continue;
          }
          const entered = budget.enter(vendor, isRetry);
          const calls = open.filter((call) => call.vendor === vendor);
          const retries = calls.filter((call) => call.isRetry).length;
          const fits = !isRetry || retries + 1 <= Math.max(3, (calls.length + 1) / 10);
          expect(entered !== undefined).toBe(fits);
          if (entered !== undefined) open.push({ end: entered, isRetry, vendor });
        }
      }),
    );
  });

  it("grows with the calls under way", () => {
    const budget = createRetryBudget();
    for (let call = 0; call < 90; call++) budget.enter("north", false);
    const retries = Array.from({ length: 20 }, () => budget.enter("north", true)).filter((end) => end !== undefined);
    expect(retries.length).toBeGreaterThanOrEqual(9);
    expect(retries.length).toBeLessThanOrEqual(10);
  });
});
