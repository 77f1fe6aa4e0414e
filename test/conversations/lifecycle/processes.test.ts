// Interruption, pause, takeover and cancellation, in one process and between several.
import { describe, expect, it } from "vitest";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import { conversationLease } from "../../../src/storage/store.ts";
import { verifies } from "../../requirements.ts";
import { createWorld, finish, hold, request } from "../world.ts";

import { gather, HANG, party, roster, slowly } from "./party.ts";

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

describe("a cancellation while running turns are let end", () => {
  it.each(["interrupted", "paused"])("%s: takes effect within a second", async (how) => {
    const world = await createWorld();
    const process = await world.start(party({ claude: HANG }));
    const { conversations } = process;
    const id = await world.clock.run(conversations.create(request(roster)));
    const stop = new AbortController();
    const running = conversations.run(id, { signal: stop.signal });
    await world.clock.advance(2_000);
    if (how === "interrupted") stop.abort();
    else await world.clock.run(conversations.pause(id));
    await world.clock.advance(2_000);
    await world.clock.run(conversations.cancel(id, "now"));
    const askedAtUs = world.clock.nowUs();
    expect(await world.clock.run(running)).toMatchObject({ outcome: { status: "cancelled" } });
    expect(world.clock.nowUs() - askedAtUs).toBeLessThanOrEqual(1_000_000);
    expect(await world.eventsOf(id, "attempt.settled")).toHaveLength(3);
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
    await expect(world.clock.run(heir.conversations.run(id))).rejects.toMatchObject({
      code: "LEASE_HELD",
      message: `Conversation ${id} is being driven by another process.`,
    });
    driver.kill();
    await world.clock.advance(11_000);
    expect(await finish(world, heir, id)).toMatchObject({ status: "decided" });
    await world.close();
  });

  it("one that was there before the driver takes over to the same result, and its own goes on undisturbed", async () => {
    verifies("R7.3");
    const calm = await createWorld();
    const undisturbed = await hold(calm, await calm.start(party()), request(roster));
    await calm.close();
    const world = await createWorld();
    const elder = await world.start(party({ claude: slowly(40_000, "claude says it") }));
    const driver = await world.start(party({ claude: slowly(20_000, "claude says it") }));
    const id = await world.clock.run(driver.conversations.create(request(roster)));
    void driver.conversations.run(id);
    const own = await world.clock.run(elder.conversations.create(gather()));
    const ownRun = elder.conversations.run(own);
    await world.clock.advance(15_000);
    driver.kill();
    await world.clock.advance(11_000);
    const outcome = await finish(world, elder, id);
    expect(outcome).toMatchObject({ status: "decided", quorum: undisturbed.outcome.quorum, turns: 9 });
    expect(outcome.answer).toBe(undisturbed.outcome.answer);
    const installed = await world.eventsOf(id, "handshake.installed");
    expect(installed.map(({ data }) => data.members.map(({ incarnation }) => incarnation))).toEqual([
      [2, 2, 2],
      [3, 3, 3],
    ]);
    expect(await world.clock.run(ownRun)).toMatchObject({ outcome: { status: "decided" } });
    expect(await world.eventsOf(own, "handshake.installed")).toHaveLength(1);
    expect(await world.eventsOf(own, "attempt.started")).toHaveLength(3);
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
