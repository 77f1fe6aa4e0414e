// Real and simulated time keep the same promises.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSystemClock, sleep } from "../../src/platform/clock.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { verifies } from "../requirements.ts";

describe("system clock", () => {
  const clock = createSystemClock();

  it("tells integer microseconds near the machine's own time, and never goes back", () => {
    expect(Number.isInteger(clock.nowUs())).toBe(true);
    expect(Math.abs(clock.nowUs() / 1_000 - Date.now())).toBeLessThan(5_000);
    const first = clock.monotonicUs();
    expect(clock.monotonicUs()).toBeGreaterThanOrEqual(first);
  });

  it("fires a timer once, unless it was cancelled", async () => {
    const fired: string[] = [];
    clock.setTimer(1, () => fired.push("a"));
    const cancel = clock.setTimer(1, () => fired.push("b"));
    cancel();
    cancel();
    await sleep(clock, 15);
    expect(fired).toEqual(["a"]);
  });

  it("cuts a delay that a timer cannot hold instead of firing at once", async () => {
    let fired = false;
    const cancel = clock.setTimer(2 ** 40, () => {
      fired = true;
    });
    await sleep(clock, 5);
    cancel();
    expect(fired).toBe(false);
  });

  it("defers past the promises of this turn", async () => {
    const order: string[] = [];
    const deferred = new Promise<void>((resolve) => {
      clock.defer(() => {
        order.push("deferred");
        resolve();
      });
    });
    await Promise.resolve();
    order.push("promise");
    await deferred;
    expect(order).toEqual(["promise", "deferred"]);
  });
});

describe("sleep", () => {
  it("rejects with the signal's reason, before and during", async () => {
    const clock = createVirtualClock();
    const reason = new Error("stop");
    await expect(sleep(clock, 10, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = sleep(clock, 10, controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});

describe("virtual clock", () => {
  it("fires timers in order of due time, then of setting, and tells each its time", async () => {
    verifies("R7.3");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1_000_000 }), { maxLength: 30 }), async (delays) => {
        const clock = createVirtualClock(0);
        const fired: [number, number][] = [];
        delays.forEach((delay, index) => {
          clock.setTimer(delay, () => fired.push([clock.monotonicUs(), index]));
        });
        await clock.advance(2_000_000);
        const wanted = delays.map((delay, index) => [delay * 1_000, index] as [number, number]);
        wanted.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(fired).toEqual(wanted);
        expect(clock.nowUs()).toBe(2_000_000_000);
      }),
      { numRuns: 25 },
    );
  });

  it("runs work that waits for hours in no time", async () => {
    const clock = createVirtualClock(0);
    const hours = 5;
    const work = (async () => {
      for (let hour = 0; hour < hours; hour++) await sleep(clock, 3_600_000);
      return clock.monotonicUs();
    })();
    expect(await clock.run(work)).toBe(hours * 3_600_000_000);
  });

  it("says so when nothing is left to wait for", async () => {
    await expect(createVirtualClock().run(new Promise(() => undefined))).rejects.toThrow("stands still");
  });

  it("passes on a failure of the work, and a cancelled timer never fires", async () => {
    const clock = createVirtualClock();
    const cancel = clock.setTimer(5, () => {
      throw new Error("must not fire");
    });
    cancel();
    await expect(clock.run(Promise.reject(new Error("boom")))).rejects.toThrow("boom");
    await clock.advance(10);
  });
});
