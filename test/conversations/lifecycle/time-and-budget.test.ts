// Deadlines, budgets, and members who are not there.
import { describe, expect, it } from "vitest";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { verifies } from "../../requirements.ts";
import { createWorld, finish, hold, type ProcessOptions, request } from "../world.ts";
import { gather, HANG, party, roster, slowly, speaking } from "./party.ts";

describe("time", () => {
  it("a round with its quorum closes at the soft deadline; a late answer is logged and not counted", async () => {
    const world = await createWorld();
    const process = await world.start(party({ deepseek: slowly(20_000, "too late") }));
    const settings = { roundSoftMs: 5_000, roundHardMs: 60_000, rounds: 1 };
    const { id, outcome } = await hold(world, process, request(roster, { settings }));
    expect(outcome.quorum.failed).toEqual([
      { agent: "deepseek", code: "DEADLINE", reason: "no answer before round 0 closed" },
    ]);
    expect(outcome.status).toBe("degraded");
    expect(outcome.ballots.map(({ agent }) => agent)).toEqual(["claude", "gemini"]);
    const steps = (await world.eventsOf(id, "orchestration.stepped")).map(({ data }) => data);
    expect(steps.filter(({ type }) => type === "round-deadline")).toMatchObject([
      { detail: { round: 0, hard: false } },
    ]);
    await world.close();
  });

  it("a round without its quorum waits for the hard deadline, then the conversation fails", async () => {
    const world = await createWorld();
    const process = await world.start(party({ deepseek: HANG, gemini: HANG }));
    const before = world.clock.nowUs();
    const settings = { roundSoftMs: 5_000, roundHardMs: 30_000 };
    const { outcome } = await hold(world, process, request(roster, { settings }));
    expect(outcome).toMatchObject({ status: "failed", answer: null });
    expect(outcome.quorum.failed.map(({ agent }) => agent).toSorted()).toEqual(["deepseek", "gemini"]);
    expect((world.clock.nowUs() - before) / 1e6).toBeGreaterThanOrEqual(30);
    await world.close();
  });

  it("in a sequence each speaker has the time of a round, and a silent one is passed over", async () => {
    const world = await createWorld();
    const process = await world.start(party({ gemini: HANG }));
    const settings = { rounds: 1, roundSoftMs: 1_000, roundHardMs: 10_000 };
    const { outcome } = await hold(world, process, request(roster, { orchestration: "round-robin", settings }));
    expect(outcome).toMatchObject({ status: "degraded", answer: "deepseek says it" });
    expect(outcome.quorum.failed).toMatchObject([{ agent: "gemini" }]);
    await world.close();
  });

  it("the whole deadline ends it with what there is", async () => {
    const world = await createWorld();
    const process = await world.start(party({ gemini: HANG }));
    const { outcome } = await hold(world, process, gather({ deadlineMs: 15_000 }));
    expect(outcome).toMatchObject({ status: "degraded" });
    expect(outcome.stopReasons[0]).toBe("deadline: the conversation's deadline has passed");
    expect(outcome.answer).toContain("claude says it");
    expect(outcome.quorum.failed).toMatchObject([{ agent: "gemini", code: "DEADLINE" }]);
    await world.close();
  });

  it("a deadline that passed while nobody drove it ends it at once", async () => {
    const world = await createWorld();
    const process = await world.start(party());
    const id = await world.clock.run(process.conversations.create(gather({ deadlineMs: 1_000 })));
    await world.clock.advance(5_000);
    expect(await finish(world, process, id)).toMatchObject({ status: "failed" });
    expect(roster.flatMap((card) => process.agent(card.id).requests)).toEqual([]);
    await world.close();
  });
});

describe("budget", () => {
  const DEAR = { inputNanoUsdPerToken: 0, outputNanoUsdPerToken: 1_000 };
  const long = (id: string) => ({ text: `${id} says it`, usage: { ...NO_USAGE, output: 1_000 } });

  it("ends with what there is when the budget is spent", async () => {
    verifies("R7.4");
    const world = await createWorld();
    const answers = Object.fromEntries(roster.map(({ id }) => [id, long(id)]));
    const process = await world.start({ ...party(answers), prices: DEAR });
    // One answer of a thousand tokens; what it leaves is not enough for a second one.
    const { id, outcome } = await hold(world, process, gather({ budgetNanoUsd: 1_500_000 }));
    expect(outcome.status).toBe("budget_exhausted");
    expect(outcome.answer).toContain("says it");
    expect(outcome.quorum.answered).toHaveLength(1);
    expect(outcome.quorum.failed.every(({ code }) => code === "BUDGET_EXHAUSTED")).toBe(true);
    const settled = await world.eventsOf(id, "attempt.settled");
    expect(settled.reduce((sum, { data }) => sum + data.costNanoUsd, 0)).toBe(1_000_000);
    await world.close();
  });

  it("lets everybody speak, one after the other, where only their reservations exceed it", async () => {
    verifies("R7.4");
    const world = await createWorld();
    const process = await world.start({ ...party(), prices: DEAR });
    // One answer of at most 8,192 tokens fits, a second one beside it does not.
    const { id, outcome } = await hold(world, process, gather({ budgetNanoUsd: 9_000_000 }));
    expect(outcome.status).toBe("decided");
    expect(outcome.quorum.answered).toHaveLength(3);
    expect(await world.eventsOf(id, "budget.refused")).toEqual([]);
    await world.close();
  });

  it("too small for a single answer, it is known before anybody is asked, with what would do", async () => {
    verifies("R7.4");
    const world = await createWorld();
    const process = await world.start({ ...party(), prices: DEAR });
    const { id, outcome } = await hold(world, process, gather({ budgetNanoUsd: 1_023_999 }));
    expect(outcome).toMatchObject({ status: "budget_exhausted", answer: null });
    expect(outcome.stopReasons).toEqual([
      "budget-exhausted: 0 of at least 1 members could take part; the smallest budget that could start is $0.001024",
    ]);
    expect(outcome.quorum.failed.map(({ code }) => code)).toEqual(["BUDGET", "BUDGET", "BUDGET"]);
    expect(await world.eventsOf(id, "attempt.started")).toEqual([]);
    expect((await hold(world, process, gather({ budgetNanoUsd: 1_024_000 }))).outcome.answer).toContain("says it");
    await world.close();
  });

  it("too small for some, it leaves them out, and the others go on", async () => {
    const world = await createWorld();
    const [first, ...others] = roster;
    const frugal = others.map((card) => ({ ...card, outputTokensMax: 100 }));
    const members = [first, ...frugal].filter((card) => card !== undefined);
    const agents = members.map((card) => ({ card, otherwise: speaking(card.id) }));
    const process = await world.start({ agents, prices: DEAR });
    const ask = request(members, { orchestration: "gather", budgetNanoUsd: 900_000 });
    const { outcome } = await hold(world, process, ask);
    expect(outcome.status).toBe("degraded");
    expect(outcome.quorum.failed).toMatchObject([{ agent: first?.id, code: "BUDGET" }]);
    await world.close();
  });

  it("a budget of one agent's stops that agent only", async () => {
    const world = await createWorld();
    const process = await world.start({
      ...party(),
      prices: { inputNanoUsdPerToken: 0, outputNanoUsdPerToken: 1_000 },
      conversations: { budgets: { agentNanoUsd: 1_000 } },
    });
    const { outcome } = await hold(world, process, gather());
    expect(outcome.status).toBe("failed");
    expect(outcome.quorum.failed.map(({ code }) => code)).toEqual(Array(3).fill("BUDGET_EXHAUSTED"));
    await world.close();
  });
});

describe("members who are not there", () => {
  const probing = (failing: readonly string[]): ProcessOptions => ({
    agents: party().agents.map((agent) => ({ ...agent, probeFails: failing.includes(agent.card.id) })),
  });

  it("one who is refused in the handshake is part of the failures, and the others go on", async () => {
    const world = await createWorld();
    const { outcome } = await hold(world, await world.start(probing(["gemini"])), request(roster));
    expect(outcome.status).toBe("degraded");
    expect(outcome.quorum.failed).toMatchObject([{ agent: "gemini", code: "AUTH" }]);
    expect(outcome.quorum.asked).toContain("gemini");
    await world.close();
  });

  it("below the fewest members it has failed, with the reasons, before anybody is asked", async () => {
    const world = await createWorld();
    const process = await world.start(probing(["gemini", "deepseek"]));
    const { id, outcome } = await hold(world, process, request(roster));
    expect(outcome).toMatchObject({
      status: "failed",
      turns: 0,
      stopReasons: ["quorum: 1 of at least 2 members could take part"],
    });
    expect(outcome.decision.reasons).toHaveLength(2);
    expect(process.agent("claude").requests).toHaveLength(0);
    expect(await finish(world, process, id)).toEqual(outcome);
    await world.close();
  });

  it("a member without a port in the process that resumes fails its turns; nobody stands in for it", async () => {
    const world = await createWorld();
    const first = await world.start({ ...party(), killAtPosition: 30 });
    const id = await world.clock.run(first.conversations.create(request(roster)));
    void first.conversations.run(id);
    await world.clock.advance(60_000);
    first.kill();
    const second = await world.start({ agents: party().agents.filter(({ card }) => card.id !== "deepseek") });
    const outcome = await finish(world, second, id);
    expect(outcome.status).toBe("degraded");
    expect(outcome.quorum.failed).toMatchObject([{ agent: "deepseek", code: "UNREACHABLE" }]);
    await world.close();
  });

  it.each(["its turn open", "nothing open"])(
    "one refused when another process resumes, with %s, fails at once",
    async (how) => {
      verifies("R7.3");
      const world = await createWorld();
      const isOpen = how === "its turn open";
      const first = await world.start(party(isOpen ? { gemini: HANG } : { claude: HANG }));
      const settings = { roundSoftMs: 180_000, roundHardMs: 600_000 };
      const id = await world.clock.run(first.conversations.create(request(roster, { settings })));
      void first.conversations.run(id);
      await world.clock.advance(3_000);
      first.kill();
      await world.clock.advance(11_000);
      const second = await world.start(probing(["gemini"]));
      const beforeUs = world.clock.nowUs();
      const outcome = await finish(world, second, id);
      expect((world.clock.nowUs() - beforeUs) / 1e6).toBeLessThan(5);
      expect(outcome).toMatchObject({ status: "degraded", answer: "claude says it" });
      expect(outcome.quorum.failed).toEqual([{ agent: "gemini", code: "AUTH", reason: "the key is refused" }]);
      expect(outcome.quorum.answered).toEqual(["claude", "deepseek"]);
      expect(second.agent("gemini").requests).toEqual([]);
      const failed = await world.eventsOf(id, "turn.failed");
      expect(failed.map(({ data }) => [data.agent, data.failure.code])).toEqual(isOpen ? [["gemini", "AUTH"]] : []);
      await world.close();
    },
  );

  it("when all are refused by whoever resumes, it fails at once with their reasons", async () => {
    const world = await createWorld();
    const first = await world.start(party({ claude: HANG, gemini: HANG, deepseek: HANG }));
    const id = await world.clock.run(first.conversations.create(request(roster)));
    void first.conversations.run(id);
    await world.clock.advance(3_000);
    first.kill();
    await world.clock.advance(11_000);
    const second = await world.start(probing(["claude", "gemini", "deepseek"]));
    const beforeUs = world.clock.nowUs();
    const outcome = await finish(world, second, id);
    expect((world.clock.nowUs() - beforeUs) / 1e6).toBeLessThan(5);
    expect(outcome.status).toBe("failed");
    expect(outcome.quorum.failed.map(({ code }) => code)).toEqual(["AUTH", "AUTH", "AUTH"]);
    await world.close();
  });
});
