// Who is asked first: hard limits, then ejection, then the strategy.
import { describe, expect, it } from "vitest";
import { withoutEjected } from "../../../src/mesh/selection/ejection.ts";
import { score } from "../../../src/mesh/selection/score.ts";
import { createSelector } from "../../../src/mesh/selection/selector.ts";
import { createTarget, type TargetLoad } from "../../../src/mesh/selection/target.ts";
import type { Selector } from "../../../src/mesh/turn-runner.ts";
import { verifies } from "../../requirements.ts";
import { admit, call, candidate, createField, down, type Field, names, report } from "./candidates.ts";

const selectorOf = (field: Field, strategy: "score" | "round-robin" = "score"): Selector =>
  createSelector({ ...field, strategy });

const load = (overrides: Partial<TargetLoad> = {}): TargetLoad => ({
  firstContentUs: 1_000_000,
  outstanding: 0,
  success: 1,
  successWeight: 0,
  requestsPerMinute: undefined,
  ...overrides,
});

/** How often each was first, over many choices. */
function firsts(selector: Selector, ports: Parameters<Selector["order"]>[0], rounds = 2_000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    const first = names(selector.order(ports))[0] ?? "nobody";
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}

describe("score", () => {
  it("grows with time to first content, with calls under way, and steeply with failures", () => {
    expect(score(load())).toBe(1_000_000);
    expect(score(load({ firstContentUs: 2_000_000 }))).toBe(2_000_000);
    expect(score(load({ outstanding: 3 }))).toBe(4_000_000);
    expect(score(load({ success: 0.5 }))).toBe(8_000_000);
    expect(score(load({ success: 0.001 }))).toBe(score(load({ success: 0.05 })));
  });

  it("tries who was never asked once, and then waits for the answer", () => {
    expect(score(load({ firstContentUs: undefined }))).toBe(0);
    const asked = score(load({ firstContentUs: undefined, outstanding: 1 }));
    expect(asked).toBeGreaterThan(score(load({ outstanding: 50 })));
  });

  it("prefers the quick and the healthy, and still asks the others now and then", () => {
    verifies("R2.5");
    const field = createField();
    const [quick, slow, sick] = ["quick", "slow", "sick"].map((id) => candidate(id)) as [never, never, never];
    for (let round = 0; round < 6; round++) {
      call(field, quick, { firstContentUs: 300_000 });
      call(field, slow, { firstContentUs: 3_000_000 });
      call(field, sick, { firstContentUs: 300_000, elapsedUs: 300_000, ...(round % 2 === 0 ? { failure: down } : {}) });
    }
    const counts = firsts(selectorOf(field), [quick, slow, sick]);
    // Of three, the best is in two of three draws of two, the worst is never better.
    expect(counts.quick).toBeGreaterThan(1_200);
    expect(counts.sick).toBeGreaterThan(500);
    expect(counts.slow).toBeUndefined();
  });

  it("is fair among equals, and orders everybody", () => {
    const field = createField(5);
    const ports = ["a", "b", "c", "d"].map((id) => candidate(id));
    for (const port of ports) call(field, port);
    const counts = firsts(selectorOf(field), ports);
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(400);
    expect(names(selectorOf(field).order(ports)).sort()).toEqual(["a", "b", "c", "d"]);
  });

  it("spreads calls under way evenly: power of two choices", () => {
    const field = createField(9);
    const ports = Array.from({ length: 10 }, (_, index) => candidate(`agent-${index}`));
    for (const port of ports) call(field, port);
    const selector = selectorOf(field);
    for (let taken = 0; taken < 100; taken++) {
      const [first] = selector.order(ports);
      if (first !== undefined) admit(field, first);
    }
    const outstanding = ports.map(
      ({ agent }) => field.targets.load(agent.card, agent.card.routes[0] as never).outstanding,
    );
    expect(Math.max(...outstanding)).toBeLessThanOrEqual(13);
    expect(Math.min(...outstanding)).toBeGreaterThanOrEqual(6);
  });
});

describe("round-robin", () => {
  it("asks everybody in turn, also when some come and go", () => {
    const field = createField();
    const selector = selectorOf(field, "round-robin");
    const [a, b, c] = ["a", "b", "c"].map((id) => candidate(id)) as [never, never, never];
    const all = [c, a, b];
    expect([1, 2, 3, 4].map(() => names(selector.order(all)))).toEqual([
      ["a", "b", "c"],
      ["b", "c", "a"],
      ["c", "a", "b"],
      ["a", "b", "c"],
    ]);
    expect(names(selector.order([a, c]))[0]).toBe("c");
    expect(names(selector.order([a, b]))[0]).toBe("a");
    expect(selector.order([])).toEqual([]);
    expect(names(selector.order(all))[0]).toBe("b");
  });
});

describe("who must not be asked", () => {
  it("is left out while its breaker is open, and may be asked again when it is not", async () => {
    const field = createField();
    const [good, bad] = [candidate("good"), candidate("bad")];
    const selector = selectorOf(field);
    call(field, good);
    for (let round = 0; round < 5; round++) call(field, bad, { failure: down });
    for (let round = 0; round < 50; round++) expect(names(selector.order([good, bad]))).toEqual(["good"]);
    const waitMs = selector.nextChanceMs([bad]) ?? 0;
    expect(waitMs).toBeGreaterThanOrEqual(30_000);
    expect(waitMs).toBeLessThanOrEqual(33_000);
    expect(selector.nextChanceMs([good, bad])).toBe(0);
    await field.clock.advance(waitMs);
    expect(names(selector.order([good, bad])).sort()).toEqual(["bad", "good"]);
  });

  it("says why, and that probes are out", async () => {
    const field = createField();
    const port = candidate("one");
    for (let round = 0; round < 5; round++) call(field, port, { failure: down });
    const route = port.agent.card.routes[0] as never;
    const refused = field.targets.refusal(port.agent.card, route, 1);
    expect(refused).toMatchObject({ kind: "breaker", failure: { class: "capacity", code: "BREAKER_OPEN" } });
    expect(refused?.failure.reason).toMatch(/paused for 3\d s .* overloaded/);
    await field.clock.advance(refused?.waitMs ?? 0);
    for (let probe = 0; probe < 3; probe++) admit(field, port);
    const waiting = field.targets.refusal(port.agent.card, route, 1);
    expect(waiting).toMatchObject({ kind: "breaker", waitMs: undefined });
    expect(waiting?.failure.reason).toContain("until the probes under way have ended");
  });

  it("cannot be entered past its breaker", () => {
    const target = createTarget("one", createField());
    for (let round = 0; round < 5; round++) target.enter(1).end(report({ failure: down }));
    expect(() => target.enter(1)).toThrow(RangeError);
  });

  it("is asked again soon where only the end of a running call can tell", () => {
    const field = createField();
    const port = candidate("one", { limits: { concurrencyMax: 1 } });
    admit(field, port);
    const selector = selectorOf(field);
    expect(selector.order([port])).toEqual([]);
    expect(selector.nextChanceMs([port])).toBe(250);
    expect(selector.nextChanceMs([])).toBeUndefined();
  });

  it("is still in when another of its routes can be asked, if it may fall back", () => {
    const field = createField();
    const routes = [
      { vendor: "north", model: "n" },
      { vendor: "south", model: "s", key: "second" },
    ];
    const strict = candidate("strict", { routes });
    const flexible = candidate("flexible", { routes, fallback: true });
    for (let round = 0; round < 5; round++) call(field, strict, { failure: down });
    expect(names(selectorOf(field).order([strict, flexible]))).toEqual(["flexible"]);
  });

  it("is left out while it cools after a 429, longer with each in a row, and not at all after it answered", async () => {
    const field = createField();
    const port = candidate("one");
    const selector = selectorOf(field);
    const rate = { class: "rate", code: "VENDOR_RATE", reason: "slow down" } as const;
    const waits: number[] = [];
    for (let round = 0; round < 8; round++) {
      call(field, port, { failure: rate });
      waits.push(selector.nextChanceMs([port]) ?? 0);
      await field.clock.advance(selector.nextChanceMs([port]) ?? 0);
    }
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeGreaterThan(2_500);
    call(field, port);
    call(field, port, { failure: rate });
    expect(selector.nextChanceMs([port])).toBeLessThanOrEqual(1_500);
  });
});

describe("ejection", () => {
  const of = (id: string, overrides: Partial<TargetLoad>) => ({ port: candidate(id), load: load(overrides) });
  const sick = { success: 0.2, successWeight: 20 };
  const left = (candidates: Parameters<typeof withoutEjected>[0], demand: number) =>
    withoutEjected(candidates, demand).map(({ port }) => port.agent.card.id);

  it("leaves out who fails far too often", () => {
    expect(left([of("good", {}), of("sick", sick)], 100)).toEqual(["good"]);
  });

  it("needs more than a few calls to judge by", () => {
    expect(left([of("good", {}), of("new", { success: 0.2, successWeight: 3 })], 100)).toHaveLength(2);
  });

  it("never leaves less capacity than 1.25 times the demand", () => {
    const good = of("good", { requestsPerMinute: 100 });
    const bad = of("sick", { ...sick, requestsPerMinute: 100 });
    expect(left([good, bad], 81)).toHaveLength(2);
    expect(left([good, bad], 80)).toEqual(["good"]);
  });

  it("ejects the worst first and keeps who is still needed", () => {
    const bad = of("bad", { ...sick, success: 0.3, requestsPerMinute: 60 });
    const worse = of("worse", { ...sick, success: 0.1, requestsPerMinute: 60 });
    expect(left([bad, worse, of("good", { requestsPerMinute: 60 })], 96)).toEqual(["bad", "good"]);
    expect(left([bad, worse], 0)).toEqual(["bad"]);
  });

  it("never leaves nobody", () => {
    expect(left([of("only", sick)], 0)).toEqual(["only"]);
  });

  it("works on what the selector has seen: one that fails most of its calls is not chosen", () => {
    const field = createField();
    const [good, bad] = [candidate("good"), candidate("bad")];
    const selector = selectorOf(field);
    for (let round = 0; round < 18; round++) {
      call(field, good);
      call(field, bad, round % 4 === 3 ? {} : { failure: down, firstContentUs: 1 });
    }
    expect(field.targets.refusal(bad.agent.card, bad.agent.card.routes[0] as never, 1)).toBeUndefined();
    for (let round = 0; round < 50; round++) expect(names(selector.order([good, bad]))).toEqual(["good"]);
  });
});

describe("what a call teaches", () => {
  const loadOf = (field: Field, port: ReturnType<typeof candidate>) =>
    field.targets.load(port.agent.card, port.agent.card.routes[0] as never);

  it("counts calls under way, and ends each once", () => {
    const field = createField();
    const port = candidate("one");
    const first = admit(field, port);
    const second = admit(field, port);
    expect(loadOf(field, port).outstanding).toBe(2);
    first?.end(report());
    first?.end(report());
    first?.cancel();
    second?.cancel();
    second?.end(report({ failure: down }));
    expect(loadOf(field, port)).toMatchObject({ outstanding: 0, success: 1 });
  });

  it("takes a slow failure for a slow answer, and a quick one not for a quick answer", () => {
    const field = createField();
    const port = candidate("one");
    call(field, port, { firstContentUs: 900_000 });
    admit(field, port)?.end({ failure: down, elapsedUs: 1_000, tokensUsed: 0 });
    expect(loadOf(field, port).firstContentUs).toBe(900_000);
    call(field, port, { failure: down, elapsedUs: 60_000_000 });
    expect(loadOf(field, port).firstContentUs).toBe(60_000_000);
  });

  it("does not blame the vendor for what we stopped or what the request was", () => {
    const field = createField();
    const port = candidate("one");
    const request = { class: "request", code: "VENDOR_REQUEST", reason: "too long" } as const;
    for (let round = 0; round < 10; round++) {
      call(field, port, { failure: request });
      call(field, port, { stopped: true });
    }
    expect(loadOf(field, port)).toMatchObject({ success: 1, successWeight: 0 });
    expect(admit(field, port)).toBeDefined();
  });

  it("tells those who wait that a call has ended", () => {
    const field = createField();
    const port = candidate("one");
    let woken = 0;
    const stop = field.targets.onRelease(() => woken++);
    call(field, port);
    admit(field, port)?.cancel();
    stop();
    call(field, port);
    expect(woken).toBe(2);
  });

  it("counts anew when the card's limits change", () => {
    const field = createField();
    const tight = candidate("one", { limits: { requestsPerMinuteMax: 1 } });
    const loose = candidate("one", { limits: { requestsPerMinuteMax: 3 } });
    call(field, tight);
    expect(call(field, tight)).toBe(false);
    expect([1, 2, 3, 4].map(() => call(field, loose))).toEqual([true, true, true, false]);
  });
});
