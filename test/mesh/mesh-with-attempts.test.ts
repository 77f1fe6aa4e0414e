// The mesh with the real turn runner and selector: turns that answer, fail over,
// and survive a crash in the middle of an attempt.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createScriptedAgent } from "../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting } from "../../src/agents/scripted/scripted-card.ts";
import type { ScriptedStep } from "../../src/agents/scripted/scripted-step.ts";
import type { ConversationId } from "../../src/domain/ids.ts";
import type { Decision, Journal } from "../../src/journal/journal.ts";
import { createTurnRunner } from "../../src/mesh/attempts/create-turn-runner.ts";
import type { ConversationService, TurnPolicy } from "../../src/mesh/mesh.ts";
import { createSelector } from "../../src/mesh/selection/selector.ts";
import { createTargets } from "../../src/mesh/selection/targets.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { ask, cardOf, createWorld, type Process, type World } from "./mesh-harness.ts";

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
  const { journal } = await world.process();
  await world.run(journal.append({ stream: conversation, simulated: true, decide: () => created(journal) }));
});

/** What a conversation begins with; the scripted agents are simulators, so it is simulated. */
function created(journal: Journal): Decision<void> {
  const question = journal.encodeBody("a question");
  const data = {
    question: question.ref,
    attachments: [],
    orchestration: "ask",
    settings: {},
    roster: [],
    seed: 1,
    budgetNanoUsd: 1_000_000_000,
    deadlineUs: world.clock.nowUs() + 3_600_000_000,
    configHash: "config",
  };
  return {
    events: [{ kind: "conversation.created", actor: "user", data }],
    bodies: [question],
    result: undefined,
  };
}
afterEach(() => world.close());

const policy: TurnPolicy = {
  project: async (context) => ({
    request: {
      system: "",
      history: [{ role: "user", parts: [{ type: "text", text: "a question" }] }],
      newTurns: 1,
      sessionKey: context.conversationId,
      route: context.route,
      outputTokensMax: 100,
    },
    context: { ranges: [[1, 1]], except: [] },
  }),
  interpret: (_context, parts) => ({ kind: "accept", parts }),
};

async function stage(
  steps: Record<string, ScriptedStep>,
): Promise<Process & { readonly service: ConversationService }> {
  const random = createSeededRandom(1);
  const targets = createTargets({ clock: world.clock, random });
  const process = await world.process({
    takesOver: true,
    selector: createSelector({ strategy: "round-robin", targets, clock: world.clock, random }),
    runner: ({ journal, clock, ids, progress }) =>
      createTurnRunner({ journal, clock, ids, random, targets, onProgress: progress }),
  });
  for (const [id, otherwise] of Object.entries(steps)) {
    const card = cardOf(id, { skills: ["answer"], outputTokensMax: 100 });
    const agent = createScriptedAgent({ card, otherwise, clock: world.clock });
    const costing = () => createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 10 });
    await world.run(process.mesh.join(agent, { costing }));
  }
  await world.run(process.shake(conversation, Object.keys(steps)));
  const service = await world.run(process.serve(conversation, { policy, budgets: { conversationNanoUsd: 1_000_000 } }));
  return { ...process, service };
}

describe("with real attempts", () => {
  it("a turn is answered: attempt, reply and result are one story", async () => {
    const process = await stage({ a: "an answer", b: "another" });
    const progress: string[] = [];
    process.mesh.onProgress((event) => progress.push(event.type));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(2_000);
    const [completed] = await world.of(conversation, "turn.completed");
    const [settled] = await world.of(conversation, "attempt.settled");
    expect(completed?.data).toMatchObject({ agent: "a", attemptId: settled?.data.attemptId });
    expect(settled?.data.outcome).toBe("succeeded");
    expect(await process.journal.body((completed as NonNullable<typeof completed>).data.body)).toMatchObject({
      parts: [{ type: "text", text: "an answer" }],
    });
    expect(progress).toContain("journal");
    expect(progress).toContain("attempt-started");
  });

  it("an anycast whose first candidate fails is answered by the other, once", async () => {
    const down: ScriptedStep = { failure: { class: "capacity", code: "VENDOR_CAPACITY", reason: "full" } };
    const process = await stage({ a: down, b: "mine" });
    for (let turn = 0; turn < 4; turn++) {
      await world.run(process.mesh.send(ask(world, conversation, { mode: "anycast", skill: "answer" })));
    }
    await world.wait(60_000);
    const completed = await world.of(conversation, "turn.completed");
    expect(completed.map((event) => event.data.agent)).toEqual(["b", "b", "b", "b"]);
    expect(await world.of(conversation, "turn.failed")).toEqual([]);
  });

  it("a crash in the middle of an attempt costs that attempt, and the turn has one result", async () => {
    const first = await stage({ a: { text: "too slow", delayMs: 30_000 } });
    await world.run(first.mesh.send(ask(world, conversation, "a")));
    await world.wait(2_000);
    first.crash();
    await stage({ a: "an answer" });
    await world.wait(2_000);
    const settled = await world.of(conversation, "attempt.settled");
    expect(settled.map((event) => event.data.outcome)).toEqual(["lost", "succeeded"]);
    const started = await world.of(conversation, "message.started");
    expect(started.map((event) => event.data.delivery)).toEqual([1, 2]);
    expect(await world.of(conversation, "turn.completed")).toHaveLength(1);
    const attempts = await world.of(conversation, "attempt.started");
    expect(attempts.map((event) => event.data.attempt)).toEqual([1, 2]);
  });

  it("a turn that is given up costs what was used until then, and no further attempt", async () => {
    const { mesh, service } = await stage({ a: { text: "word ".repeat(50), delayMs: 30_000 } });
    const ends: number[] = [];
    mesh.onProgress((event) => {
      if (event.type === "attempt-ended") ends.push(event.costNanoUsd);
    });
    const turnId = world.ids.next();
    await world.run(mesh.send({ ...ask(world, conversation, "a"), turnId }));
    await world.wait(2_000);
    const failure = { class: "transient", code: "DEADLINE", reason: "no answer before round 0 closed" } as const;
    await world.run(service.giveUp([turnId], failure));
    await world.wait(100);
    const [settled] = await world.of(conversation, "attempt.settled");
    expect(settled?.data).toMatchObject({ turnId, outcome: "aborted", usageEstimated: true });
    expect(settled?.data.costNanoUsd).toBeGreaterThan(0);
    expect(ends).toEqual([settled?.data.costNanoUsd]);
    await world.wait(90_000);
    expect(await world.of(conversation, "attempt.started")).toHaveLength(1);
    const failed = await world.of(conversation, "turn.failed");
    expect(failed.map(({ data }) => data.failure)).toEqual([failure]);
    const traces = (await world.events(conversation)).map(({ trace }) => trace.traceparent.split("-")[1]);
    expect(new Set(traces).size).toBe(1);
  });

  it("a turn that a drain interrupted is begun again, and that is no redelivery", async () => {
    const first = await stage({ a: { hang: true } });
    await world.run(first.mesh.send(ask(world, conversation, "a")));
    await world.wait(2_000);
    await world.run(first.mesh.close());
    const second = await stage({ a: "an answer" });
    await world.wait(2_000);
    const [delivery] = await second.journal.documents("mesh-deliveries", { group: conversation, limit: 1 });
    expect(delivery?.value).toMatchObject({ state: "answered", starts: 2, redeliveries: 0 });
  });
});
