// Deliveries under random schedules: wake-ups lost, repeated and reordered,
// processes that crash with what is durable kept and others that take over.
// Whatever happens, each accepted message reaches each recipient exactly once,
// and each turn has exactly one result.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createFaultyBus } from "../mesh/faulty-bus.ts";
import { ask, createWorld, type Process, type World } from "../mesh/mesh-harness.ts";
import { verifies } from "../requirements.ts";

const AGENTS = ["a", "b", "c"];

type Move =
  | { readonly do: "request"; readonly to: string; readonly seconds: number }
  | { readonly do: "inform"; readonly from: string }
  | { readonly do: "again" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "crash" };

const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("request" as const),
      to: fc.constantFrom(...AGENTS),
      seconds: fc.integer({ min: 1, max: 90 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("inform" as const), from: fc.constantFrom(...AGENTS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("again" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const) }) },
);

async function drive(
  world: World,
  conversation: string,
  options: { readonly seed: number; readonly moves: readonly Move[] },
) {
  const random = createSeededRandom(options.seed);
  const bus = createFaultyBus({ clock: world.clock, random, faults: { lost: 0.3, repeated: 0.3, delayMsMax: 200 } });
  const start = async (): Promise<Process> => {
    const process = await world.process({
      bus,
      takesOver: true,
      limits: { redeliveriesMax: 100, sweepMs: 500, heartbeatMs: 5_000, portLeaseMs: 15_000 },
      script: () => ({ say: "an answer", afterMs: random.integer(4_000) }),
    });
    await world.run(process.join(...AGENTS));
    for (let attempt = 0; attempt < 20; attempt++) {
      const { members } = await world.run(process.shake(conversation, AGENTS));
      if (members.length === AGENTS.length) break;
    }
    await world.run(process.serve(conversation));
    return process;
  };
  let process = await start();
  let last: Parameters<Process["mesh"]["send"]>[0] | undefined;
  for (const move of options.moves) {
    switch (move.do) {
      case "request":
      case "inform": {
        const base = ask(world, conversation, move.do === "request" ? move.to : { mode: "broadcast" });
        const deadlineUs = world.clock.nowUs() + (move.do === "request" ? move.seconds : 3_600) * 1_000_000;
        const from = move.do === "inform" ? { from: move.from, intent: "inform" as const } : {};
        last = { ...base, id: world.ids.next(), deadlineUs, ...from };
        await world.run(process.mesh.send(last));
        break;
      }
      case "again":
        if (last !== undefined) expect((await world.run(process.mesh.send(last))).fresh).toBe(false);
        break;
      case "wait":
        await world.wait(move.ms);
        break;
      case "crash":
        process.crash();
        process = await start();
    }
  }
  // Longer than any deadline of a request: then nothing is open.
  await world.wait(95_000);
}

function countBy(
  events: readonly JournalEvent[],
  keyOf: (event: JournalEvent) => string | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) {
    const key = keyOf(event);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Epochs only rise, every member has confirmed what is installed, and messages carry the view in force. */
function expectOrderedViews(events: readonly JournalEvent[]): void {
  let proposed = 0;
  let inForce = 0;
  const confirmed = new Set<string>();
  for (const event of events) {
    if (event.kind === "handshake.proposed") {
      expect(event.data.epoch).toBe(proposed + 1);
      proposed = event.data.epoch;
    }
    if (event.kind === "handshake.confirmed") {
      const { digest, agent, incarnation } = event.data;
      confirmed.add(`${digest} ${agent} ${incarnation}`);
    }
    if (event.kind === "handshake.installed") {
      const { epoch, digest, members } = event.data;
      expect(epoch).toBeGreaterThan(inForce);
      inForce = epoch;
      for (const { agent, incarnation } of members) expect(confirmed).toContain(`${digest} ${agent} ${incarnation}`);
    }
    if (event.kind === "message.accepted") expect(event.data.envelope.epoch).toBe(inForce);
  }
}

describe("whatever the schedule", () => {
  it("every message is delivered to each recipient exactly once, every turn has exactly one result", async () => {
    verifies("R7.3", "R7.4");
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(moves, { minLength: 5, maxLength: 25 }), async (seed, list) => {
        const world = await createWorld(seed);
        const conversation = world.conversation();
        await drive(world, conversation, { seed, moves: list });
        const events = await world.events(conversation);
        const delivered = countBy(events, (event) =>
          event.kind === "message.delivered" ? `${event.data.messageId} ${event.data.recipient}` : undefined,
        );
        const expired = new Set(
          events.flatMap((event) =>
            event.kind === "message.expired" ? [`${event.data.messageId} ${event.data.recipient}`] : [],
          ),
        );
        const results = countBy(events, (event) =>
          event.kind === "turn.completed" || event.kind === "turn.failed" ? event.data.turnId : undefined,
        );
        const shown = new Set<string>();
        for (const event of events) {
          if (event.kind !== "message.accepted") continue;
          const { envelope } = event.data;
          // After what caused it, so that no reader sees an answer before its question.
          for (const parent of envelope.parents) expect(shown.has(parent.messageId)).toBe(true);
          shown.add(envelope.id);
          for (const recipient of envelope.recipients) {
            const times = delivered.get(`${envelope.id} ${recipient}`) ?? 0;
            if (expired.has(`${envelope.id} ${recipient}`)) expect(times).toBeLessThanOrEqual(1);
            else expect(times).toBe(1);
          }
          if (envelope.intent === "request") expect(results.get(envelope.turnId ?? "")).toBe(1);
        }
        expectOrderedViews(events);
        expect([...results.values()].every((count) => count === 1)).toBe(true);
        expect([...delivered.values()].every((count) => count === 1)).toBe(true);
        await world.close();
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it("is the same again from the same seed", async () => {
    verifies("R7.3");
    const list: Move[] = [
      { do: "request", to: "a", seconds: 60 },
      { do: "wait", ms: 700 },
      { do: "crash" },
      { do: "inform", from: "b" },
      { do: "request", to: "b", seconds: 60 },
    ];
    const record = async () => {
      const world = await createWorld(7);
      const conversation = world.conversation();
      await drive(world, conversation, { seed: 7, moves: list });
      const events = await world.events(conversation);
      await world.close();
      return events.map(({ kind, seq, actor, atUs }) => ({ kind, seq, actor, atUs }));
    };
    expect(await record()).toEqual(await record());
  }, 60_000);
});
