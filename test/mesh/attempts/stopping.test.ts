// Turns that are stopped, overdue, refused by the conversation or taken over, and
// attempts that a crash left open.
import { describe, expect, it } from "vitest";
import { PolylogueError } from "../../../src/domain/errors.ts";
import { conversationLease } from "../../../src/storage/store.ts";
import { failureOf, scripted } from "./runner-harness.ts";
import { usingStages } from "./stages.ts";

const stage = usingStages();
const HANG = { hang: true } as const;

describe("a turn that is stopped", () => {
  it("settles its attempt as aborted, at its reserved cost: what the vendor did unseen is not known", async () => {
    const s = await stage();
    const stop = new AbortController();
    const stream = [
      { event: { type: "text-delta", text: "partial text" } as const, afterMs: 100 },
      { event: { type: "text-delta", text: "never" } as const, afterMs: 60_000 },
    ];
    s.clock.setTimer(1_000, () => stop.abort(new Error("drain")));
    const result = await s.run(await s.openTurn(scripted(s.clock, [{ stream }])), { signal: stop.signal });
    expect(result).toEqual({ kind: "stopped", attempts: 1 });
    const [settled] = await s.events("attempt.settled");
    const [started] = await s.events("attempt.started");
    expect(settled?.data.costNanoUsd).toBe(started?.data.reservedNanoUsd);
    expect(settled?.data).toMatchObject({
      outcome: "aborted",
      usageEstimated: true,
      usage: { output: 100 },
      failure: { code: "CANCELLED" },
    });
    expect(s.progress.at(-1)).toMatchObject({ type: "attempt-ended", outcome: "aborted" });
  });

  it("is charged so even before anything came", async () => {
    const s = await stage();
    const stop = new AbortController();
    s.clock.setTimer(1_000, () => stop.abort(new Error("drain")));
    await s.run(await s.openTurn(scripted(s.clock, [HANG])), { signal: stop.signal });
    const [settled] = await s.events("attempt.settled");
    const [started] = await s.events("attempt.started");
    expect(settled?.data.costNanoUsd).toBe(started?.data.reservedNanoUsd);
  });

  it("does not blame the vendor", async () => {
    const s = await stage();
    for (let round = 0; round < 6; round++) {
      const stop = new AbortController();
      s.clock.setTimer(10, () => stop.abort(new Error("drain")));
      await s.run(await s.openTurn(scripted(s.clock, [HANG])), { signal: stop.signal });
    }
    expect(await s.run(await s.openTurn(scripted(s.clock, ["yes"])))).toMatchObject({ kind: "answered" });
  });

  it("makes no attempt when it was stopped before", async () => {
    const s = await stage();
    const result = await s.run(await s.openTurn(scripted(s.clock, [])), { signal: AbortSignal.abort() });
    expect(result).toEqual({ kind: "stopped", attempts: 0 });
    expect(await s.events("attempt.started")).toEqual([]);
  });

  it("ends its wait for the next try at once", async () => {
    const s = await stage();
    const stop = new AbortController();
    s.clock.setTimer(1_000, () => stop.abort(new Error("cancel")));
    const agent = scripted(s.clock, [{ failure: failureOf("rate", { retryAfterMs: 60_000 }) }]);
    const before = s.clock.monotonicUs();
    const result = await s.run(await s.openTurn(agent), { signal: stop.signal });
    expect(result).toEqual({ kind: "stopped", attempts: 1 });
    expect(s.clock.monotonicUs() - before).toBe(1_000_000);
  });

  it("makes no attempt when it was stopped while its request was built", async () => {
    const s = await stage();
    const stop = new AbortController();
    const turn = await s.openTurn(scripted(s.clock, []));
    const project: typeof turn.policy.project = async (context) => {
      stop.abort();
      return turn.policy.project(context);
    };
    const policy = { ...turn.policy, project };
    const result = await s.run({ ...turn, policy }, { signal: stop.signal });
    expect(result).toEqual({ kind: "stopped", attempts: 0 });
  });
});

describe("a turn whose deadline comes", () => {
  it("is stopped in the middle of its call", async () => {
    const s = await stage();
    const turn = await s.openTurn(scripted(s.clock, [HANG]), { deadlineUs: s.clock.nowUs() + 5_000_000 });
    expect(await s.run(turn)).toEqual({ kind: "stopped", attempts: 1 });
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({ outcome: "aborted", failure: { code: "TIMEOUT_TURN" } });
    expect(settled?.data.timings.totalUs).toBe(5_000_000);
  });

  it("is never started late", async () => {
    const s = await stage();
    const turn = await s.openTurn(scripted(s.clock, []), { deadlineUs: s.clock.nowUs() - 1 });
    expect(await s.run(turn)).toEqual({ kind: "stopped", attempts: 0 });
  });

  it("is stopped while it waits for another call to end", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [HANG], { limits: { concurrencyMax: 1 } });
    const long = await s.openTurn(agent, { deadlineUs: s.clock.nowUs() + 50_000_000 });
    const short = await s.openTurn(agent, { deadlineUs: s.clock.nowUs() + 5_000_000 });
    const results = await s.runAll([long, short]);
    expect(results).toEqual([
      { kind: "stopped", attempts: 1 },
      { kind: "stopped", attempts: 0 },
    ]);
  });
});

describe("a turn that takes longer than a turn may", () => {
  it("fails, with all its calls and waits in the time", async () => {
    const s = await stage();
    const runner = s.anotherRunner({ limits: { turnMs: 20_000 } });
    const turn = await s.openTurn(scripted(s.clock, [{ failure: failureOf("transient"), delayMs: 15_000 }, HANG]));
    const before = s.clock.monotonicUs();
    expect(await s.run(turn, { runner })).toEqual({
      kind: "failed",
      attempts: 2,
      failure: { class: "transient", code: "TIMEOUT_TURN", reason: "the turn did not end within 20000 ms" },
    });
    expect(s.clock.monotonicUs() - before).toBe(20_000_000);
    expect((await s.events("attempt.settled")).map(({ data }) => data.outcome)).toEqual(["failed", "aborted"]);
  });

  it("fails also while it waits for a budget that others hold", async () => {
    const s = await stage();
    const budgets = { dayNanoUsd: 1_100 };
    void s.start(await s.openTurn(scripted(s.clock, [HANG]), { budgets }));
    await s.clock.advance(10);
    const runner = s.anotherRunner({ limits: { turnMs: 5_000 } });
    const waiting = await s.openTurn(scripted(s.clock, [], { id: "bob" }), { budgets });
    expect(await s.run(waiting, { runner })).toMatchObject({ failure: { code: "TIMEOUT_TURN" }, attempts: 0 });
  });

  it("expires where its own deadline comes first", async () => {
    const s = await stage();
    const runner = s.anotherRunner({ limits: { turnMs: 20_000 } });
    const turn = await s.openTurn(scripted(s.clock, [HANG]), { deadlineUs: s.clock.nowUs() + 5_000_000 });
    expect(await s.run(turn, { runner })).toEqual({ kind: "stopped", attempts: 1 });
  });
});

describe("an answer the conversation refuses", () => {
  it("is paid for, and makes no message", async () => {
    const s = await stage();
    const commit = () => {
      throw new PolylogueError("TURN_CLOSED", { message: "the turn has its result" });
    };
    const result = await s.run(await s.openTurn(scripted(s.clock, ["late"])), { commit });
    expect(result).toEqual({ kind: "stopped", attempts: 1 });
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data.outcome).toBe("succeeded");
    expect(await s.events("turn.completed")).toEqual([]);
  });

  it("is settled also when the commit itself is at fault", async () => {
    const s = await stage();
    const commit = () => {
      throw new TypeError("a bug");
    };
    const turn = await s.openTurn(scripted(s.clock, ["late"]));
    await expect(s.run(turn, { commit })).rejects.toThrow("a bug");
    expect(await s.events("attempt.settled")).toHaveLength(1);
  });
});

describe("a conversation that another process took over", () => {
  it("is not written to any more: before the call", async () => {
    const s = await stage();
    await s.store.releaseLease(s.lease);
    const name = conversationLease(s.conversationId);
    await s.store.acquireLease({ name, owner: "other", ttlMs: 1_000, nowUs: s.clock.nowUs() });
    expect(await s.run(await s.openTurn(scripted(s.clock, [])))).toEqual({ kind: "stopped", attempts: 0 });
  });

  it("is not written to any more: after the call; the reservation stays until it is settled as lost", async () => {
    const s = await stage();
    const turn = await s.openTurn(scripted(s.clock, [{ text: "yes", delayMs: 5_000 }]));
    const running = s.start(turn);
    await s.clock.advance(1_000);
    await s.store.releaseLease(s.lease);
    const name = conversationLease(s.conversationId);
    const lease = await s.store.acquireLease({ name, owner: "other", ttlMs: 1_000, nowUs: s.clock.nowUs() });
    expect((await s.clock.run(running)).kind).toBe("stopped");
    expect(await s.events("attempt.settled")).toEqual([]);
    if (lease === undefined) throw new Error("no lease");
    expect(await s.anotherRunner().settleLost(s.conversationId, lease)).toBe(1);
  });
});

describe("after a crash between intent and outcome", () => {
  it("settles the open attempt as lost at its reserved cost, once", async () => {
    const s = await stage();
    const turn = await s.openTurn(
      scripted(s.clock, [HANG], { routes: [{ vendor: "north", model: "n", key: "main" }] }),
    );
    void s.start(turn);
    await s.clock.advance(10);
    const [started] = await s.events("attempt.started");
    // The process that comes after the crash knows nothing of the call.
    const recovered = s.anotherRunner();
    expect(await recovered.settleLost(s.conversationId, s.lease)).toBe(1);
    expect(await recovered.settleLost(s.conversationId, s.lease)).toBe(0);
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({
      attemptId: started?.data.attemptId,
      route: { vendor: "north", model: "n", key: "main" },
      outcome: "lost",
      costNanoUsd: started?.data.reservedNanoUsd,
      failure: { code: "ATTEMPT_LOST" },
    });
  });

  it("leaves alone what this process itself has under way", async () => {
    const s = await stage();
    const running = s.start(await s.openTurn(scripted(s.clock, [{ text: "yes", delayMs: 1_000 }])));
    await s.clock.advance(10);
    expect(await s.runner.settleLost(s.conversationId, s.lease)).toBe(0);
    expect(await s.clock.run(running)).toEqual({ kind: "answered", attempts: 1 });
  });

  it("does not let the old call settle or answer a second time", async () => {
    const s = await stage();
    const running = s.start(await s.openTurn(scripted(s.clock, [{ text: "yes", delayMs: 1_000 }])));
    await s.clock.advance(10);
    await s.anotherRunner().settleLost(s.conversationId, s.lease);
    expect(await s.clock.run(running)).toEqual({ kind: "stopped", attempts: 1 });
    expect((await s.events("attempt.settled")).map(({ data }) => data.outcome)).toEqual(["lost"]);
    expect(await s.events("turn.completed")).toEqual([]);
  });
});
