// An interruption in the first round, at every step of it: nothing new starts,
// what has started ends, what was only asked is cancelled.
import { describe, expect, it } from "vitest";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import { verifies } from "../../requirements.ts";
import { createWorld, finish, type Process, request, type World } from "../world.ts";
import { party, roster, slowly } from "./party.ts";

const kindOf = (events: readonly JournalEvent[], kind: string): JournalEvent[] =>
  events.filter((event) => event.kind === kind);

/** Aborts at the given sign of progress, of which there are several for each step of the round. */
async function interruptedAt(world: World, process: Process, signsMin: number) {
  const id = await world.clock.run(process.conversations.create(request(roster)));
  const stop = new AbortController();
  const startedBefore: string[] = [];
  let signs = 0;
  const stopWatching = process.mesh.onProgress((progress) => {
    if (stop.signal.aborted) return;
    if (progress.type === "attempt-started") startedBefore.push(progress.agent);
    if (++signs === signsMin) stop.abort();
  });
  if (signsMin === 0) stop.abort();
  const result = await world.clock.run(process.conversations.run(id, { signal: stop.signal }));
  stopWatching();
  return { id, result, startedBefore };
}

describe("an interruption in the first round", () => {
  it("lets end what has started and cancels what has not, whenever it comes", async () => {
    verifies("R7.3");
    const seen = new Set<string>();
    for (let signsMin = 0; signsMin <= 12; signsMin++) {
      const world = await createWorld();
      const says = (id: string) => slowly(3_000, `${id} says it`);
      const process = await world.start(
        party({ claude: says("claude"), gemini: says("gemini"), deepseek: says("deepseek") }),
      );
      const { id, result, startedBefore } = await interruptedAt(world, process, signsMin);
      const events = await world.events(id);
      const at = `interrupted at ${signsMin}`;
      if (result.kind !== "ended") throw new Error(`${at}: released`);
      expect(result.outcome.status, at).toBe("cancelled");
      const completed = kindOf(events, "turn.completed").map(({ actor }) => actor);
      const started = kindOf(events, "message.started").map(({ actor }) => actor);
      expect(completed.toSorted(), at).toEqual(started.toSorted());
      expect(
        startedBefore.every((agent) => completed.includes(agent)),
        at,
      ).toBe(true);
      expect(result.outcome.quorum.answered.toSorted(), at).toEqual(completed.toSorted());
      expect(
        result.outcome.quorum.failed.map(({ code }) => code),
        at,
      ).toEqual(result.outcome.quorum.asked.filter((agent) => !completed.includes(agent)).map(() => "CANCELLED"));
      const asked = kindOf(events, "message.accepted").filter(({ actor }) => actor === "coordinator");
      expect(asked.length, at).toBeLessThanOrEqual(3);
      expect(kindOf(events, "turn.failed").length, at).toBe(asked.length - completed.length);
      expect(kindOf(events, "attempt.settled").length, at).toBe(kindOf(events, "attempt.started").length);
      if (signsMin === 0) expect(started).toEqual([]);
      seen.add(`${asked.length} asked, ${completed.length} answered`);
      expect(await finish(world, process, id)).toEqual(result.outcome);
      await world.close();
    }
    // Before anybody was asked, between asking and starting, and after.
    expect([...seen]).toEqual(
      expect.arrayContaining(["0 asked, 0 answered", "3 asked, 0 answered", "3 asked, 3 answered"]),
    );
  });

  it("holds although the process dies before the running turns have ended", async () => {
    verifies("R7.1", "R7.3");
    const world = await createWorld();
    const options = party({ claude: slowly(20_000, "claude says it") });
    const first = await world.start(options);
    const id = await world.clock.run(first.conversations.create(request(roster)));
    const stop = new AbortController();
    void first.conversations.run(id, { signal: stop.signal });
    await world.clock.advance(3_000);
    stop.abort();
    await world.clock.advance(1_000);
    first.kill();
    await world.clock.advance(20_000);
    const second = await world.start(options);
    const outcome = await finish(world, second, id);
    expect(outcome).toMatchObject({ status: "cancelled", stopReasons: ["cancelled: interrupted"] });
    expect(outcome.quorum.answered).toEqual(["gemini", "deepseek"]);
    expect(outcome.quorum.failed).toMatchObject([{ agent: "claude", code: "CANCELLED" }]);
    expect(second.agent("claude").requests).toEqual([]);
    const started = await world.eventsOf(id, "attempt.started");
    expect(await world.eventsOf(id, "attempt.settled")).toHaveLength(started.length);
    await world.close();
  });

  it("in a sequence, lets the speaker end and asks nobody after it", async () => {
    const world = await createWorld();
    const process = await world.start(party({ claude: slowly(4_000, "claude says it") }));
    const asked = request(roster, { orchestration: "round-robin", settings: { rounds: 1 } });
    const id = await world.clock.run(process.conversations.create(asked));
    const stop = new AbortController();
    const running = process.conversations.run(id, { signal: stop.signal });
    world.clock.setTimer(2_000, () => stop.abort());
    const result = await world.clock.run(running);
    expect(result).toMatchObject({
      outcome: { status: "cancelled", turns: 1, quorum: { asked: ["claude"], answered: ["claude"], failed: [] } },
    });
    await world.close();
  });
});
