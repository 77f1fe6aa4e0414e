// Six bugs that users of a well-known model router have reported (numbers of
// BerriAI/litellm's issues). Each is a promise of ours.
import { expect, it } from "vitest";
import { createSelector } from "../../../src/mesh/selection/selector.ts";
import { verifies } from "../../requirements.ts";
import { fails, scripted } from "../attempts/runner-harness.ts";
import { usingStages } from "../attempts/stages.ts";
import { admit, candidate, createField, report } from "./candidates.ts";

const stage = usingStages();

it("33032: a limit of n lets the n-th request pass, and only the next is refused", () => {
  verifies("R2.5");
  const field = createField();
  const port = candidate("one", { limits: { requestsPerMinuteMax: 3 } });
  expect([1, 2, 3, 4].map(() => admit(field, port) !== undefined)).toEqual([true, true, true, false]);
});

it("5783: tokens a minute hold for calls that run at the same time", async () => {
  const s = await stage();
  const limits = { tokensPerMinuteMax: 400 };
  const agent = scripted(
    s.clock,
    Array.from({ length: 6 }, () => ({ text: "ok", delayMs: 5_000 })),
    { limits },
  );
  const turns = await Promise.all(Array.from({ length: 6 }, () => s.openTurn(agent)));
  await s.runAll(turns);
  const started = await s.events("attempt.started");
  expect(started).toHaveLength(6);
  const reserved = ({ data }: (typeof started)[number]) => data.inputTokensEstimated + data.outputTokensMax;
  for (const first of started) {
    // Those that had not ended when it began were all counted at their full size.
    const sameMoment = started.filter(({ atUs }) => Math.abs(atUs - first.atUs) < 5_000_000);
    expect(sameMoment.reduce((sum, event) => sum + reserved(event), 0)).toBeLessThanOrEqual(400);
  }
  expect(new Set(started.map(({ atUs }) => atUs)).size).toBeGreaterThan(1);
});

it("7669: a retry-after is waited for; the turn does not fail at once", async () => {
  const s = await stage();
  const agent = scripted(s.clock, [fails("rate", { retryAfterMs: 30_000 }), "yes"]);
  expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 2 });
  const [first, second] = await s.events("attempt.started");
  expect((second?.atUs ?? 0) - (first?.atUs ?? 0)).toBeGreaterThanOrEqual(30_000_000);
});

it("8430: counters stay in step: of 24 allowed calls 24 pass, not 19, however many others were given up", async () => {
  const field = createField();
  const port = candidate("one", {
    limits: { requestsPerMinuteMax: 24, tokensPerMinuteMax: 2_400, concurrencyMax: 12 },
  });
  let made = 0;
  for (let round = 0; round < 200 && made < 24; round++) {
    admit(field, port, 100)?.cancel();
    const permit = admit(field, port, 100);
    if (permit !== undefined) made++;
    permit?.end(report({ tokensUsed: 100 }));
    permit?.end(report({ tokensUsed: 100 }));
    permit?.cancel();
    await field.clock.advance(10);
  }
  expect(made).toBe(24);
  expect(admit(field, port, 1)).toBeUndefined();
  await field.clock.advance(60_000);
  const next = Array.from({ length: 25 }, () => {
    const permit = admit(field, port, 100);
    permit?.end(report({ tokensUsed: 100 }));
    return permit !== undefined;
  });
  expect(next).toEqual([...Array.from({ length: 24 }, () => true), false]);
});

it("1289: when all are over their limit nobody is asked at random; the next chance is named", () => {
  const field = createField();
  const ports = ["a", "b"].map((id) => candidate(id, { limits: { requestsPerMinuteMax: 1 } }));
  for (const port of ports) admit(field, port);
  for (const strategy of ["score", "round-robin"] as const) {
    const selector = createSelector({ ...field, strategy });
    expect(selector.order(ports)).toEqual([]);
    expect(selector.nextChanceMs(ports)).toBe(60_000);
  }
});

it("7395: requests a minute are enforced for every call, also of an agent that is asked by name", async () => {
  const s = await stage();
  const agent = scripted(
    s.clock,
    Array.from({ length: 9 }, () => "ok"),
    { limits: { requestsPerMinuteMax: 3 } },
  );
  const turns = await Promise.all(Array.from({ length: 9 }, () => s.openTurn(agent)));
  await s.runAll(turns);
  const times = (await s.events("attempt.started")).map(({ atUs }) => atUs);
  expect(times).toHaveLength(9);
  for (const from of times) {
    expect(times.filter((atUs) => atUs >= from && atUs < from + 60_000_000).length).toBeLessThanOrEqual(3);
  }
  expect((times[8] ?? 0) - (times[0] ?? 0)).toBe(120_000_000);
});
