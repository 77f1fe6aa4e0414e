// The circuit breaker, by example and against a model of its states.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BREAKER_DEFAULT, type Breaker, type BreakerPermit, createBreaker } from "../../src/platform/breaker.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";

function setUp(): { readonly clock: VirtualClock; readonly breaker: Breaker } {
  const clock = createVirtualClock();
  return { clock, breaker: createBreaker({ clock, random: createSeededRandom(3), limits: { jitter: 0 } }) };
}

function permit(breaker: Breaker): BreakerPermit {
  const granted = breaker.acquire();
  if (granted === undefined) throw new Error("no permit");
  return granted;
}
const succeed = (breaker: Breaker): void => permit(breaker).succeeded();
const fail = (breaker: Breaker): void => permit(breaker).failed();
function times(count: number, act: () => void): void {
  for (let done = 0; done < count; done++) act();
}

describe("breaker", () => {
  it("opens after five failures in a row", () => {
    const { breaker } = setUp();
    times(4, () => fail(breaker));
    succeed(breaker);
    times(4, () => fail(breaker));
    expect(breaker.state).toBe("closed");
    fail(breaker);
    expect(breaker.state).toBe("open");
    expect(breaker.acquire()).toBeUndefined();
    expect(breaker.nextChanceMs()).toBe(30_000);
  });

  it("opens when half of at least twenty calls failed, and not before", () => {
    const { breaker } = setUp();
    times(9, () => {
      succeed(breaker);
      fail(breaker);
    });
    succeed(breaker);
    expect(breaker.state).toBe("closed");
    fail(breaker);
    expect(breaker.state).toBe("open");
  });

  it("forgets calls that are too old or too many ago", async () => {
    const { clock, breaker } = setUp();
    times(9, () => {
      succeed(breaker);
      fail(breaker);
    });
    await clock.advance(BREAKER_DEFAULT.windowMs);
    succeed(breaker);
    fail(breaker);
    expect(breaker.state).toBe("closed");
    times(200, () => succeed(breaker));
    times(8, () => {
      for (let count = 0; count < 4; count++) fail(breaker);
      succeed(breaker);
    });
    expect(breaker.state).toBe("closed");
    times(8, () => {
      for (let count = 0; count < 4 && breaker.state === "closed"; count++) fail(breaker);
      if (breaker.state === "closed") succeed(breaker);
    });
    expect(breaker.state).toBe("open");
  });

  it("closes after three good probes, and never has more out", async () => {
    const { clock, breaker } = setUp();
    times(5, () => fail(breaker));
    await clock.advance(30_000);
    expect(breaker.state).toBe("half-open");
    const probes = [permit(breaker), permit(breaker), permit(breaker)];
    expect(breaker.acquire()).toBeUndefined();
    expect(breaker.nextChanceMs()).toBeUndefined();
    for (const probe of probes) probe.succeeded();
    expect(breaker.state).toBe("closed");
    expect(breaker.nextChanceMs()).toBe(0);
  });

  it("opens for twice as long with each failed probe, up to five minutes, and starts anew once closed", async () => {
    const { clock, breaker } = setUp();
    times(5, () => fail(breaker));
    const pauses: (number | undefined)[] = [];
    for (let round = 0; round < 6; round++) {
      pauses.push(breaker.nextChanceMs());
      await clock.advance(breaker.nextChanceMs() ?? 0);
      fail(breaker);
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    await clock.advance(300_000);
    times(3, () => succeed(breaker));
    times(5, () => fail(breaker));
    expect(breaker.nextChanceMs()).toBe(30_000);
  });

  it("lets another probe out for one that says nothing", async () => {
    const { clock, breaker } = setUp();
    times(5, () => fail(breaker));
    await clock.advance(30_000);
    times(5, () => permit(breaker).ignored());
    expect(breaker.state).toBe("half-open");
    times(3, () => succeed(breaker));
    expect(breaker.state).toBe("closed");
  });

  it("does not count the end of a call of an earlier state, nor an end twice", async () => {
    const { clock, breaker } = setUp();
    const slow = permit(breaker);
    const twice = permit(breaker);
    twice.failed();
    twice.failed();
    times(3, () => fail(breaker));
    expect(breaker.state).toBe("closed");
    fail(breaker);
    await clock.advance(30_000);
    slow.failed();
    expect(breaker.state).toBe("half-open");
  });

  it("lengthens pauses at random, so that not everybody comes back at once", () => {
    const pauses = Array.from({ length: 20 }, (_, seed) => {
      const clock = createVirtualClock();
      const breaker = createBreaker({ clock, random: createSeededRandom(seed) });
      times(5, () => fail(breaker));
      return breaker.nextChanceMs() ?? 0;
    });
    expect(new Set(pauses).size).toBeGreaterThan(10);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(33_000);
  });

  it("follows its model", async () => {
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("fail", "succeed", "ignore") },
      { weight: 2, arbitrary: fc.constantFrom("start", "end-failed", "end-succeeded") },
      { weight: 1, arbitrary: fc.constantFrom("second", "half-minute", "five-minutes") },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 80 }), async (actions) => {
        const { clock, breaker } = setUp();
        const out: { readonly permit: BreakerPermit; readonly born: string }[] = [];
        for (const step of actions) {
          const before = breaker.state;
          const ready = breaker.isReady();
          expect(breaker.nextChanceMs() === 0).toBe(ready);
          if (step === "second") await clock.advance(1_000);
          else if (step === "half-minute") await clock.advance(30_000);
          else if (step === "five-minutes") await clock.advance(300_000);
          else if (step === "start") {
            const granted = breaker.acquire();
            if (granted !== undefined) out.push({ permit: granted, born: before });
          } else if (step.startsWith("end-")) {
            const oldest = out.shift();
            if (step === "end-failed") oldest?.permit.failed();
            else oldest?.permit.succeeded();
          } else {
            const granted = breaker.acquire();
            expect(granted !== undefined).toBe(ready);
            if (step === "fail") granted?.failed();
            else if (step === "succeed") granted?.succeeded();
            else granted?.ignored();
            if (step === "fail" && before === "half-open" && ready) expect(breaker.state).toBe("open");
          }
          const after = breaker.state;
          // Only time leads out of open; only a probe closes; a closed one never becomes half-open.
          if (before === "open") expect(after).not.toBe("closed");
          if (before === "closed") expect(after).not.toBe("half-open");
          if (before === "open" && after === "half-open") expect(step).toMatch(/second|minute/);
        }
      }),
      { numRuns: 200 },
    );
  });
});
