// Turns that nobody waits for any more: their attempts end, their deliveries are
// refused with the reason, and each has exactly one result, whatever races.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Failure } from "../../src/domain/failure.ts";
import type { ConversationId, TurnId } from "../../src/domain/ids.ts";
import { listDeliveries } from "../../src/mesh/delivery/queries.ts";
import { sleep } from "../../src/platform/clock.ts";
import { deriveId } from "../../src/platform/ids.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { verifies } from "../requirements.ts";
import { ask, cardOf, createWorld, type Process, type ProcessOptions, type World } from "./mesh-harness.ts";

const LATE: Failure = { class: "transient", code: "DEADLINE", reason: "no answer before round 0 closed" };

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
});
afterEach(() => world.close());

async function stage(options: ProcessOptions = {}): Promise<Process> {
  const process = await world.process(options);
  await world.run(process.join("a", "b"));
  await world.run(process.shake(conversation, ["a", "b"]));
  return process;
}

async function send(process: Process, agent: string, turnId: TurnId = world.ids.next()): Promise<TurnId> {
  await world.run(process.mesh.send({ ...ask(world, conversation, agent), turnId }));
  return turnId;
}

async function results(): Promise<[TurnId, string][]> {
  const events = await world.events(conversation);
  return events.flatMap((event): [TurnId, string][] =>
    event.kind === "turn.completed" || event.kind === "turn.failed" ? [[event.data.turnId, event.kind]] : [],
  );
}

describe("giving turns up", () => {
  it("ends one that runs and one that waits behind it, and no other", async () => {
    verifies("R7.3");
    const process = await stage({
      script: (turn) => ({ say: "x", afterMs: turn.port.agent.card.id === "a" ? 9_000 : 4_000 }),
    });
    const service = await world.run(process.serve(conversation));
    const running = await send(process, "a");
    const waiting = await send(process, "a");
    const other = await send(process, "b");
    await world.wait(1_000);
    await world.run(service.giveUp([running, waiting], LATE));
    expect(await results()).toEqual([
      [running, "turn.failed"],
      [waiting, "turn.failed"],
    ]);
    const refused = await world.of(conversation, "message.refused");
    expect(refused.map(({ data }) => [data.recipient, data.code, data.reason])).toEqual([
      ["a", LATE.code, LATE.reason],
      ["a", LATE.code, LATE.reason],
    ]);
    expect((await world.of(conversation, "turn.failed"))[0]?.data.failure).toEqual(LATE);
    await world.wait(20_000);
    expect(await results()).toEqual([
      [running, "turn.failed"],
      [waiting, "turn.failed"],
      [other, "turn.completed"],
    ]);
    expect(process.turns.map(({ turnId }) => turnId)).toEqual([running, other]);
  });

  it("frees the agent at once for what is next", async () => {
    const first = world.ids.next();
    const process = await stage({ script: (turn) => (turn.turnId === first ? { hang: true } : { say: "now" }) });
    const service = await world.run(process.serve(conversation));
    await send(process, "a", first);
    const second = await send(process, "a");
    await world.wait(1_000);
    await world.run(service.giveUp([first], LATE));
    await world.wait(100);
    expect(await results()).toEqual([
      [first, "turn.failed"],
      [second, "turn.completed"],
    ]);
  });

  it("again, of an ended turn, or of one that nobody asked, changes nothing", async () => {
    const process = await stage({
      script: (turn) => (turn.port.agent.card.id === "a" ? { hang: true } : { say: "x" }),
    });
    const service = await world.run(process.serve(conversation));
    const hanging = await send(process, "a");
    const ended = await send(process, "b");
    await world.wait(1_000);
    await world.run(service.giveUp([hanging, ended, world.ids.next()], LATE));
    const before = await world.events(conversation);
    expect(await results()).toEqual([
      [ended, "turn.completed"],
      [hanging, "turn.failed"],
    ]);
    await world.run(service.giveUp([hanging, ended], LATE));
    expect(await world.events(conversation)).toEqual(before);
  });

  it("after a crash by the next process too, before anything is begun again", async () => {
    const process = await stage({ script: () => ({ hang: true }) });
    await world.run(process.serve(conversation));
    const turn = await send(process, "a");
    await world.wait(1_000);
    process.crash();
    const next = await world.process({ takesOver: true });
    await world.run(next.join("a", "b"));
    await world.run(next.shake(conversation, ["a", "b"]));
    const service = next.mesh.serve({
      conversationId: conversation,
      lease: await next.lease(conversation),
      policy: { project: () => Promise.reject(new Error("unused")), interpret: () => ({ kind: "accept", parts: [] }) },
      budgets: {},
      configHash: "config",
    });
    await world.run(Promise.all([service.giveUp([turn], LATE), service.recover()]));
    await world.wait(1_000);
    expect(next.turns).toEqual([]);
    expect(await results()).toEqual([[turn, "turn.failed"]]);
  });

  it("leaves the one result of an anycast that has moved on", async () => {
    const process = await world.process({
      script: (turn) =>
        turn.port.agent.card.id === "a" ? { fail: { ...LATE, code: "VENDOR_CAPACITY" } } : { hang: true },
    });
    const skilled = ["a", "b"].map((id) => cardOf(id, { skills: ["answer"] }));
    await world.run(process.join(...skilled));
    await world.run(process.shake(conversation, ["a", "b"]));
    const service = await world.run(process.serve(conversation));
    const turnId = world.ids.next();
    await world.run(process.mesh.send({ ...ask(world, conversation, { mode: "anycast", skill: "answer" }), turnId }));
    await world.wait(1_000);
    await world.run(service.giveUp([turnId], LATE));
    await world.wait(1_000);
    expect(await results()).toEqual([[turnId, "turn.failed"]]);
    expect((await world.of(conversation, "message.refused")).map(({ data }) => data.recipient)).toEqual(["b"]);
  });
});

describe("giving up against an answer at the same moment", () => {
  it("never makes two results, and an answer that was there first stands", async () => {
    verifies("R7.3");
    const random = createSeededRandom(11);
    const kinds = new Set<string>();
    const process = await stage({ script: () => ({ say: "x", afterMs: 10 }) });
    const service = await world.run(process.serve(conversation));
    for (let index = 0; index < 40; index++) {
      const turnId = deriveId(conversation, `turn/${index}`);
      const giveUp = async (afterMs: number): Promise<void> => {
        await sleep(world.clock, afterMs);
        await service.giveUp([turnId], LATE);
      };
      // Set before the answer's own timer or after it, so that either comes first at the same instant.
      const isFirst = random.integer(2) === 0;
      const early = isFirst ? giveUp(10) : undefined;
      await send(process, index % 2 === 0 ? "a" : "b", turnId);
      await world.run(Promise.all([early, isFirst ? undefined : giveUp(8 + random.integer(4))]));
      await world.wait(50);
      const own = (await results()).filter(([turn]) => turn === turnId);
      expect(own).toHaveLength(1);
      kinds.add(own[0]?.[1] ?? "");
      const deliveries = await listDeliveries(process.journal, { conversationId: conversation, limit: 1_000 });
      const delivery = deliveries.find((candidate) => candidate.turnId === turnId);
      expect(delivery?.state).toBe(own[0]?.[1] === "turn.completed" ? "answered" : "refused");
    }
    expect([...kinds].toSorted()).toEqual(["turn.completed", "turn.failed"]);
  });
});
