// Turns that a closed round left behind: they end at once, cost what they used
// and no more, and each has one result, whatever crashes in between.
import { describe, expect, it } from "vitest";
import type { ConversationId } from "../../../src/domain/ids.ts";
import { verifies } from "../../requirements.ts";
import { createWorld, finish, hold, request, type World } from "../world.ts";
import { HANG, party, roster, slowly } from "./party.ts";

const settings = { roundSoftMs: 5_000, roundHardMs: 60_000, rounds: 1 };

async function turnsOf(world: World, id: ConversationId): Promise<Map<string, string[]>> {
  const turns = new Map<string, string[]>();
  for (const event of await world.events(id)) {
    if (event.kind === "message.accepted" && event.data.envelope.intent === "request") {
      turns.set(event.data.envelope.turnId ?? "", []);
    }
    if (event.kind === "turn.completed" || event.kind === "turn.failed") turns.get(event.data.turnId)?.push(event.kind);
  }
  return turns;
}

describe("a turn that its round did not wait for", () => {
  it("is stopped when the round closes, and is charged what it had used", async () => {
    const world = await createWorld();
    const process = await world.start(party({ deepseek: slowly(200_000, "too late") }));
    const { id, outcome } = await hold(world, process, request(roster, { settings }));
    expect(outcome).toMatchObject({ status: "degraded" });
    const [failed, ...others] = await world.eventsOf(id, "turn.failed");
    expect(others).toEqual([]);
    expect(failed?.data).toMatchObject({
      agent: "deepseek",
      failure: { code: "DEADLINE", reason: "no answer before round 0 closed" },
    });
    const [closed] = (await world.eventsOf(id, "orchestration.stepped")).filter(
      ({ data }) => data.type === "close-round",
    );
    expect((failed?.atUs ?? 0) - (closed?.atUs ?? 0)).toBeLessThan(100_000);
    const settled = (await world.eventsOf(id, "attempt.settled")).find(({ data }) => data.agent === "deepseek");
    expect(settled?.data).toMatchObject({ outcome: "aborted", usageEstimated: true });
    expect(settled?.data.costNanoUsd).toBeGreaterThan(0);
    // Before the ballots, not at the end.
    const asked = await world.eventsOf(id, "message.accepted");
    const ballot = asked.find(({ data }) => data.round === 1);
    expect(failed?.seq).toBeLessThan(ballot?.seq ?? 0);
    await world.close();
  });

  it.each(["cancelled", "deadline"] as const)("fails with the reason when the conversation is %s", async (how) => {
    const world = await createWorld();
    const process = await world.start(party({ gemini: HANG }));
    const id = await world.clock.run(process.conversations.create(request(roster, { deadlineMs: 20_000 })));
    const running = process.conversations.run(id);
    await world.clock.advance(3_000);
    if (how === "cancelled") await world.clock.run(process.conversations.cancel(id, "no longer wanted"));
    await world.clock.run(running);
    const failed = await world.eventsOf(id, "turn.failed");
    expect(failed.map(({ data }) => [data.agent, data.failure.code, data.failure.reason])).toEqual([
      how === "cancelled"
        ? ["gemini", "CANCELLED", "cancelled: no longer wanted"]
        : ["gemini", "DEADLINE", "deadline: the conversation's deadline has passed"],
    ]);
    expect((await world.events(id)).at(-1)?.kind).toBe("conversation.ended");
    await world.close();
  });

  it("has one result, is not begun again and is settled, wherever its process dies", async () => {
    verifies("R7.1", "R7.3");
    const ask = request(roster, { settings });
    const patient = party({ deepseek: HANG });
    const calm = await createWorld();
    const undisturbed = await hold(calm, await calm.start(patient), ask);
    const closedAt = (await calm.events(undisturbed.id)).find(
      (event) => event.kind === "orchestration.stepped" && event.data.type === "round-deadline",
    )?.position;
    const lastPosition = (await calm.events(undisturbed.id)).at(-1)?.position ?? 0;
    await calm.close();
    let begunAgain = 0;
    for (let position = (closedAt ?? 0) - 2; position < lastPosition; position++) {
      const world = await createWorld();
      const first = await world.start({ ...patient, killAtPosition: position });
      const id = await world.clock.run(first.conversations.create(ask));
      void first.conversations.run(id);
      await world.clock.advance(6_000);
      first.kill();
      await world.clock.advance(20_000);
      const second = await world.start(patient);
      const outcome = await finish(world, second, id);
      expect(outcome.quorum.failed, `killed at ${position}`).toEqual(undisturbed.outcome.quorum.failed);
      const results = [...(await turnsOf(world, id)).values()];
      expect(results, `killed at ${position}`).toEqual(results.map((own) => [own[0]]));
      expect(results).toHaveLength(undisturbed.outcome.turns);
      const started = await world.eventsOf(id, "attempt.started");
      expect(await world.eventsOf(id, "attempt.settled")).toHaveLength(started.length);
      begunAgain += second.agent("deepseek").requests.length;
      await world.close();
    }
    expect(begunAgain).toBe(0);
  });

  it("is the same when its answer comes at the moment the round closes", async () => {
    const kinds = new Set<string>();
    for (let atMs = 4_980; atMs <= 5_020; atMs += 2) {
      const world = await createWorld();
      const agents = party().agents.map((agent) =>
        agent.card.id === "deepseek" ? { ...agent, steps: [slowly(atMs, "just in time")] } : agent,
      );
      const process = await world.start({ agents });
      const { id, outcome } = await hold(world, process, request(roster, { settings }));
      const results = [...(await turnsOf(world, id)).values()];
      expect(results.every((own) => own.length === 1)).toBe(true);
      expect(outcome.quorum.answered.length + outcome.quorum.failed.length).toBe(3);
      const [answered] = (await world.eventsOf(id, "turn.completed")).filter(({ data }) => data.agent === "deepseek");
      expect(outcome.quorum.failed.length).toBe(answered === undefined ? 1 : 0);
      kinds.add(answered === undefined ? "given up" : "answered");
      await world.close();
    }
    expect([...kinds].toSorted()).toEqual(["answered", "given up"]);
  });
});
