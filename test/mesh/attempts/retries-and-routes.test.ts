// Which failure is tried again, where, and after how long.
import { describe, expect, it } from "vitest";
import type { FailureClass } from "../../../src/domain/failure.ts";
import type { TurnPolicy } from "../../../src/mesh/mesh.ts";
import { verifies } from "../../requirements.ts";
import {
  acceptAll,
  byModel,
  FALLS_BACK,
  fails,
  failureOf,
  NORTH,
  requestOf,
  SOUTH,
  scripted,
} from "./runner-harness.ts";
import { usingStages } from "./stages.ts";

const stage = usingStages();

describe("on one route", () => {
  it("replaces a failed attempt silently, and an aborted one from nothing", async () => {
    const s = await stage();
    const aborted = { failure: failureOf("transient"), partial: [{ type: "text", text: "half an ans" }] } as const;
    const agent = scripted(s.clock, [fails("transient"), aborted, "whole"]);
    expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 3 });
    const settled = await s.events("attempt.settled");
    expect(settled.map(({ data }) => data.outcome)).toEqual(["failed", "aborted", "succeeded"]);
    const [completed] = await s.events("turn.completed");
    if (completed === undefined) throw new Error("no answer");
    expect(await s.journal.body(completed.data.body)).toEqual({ parts: [{ type: "text", text: "whole" }] });
  });

  it.each([
    ["transient", 3],
    ["capacity", 3],
    ["rate", 3],
    ["auth", 1],
    ["budget", 1],
    ["request", 1],
    ["policy", 1],
  ] as const)("makes of %s failures %i attempts", async (kind, attempts) => {
    const s = await stage();
    const agent = scripted(
      s.clock,
      Array.from({ length: attempts }, () => fails(kind)),
    );
    const result = await s.run(await s.openTurn(agent));
    expect(result).toEqual({ kind: "failed", attempts, failure: failureOf(kind) });
    agent.assertComplete();
  });

  it("waits as long as the vendor asks, and not much longer", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [fails("rate", { retryAfterMs: 12_000 }), "yes"]);
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ kind: "answered" });
    const [first, second] = await s.events("attempt.started");
    const waitedMs = ((second?.atUs ?? 0) - (first?.atUs ?? 0)) / 1_000;
    expect(waitedMs).toBeGreaterThanOrEqual(12_000);
    expect(waitedMs).toBeLessThan(13_000);
  });

  it("does not begin a wait that would pass the deadline", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [fails("rate", { retryAfterMs: 700_000 })]);
    const before = s.clock.nowUs();
    const result = await s.run(await s.openTurn(agent));
    expect(result).toMatchObject({ kind: "failed", attempts: 1, failure: { code: "VENDOR_RATE" } });
    expect(s.clock.nowUs() - before).toBeLessThan(1_000_000);
  });

  it("asks once more without opaque blocks when a request that had some is refused", async () => {
    const s = await stage();
    const policy: TurnPolicy = {
      ...acceptAll,
      project: async (context) => {
        const request = requestOf(context);
        const own = { role: "assistant" as const, parts: [], opaque: { signature: "old" } };
        return { request: { ...request, history: [own, ...request.history] }, context: { ranges: [], except: [] } };
      },
    };
    const agent = scripted(s.clock, [fails("request"), fails("request")]);
    expect(await s.run(await s.openTurn(agent, { policy }))).toMatchObject({ kind: "failed", attempts: 2 });
    expect(agent.requests.map((request) => request.history.some((turn) => turn.opaque !== undefined))).toEqual([
      true,
      false,
    ]);
  });

  it("keeps the agent's limit on requests a minute", async () => {
    const s = await stage();
    const limits = { requestsPerMinuteMax: 1 };
    const agent = scripted(s.clock, ["one", "two"], { limits });
    const before = s.clock.nowUs();
    await s.run(await s.openTurn(agent));
    await s.run(await s.openTurn(agent));
    const [first, second] = await s.events("attempt.started");
    expect((second?.atUs ?? 0) - (first?.atUs ?? before)).toBeGreaterThanOrEqual(60_000_000);
  });

  it("takes turns where the agent may have one call at once", async () => {
    const s = await stage();
    const slow = { text: "yes", delayMs: 5_000 };
    const agent = scripted(s.clock, [slow, slow, slow], { limits: { concurrencyMax: 1 } });
    const turns = [await s.openTurn(agent), await s.openTurn(agent), await s.openTurn(agent)];
    const results = await s.runAll(turns);
    expect(results.map(({ kind }) => kind)).toEqual(["answered", "answered", "answered"]);
    const events = (await s.all()).map(({ kind }) => kind).filter((kind) => kind.startsWith("attempt."));
    expect(events).toEqual(Array.from({ length: 3 }, () => ["attempt.started", "attempt.settled"]).flat());
  });

  it("is stopped by its breaker after five failures in a row, and says why", async () => {
    const s = await stage();
    const agent = scripted(
      s.clock,
      Array.from({ length: 5 }, () => fails("capacity")),
    );
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ attempts: 3 });
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ attempts: 2, failure: { code: "VENDOR_CAPACITY" } });
    const third = await s.run(await s.openTurn(agent));
    expect(third).toMatchObject({ kind: "failed", attempts: 0, failure: { class: "capacity", code: "BREAKER_OPEN" } });
    expect(third.kind === "failed" && third.failure.reason).toContain("the vendor said capacity");
    agent.assertComplete();
  });

  it("is not asked again at once where its key was refused", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [fails("auth"), "yes"]);
    await s.run(await s.openTurn(agent));
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ attempts: 0, failure: { class: "auth" } });
    await s.clock.advance(61_000);
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ kind: "answered", attempts: 1 });
  });
});

describe("over several routes", () => {
  it("never leaves the agent's own route unless it may", async () => {
    verifies("R7.2");
    const s = await stage();
    const agent = byModel(s.clock, { "n-1": [fails("auth")], "s-1": [] })({ ...FALLS_BACK, fallback: false });
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ kind: "failed", failure: { class: "auth" } });
    expect(agent.requests.map(({ route }) => route)).toEqual([NORTH]);
  });

  it("answers by the next route where it may, and says by which", async () => {
    const s = await stage();
    const agent = byModel(s.clock, { "n-1": [fails("auth")], "s-1": ["yes"] })();
    expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 2 });
    const [completed] = await s.events("turn.completed");
    expect(completed?.data.answeredBy).toEqual(SOUTH);
    expect((await s.events("attempt.started")).map(({ data }) => [data.route, data.attempt])).toEqual([
      [NORTH, 1],
      [SOUTH, 2],
    ]);
  });

  it("does not say so when its own route answered after all", async () => {
    const s = await stage();
    const agent = byModel(s.clock, { "n-1": [fails("transient"), "yes"], "s-1": [] })();
    await s.run(await s.openTurn(agent));
    const [completed] = await s.events("turn.completed");
    expect(completed?.data.answeredBy).toBeUndefined();
  });

  it("goes on at once when the vendor is overloaded, and comes back when the next fails too", async () => {
    const s = await stage();
    const agent = byModel(s.clock, { "n-1": [fails("capacity"), "late"], "s-1": [fails("policy")] })();
    expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 3 });
    const [first, second] = await s.events("attempt.started");
    expect((second?.atUs ?? 0) - (first?.atUs ?? 0)).toBe(0);
    expect(agent.requests.map(({ route }) => route.model)).toEqual(["n-1", "s-1", "n-1"]);
  });

  it("gives the next route all its own tries", async () => {
    const s = await stage();
    const three = [fails("transient"), fails("transient"), fails("transient")];
    const agent = byModel(s.clock, { "n-1": [...three], "s-1": [...three] })();
    expect(await s.run(await s.openTurn(agent))).toMatchObject({ kind: "failed", attempts: 6 });
  });

  it.each([
    ["policy", { vendor: "north", model: "n-2" }, false],
    ["auth", { vendor: "north", model: "n-2" }, false],
    ["auth", { vendor: "north", model: "n-2", key: "second" }, true],
    ["budget", { vendor: "north", model: "n-2", key: "second" }, true],
    ["request", { vendor: "north", model: "n-2" }, true],
  ] as const)("after a %s failure asks %o: %s", async (kind, route, asked) => {
    const s = await stage();
    const agent = byModel(s.clock, { "n-1": [fails(kind)], "n-2": ["yes"] })({
      fallback: true,
      routes: [NORTH, route],
    });
    const result = await s.run(await s.openTurn(agent));
    expect(result.kind).toBe(asked ? "answered" : "failed");
  });

  it("tells what its own route said, not what the last one refused", async () => {
    const s = await stage();
    const spoil = byModel(s.clock, { "s-1": Array.from({ length: 6 }, () => fails("transient")) })({
      id: "bob",
      routes: [SOUTH],
    });
    await s.run(await s.openTurn(spoil));
    await s.run(await s.openTurn(spoil));
    const agent = byModel(s.clock, { "n-1": [fails("policy")] })();
    const result = await s.run(await s.openTurn(agent));
    expect(result).toMatchObject({ kind: "failed", attempts: 1, failure: { class: "policy" } });
  });

  it("starts the next route from the question, not from another model's answer", async () => {
    const s = await stage();
    const policy: TurnPolicy = {
      ...acceptAll,
      interpret: (context, parts) =>
        context.route.vendor === "north" ? { kind: "repair", instruction: "again" } : { kind: "accept", parts },
    };
    const agent = byModel(s.clock, { "n-1": ["bad", fails("policy")], "s-1": ["good"] })();
    await s.run(await s.openTurn(agent, { policy }));
    const asked = agent.requests.map(({ history }) => history[0]?.parts[0]);
    expect(asked).toEqual(["the question", "again", "the question"].map((text) => ({ type: "text", text })));
    expect((await s.events("attempt.started")).map(({ data }) => data.step)).toEqual([0, 1, 0]);
  });
});

describe("where other agents could take the turn", () => {
  it.each([
    ["rate", 1],
    ["capacity", 1],
    ["transient", 3],
    ["policy", 1],
  ] as const)("leaves it to them after a %s failure: %i attempts", async (kind: FailureClass, attempts) => {
    const s = await stage();
    const agent = scripted(
      s.clock,
      Array.from({ length: attempts }, () => fails(kind)),
    );
    const result = await s.run(await s.openTurn(agent, { otherCandidates: 2 }));
    expect(result).toMatchObject({ kind: "failed", attempts, failure: { class: kind } });
    agent.assertComplete();
  });

  it("does not wait for its own limits", async () => {
    const s = await stage();
    const agent = scripted(s.clock, ["one"], { limits: { requestsPerMinuteMax: 1 } });
    await s.run(await s.openTurn(agent));
    const result = await s.run(await s.openTurn(agent, { otherCandidates: 1 }));
    expect(result).toMatchObject({ kind: "failed", attempts: 0, failure: { class: "rate", code: "OVERLOADED" } });
  });
});

it("repeats at most three calls of a quiet vendor at the same time", async () => {
  const s = await stage();
  const slowFailure = { failure: failureOf("transient"), delayMs: 1_000 };
  const agents = Array.from({ length: 4 }, (_, index) =>
    scripted(s.clock, [fails("transient"), slowFailure, slowFailure], {
      id: `agent-${index}`,
      routes: [{ vendor: "north", model: `n-${index}` }],
    }),
  );
  // All first tries end before the first retry begins; then only retries are under way.
  const turns = await Promise.all(agents.map((agent) => s.openTurn(agent)));
  const results = await s.runAll(turns);
  const attempts = results.map((result) => result.attempts).sort((a, b) => a - b);
  expect(attempts).toEqual([1, 3, 3, 3]);
});
