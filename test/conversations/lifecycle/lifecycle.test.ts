// From creation to the end, with everything that can come between: time,
// interruption, other processes, budgets, members who are not there.
import { describe, expect, it } from "vitest";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import type { AgentCard } from "../../../src/domain/agent-card.ts";
import { USER } from "../../../src/domain/ids.ts";
import { textOf } from "../../../src/domain/part.ts";
import { conversationLease } from "../../../src/storage/store.ts";
import { verifies } from "../../requirements.ts";
import {
  cards,
  createWorld,
  finish,
  hold,
  type Process,
  type ProcessOptions,
  preferring,
  request,
  voter,
} from "../world.ts";

const roster = cards("claude", "gemini", "deepseek");
const HANG: ScriptedStep = { hang: true };
const speaking = (id: string): ScriptedStep => voter(preferring("claude says"), () => `${id} says it`);
const slowly = (delayMs: number, text: string): ScriptedStep => ({ text, delayMs });

function party(overrides: Record<string, ScriptedStep> = {}): ProcessOptions {
  return { agents: roster.map((card) => ({ card, otherwise: overrides[card.id] ?? speaking(card.id) })) };
}

const gather = (overrides: Parameters<typeof request>[1] = {}) =>
  request(roster, { orchestration: "gather", ...overrides });

describe("creating", () => {
  it.each([
    ["an orchestration that does not exist", { orchestration: "quarrel" }, "ORCHESTRATION_UNKNOWN"],
    ["an empty question", { question: "  " }, "USAGE"],
    ["a setting out of range", { settings: { rounds: 99 } }, "USAGE"],
    ["too few members", { roster: cards("claude") }, "MEMBERS_COUNT"],
    ["the same member twice", { roster: cards("claude", "claude") }, "MEMBERS_COUNT"],
    ["too many members", { orchestration: "ask" }, "MEMBERS_COUNT"],
    [
      "going on from what does not exist",
      { continues: "01920000-0000-7000-8000-000000000000" },
      "CONVERSATION_UNKNOWN",
    ],
  ])("refuses %s, and writes nothing", async (_what, overrides, code) => {
    const world = await createWorld();
    const process = await world.start({ agents: [] });
    await expect(world.clock.run(process.conversations.create(request(roster, overrides)))).rejects.toMatchObject({
      code,
    });
    expect(await world.store.events({ after: 0, limit: 10 })).toEqual([]);
    await world.close();
  });

  it("refuses attachments that are too large together", async () => {
    const world = await createWorld();
    const process = await world.start({ agents: [], conversations: { limits: { attachmentsCharsMax: 10 } } });
    const attachments = [{ name: "a.md", mediaType: "text/markdown", text: "12345678901" }];
    const creating = process.conversations.create(request(roster, { attachments }));
    await expect(world.clock.run(creating)).rejects.toMatchObject({ code: "ATTACHMENT_TOO_LARGE" });
    await world.close();
  });

  it("marks everything of a simulated conversation", async () => {
    const world = await createWorld();
    const { id } = await hold(world, await world.start(party()), request(roster));
    const events = await world.events(id);
    expect(events.length).toBeGreaterThan(20);
    expect(events.every(({ simulated }) => simulated)).toBe(true);
    await world.close();
  });
});

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
    expect(outcome.quorum.failed).toMatchObject([{ agent: "deepseek" }]);
    await world.close();
  });
});

describe("budget", () => {
  it("ends with what there is when the budget is spent", async () => {
    const world = await createWorld();
    const process = await world.start({
      ...party(),
      prices: { inputNanoUsdPerToken: 0, outputNanoUsdPerToken: 1_000 },
    });
    // One answer of at most 8,192 tokens fits, a second one beside it does not.
    const { id, outcome } = await hold(world, process, gather({ budgetNanoUsd: 9_000_000 }));
    expect(outcome.status).toBe("budget_exhausted");
    expect(outcome.answer).toContain("says it");
    expect(outcome.quorum.answered).toHaveLength(1);
    expect(outcome.quorum.failed.every(({ code }) => code === "BUDGET_EXHAUSTED")).toBe(true);
    const settled = await world.eventsOf(id, "attempt.settled");
    expect(settled.reduce((sum, { data }) => sum + data.costNanoUsd, 0)).toBeLessThanOrEqual(9_000_000);
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

describe("interruption", () => {
  it("the first abort lets running turns end, then it is cancelled", async () => {
    const world = await createWorld();
    const process = await world.start(party({ claude: slowly(4_000, "slow but sure") }));
    const id = await world.clock.run(process.conversations.create(request(roster)));
    const stop = new AbortController();
    const running = process.conversations.run(id, { signal: stop.signal });
    world.clock.setTimer(2_000, () => stop.abort());
    const result = await world.clock.run(running);
    expect(result).toMatchObject({ kind: "ended", outcome: { status: "cancelled", answer: null } });
    const completed = await world.eventsOf(id, "turn.completed");
    expect(completed.map(({ data }) => data.agent).toSorted()).toEqual(["claude", "deepseek", "gemini"]);
    await world.close();
  });

  it("an interruption that comes when all is said changes nothing", async () => {
    const world = await createWorld();
    const process = await world.start(party({ claude: slowly(4_000, "slow but sure") }));
    const id = await world.clock.run(process.conversations.create(gather()));
    const stop = new AbortController();
    const running = process.conversations.run(id, { signal: stop.signal });
    world.clock.setTimer(2_000, () => stop.abort());
    expect(await world.clock.run(running)).toMatchObject({ outcome: { status: "decided" } });
    await world.close();
  });

  it("released, it goes on in another process where it stood", async () => {
    const world = await createWorld();
    const first = await world.start(party({ claude: slowly(4_000, "claude says it") }));
    const id = await world.clock.run(first.conversations.create(request(roster)));
    const running = first.conversations.run(id);
    world.clock.setTimer(2_000, () => void first.conversations.close());
    expect(await world.clock.run(running)).toEqual({ kind: "released" });
    await first.close();
    const second = await world.start(party());
    const outcome = await finish(world, second, id);
    expect(outcome).toMatchObject({ status: "decided", turns: 9 });
    expect(await world.eventsOf(id, "turn.completed")).toHaveLength(9);
    await world.close();
  });

  it("pausing lets running turns end and starts no new ones, until it is resumed", async () => {
    const world = await createWorld();
    const process = await world.start(party({ claude: slowly(1_000, "claude says it") }));
    const id = await world.clock.run(process.conversations.create(gather()));
    const { conversations } = process;
    const running = conversations.run(id);
    world.clock.setTimer(500, () => void conversations.pause(id));
    await world.clock.advance(30_000);
    expect((await world.eventsOf(id, "turn.completed")).length).toBe(3);
    expect(await world.eventsOf(id, "conversation.ended")).toHaveLength(1);
    expect(await world.clock.run(running)).toMatchObject({ kind: "ended" });
    const next = await world.clock.run(conversations.create(request(roster)));
    await world.clock.run(conversations.pause(next));
    const held = conversations.run(next);
    await world.clock.advance(10_000);
    expect(await world.eventsOf(next, "attempt.started")).toHaveLength(0);
    await world.clock.run(conversations.resume(next));
    expect(await world.clock.run(held)).toMatchObject({ kind: "ended", outcome: { turns: 9 } });
    await world.close();
  });
});

describe("several processes", () => {
  async function pair(overrides: Record<string, ScriptedStep>) {
    const world = await createWorld();
    const driver = await world.start(party(overrides));
    const other = await world.start({ agents: [] });
    return { world, driver, other };
  }

  it("a cancellation from another process takes effect within a second, and running turns are given up", async () => {
    const { world, driver, other } = await pair({ claude: HANG });
    const id = await world.clock.run(driver.conversations.create(request(roster)));
    const running = driver.conversations.run(id);
    await world.clock.advance(3_000);
    await world.clock.run(other.conversations.cancel(id, "changed my mind"));
    const askedAtUs = (await world.eventsOf(id, "conversation.cancel-requested"))[0]?.atUs ?? 0;
    expect(await world.clock.run(running)).toMatchObject({ outcome: { status: "cancelled" } });
    const [ended] = await world.eventsOf(id, "conversation.ended");
    expect((ended?.atUs ?? 0) - askedAtUs).toBeLessThanOrEqual(1_000_000);
    expect(ended?.data.outcome.stopReasons).toEqual(["cancelled: changed my mind"]);
    expect(ended?.data.outcome.quorum.failed).toMatchObject([{ agent: "claude", code: "CANCELLED" }]);
    const started = await world.eventsOf(id, "attempt.started");
    expect(await world.eventsOf(id, "attempt.settled")).toHaveLength(started.length);
    await expect(world.clock.run(other.conversations.cancel(id, "again"))).rejects.toMatchObject({
      code: "CONVERSATION_ENDED",
    });
    await world.close();
  });

  it("cancelling what nobody drives ends it, asked or not", async () => {
    const { world, driver } = await pair({ claude: HANG });
    const fresh = await world.clock.run(driver.conversations.create(request(roster)));
    await world.clock.run(driver.conversations.cancel(fresh, "no longer wanted"));
    expect(await finish(world, driver, fresh)).toMatchObject({ status: "cancelled", turns: 0 });
    expect(await world.eventsOf(fresh, "handshake.installed")).toHaveLength(0);
    const begun = await world.clock.run(driver.conversations.create(request(roster)));
    void driver.conversations.run(begun);
    await world.clock.advance(2_000);
    driver.kill();
    await world.clock.advance(60_000);
    const heir = await world.start(party());
    await world.clock.run(heir.conversations.cancel(begun, "clean up"));
    expect(await finish(world, heir, begun)).toMatchObject({ status: "cancelled" });
    await world.close();
  });

  it("only one process drives; another is told so, and takes over when the lease has run out", async () => {
    const { world, driver } = await pair({ claude: slowly(20_000, "claude says it") });
    const id = await world.clock.run(driver.conversations.create(request(roster)));
    void driver.conversations.run(id);
    await world.clock.advance(15_000);
    const heir = await world.start(party());
    await expect(world.clock.run(heir.conversations.run(id))).rejects.toMatchObject({ code: "LEASE_HELD" });
    driver.kill();
    await world.clock.advance(11_000);
    expect(await finish(world, heir, id)).toMatchObject({ status: "decided" });
    await world.close();
  });

  it("a driver that lost its lease stops, and the journal refuses what it still writes", async () => {
    const { world, driver } = await pair({ claude: slowly(60_000, "claude says it") });
    const id = await world.clock.run(driver.conversations.create(gather()));
    const running = driver.conversations.run(id);
    const failed = expect(running).rejects.toMatchObject({ code: "LEASE_LOST" });
    await world.clock.advance(5_000);
    const nowUs = world.clock.nowUs() + 3_600_000_000;
    const thief = await world.store.acquireLease({ name: conversationLease(id), owner: "thief", ttlMs: 1_000, nowUs });
    expect(thief).toBeDefined();
    await world.clock.advance(10_000);
    await failed;
    expect(await world.eventsOf(id, "conversation.ended")).toHaveLength(0);
    await world.close();
  });

  it("eight at once in one process all end", async () => {
    const world = await createWorld();
    const process = await world.start(party());
    const all = Promise.all(
      Array.from({ length: 8 }, async () => {
        const id = await process.conversations.create(request(roster));
        return process.conversations.run(id);
      }),
    );
    const results = await world.clock.run(all);
    expect(results.map((result) => result.kind === "ended" && result.outcome.status)).toEqual(Array(8).fill("decided"));
    await world.close();
  });

  it("whoever asks for an ended conversation gets its outcome; an unknown one is unknown", async () => {
    const { world, driver, other } = await pair({});
    const { id, outcome } = await hold(world, driver, gather());
    expect(await finish(world, other, id)).toEqual(outcome);
    const nobody = "01920000-0000-7000-8000-000000000000";
    await expect(world.clock.run(other.conversations.run(nobody))).rejects.toMatchObject({
      code: "CONVERSATION_UNKNOWN",
    });
    await world.close();
  });
});

describe("what members are told beside the question", () => {
  const lastShown = (process: Process, id: string, call: number): string =>
    textOf(process.agent(id).requests[call]?.history.at(-1)?.parts ?? []);

  it("the user's further message, in their next turns", async () => {
    verifies("R2.4");
    const world = await createWorld();
    const process = await world.start(party({ claude: slowly(3_000, "claude says it") }));
    const id = await world.clock.run(process.conversations.create(request(roster, { settings: { rounds: 2 } })));
    const running = process.conversations.run(id);
    await world.clock.advance(1_000);
    await world.clock.run(process.conversations.send(id, "Think of the disk, too."));
    await world.clock.run(process.conversations.send(id, "For gemini only.", ["gemini"]));
    await world.clock.run(running);
    expect(lastShown(process, "claude", 0)).not.toContain("Think of the disk");
    for (const { id: agent } of roster) {
      expect(lastShown(process, agent, 1)).toContain(`<message from="${USER}">\nThink of the disk, too.\n</message>`);
    }
    expect(lastShown(process, "gemini", 1)).toContain("For gemini only.");
    expect(lastShown(process, "deepseek", 1)).not.toContain("For gemini only.");
    await expect(world.clock.run(process.conversations.send(id, "late"))).rejects.toMatchObject({
      code: "CONVERSATION_ENDED",
    });
    await world.close();
  });

  it("what came of the conversation it goes on from", async () => {
    const world = await createWorld();
    const process = await world.start(party());
    const earlier = await hold(world, process, gather({ question: "What now?" }));
    const before = process.agent("claude").requests.length;
    await hold(world, process, gather({ continues: earlier.id }));
    const shown = lastShown(process, "claude", before);
    expect(shown).toContain('<earlier-conversation from="coordinator">\nQuestion: What now?');
    expect(shown).toContain("claude says it");
    await world.close();
  });

  it("a simulated conversation is only gone on from by simulators, a real one never, and a running one not at all", async () => {
    const world = await createWorld();
    const process = await world.start(party());
    const { id } = await hold(world, process, gather());
    const create = (overrides: Parameters<typeof request>[1]) =>
      world.clock.run(process.conversations.create(gather(overrides)));
    await expect(create({ continues: id, simulated: false })).rejects.toMatchObject({ code: "CONVERSATION_SIMULATED" });
    const real = await create({ simulated: false });
    await expect(create({ continues: real })).rejects.toMatchObject({ code: "CONVERSATION_NOT_SIMULATED" });
    const running = await create({});
    await expect(create({ continues: running })).rejects.toMatchObject({ code: "USAGE" });
    await world.close();
  });

  it("nobody is asked what does not fit its window", async () => {
    const world = await createWorld();
    const narrow: AgentCard[] = roster.map((card) =>
      card.id === "gemini" ? { ...card, contextTokensMax: 9_000 } : card,
    );
    const process = await world.start({ agents: narrow.map((card) => ({ card, otherwise: speaking(card.id) })) });
    const attachments = [{ name: "long.md", mediaType: "text/markdown", text: "word ".repeat(1_000) }];
    const { outcome } = await hold(world, process, request(narrow, { orchestration: "gather", attachments }));
    expect(outcome.status).toBe("degraded");
    expect(outcome.quorum.failed).toMatchObject([
      { agent: "gemini", code: expect.stringMatching(/CONTEXT_TOO_LARGE|WINDOW/) },
    ]);
    expect(process.agent("gemini").requests).toHaveLength(0);
    await world.close();
  });
});
