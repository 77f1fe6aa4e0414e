// Every decider looks before it leaps: done again, late, or for something that
// never was, it adds nothing. And the projections ignore what is not theirs.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Failure } from "../../../src/domain/failure.ts";
import { type ConversationId, MESH_STREAM } from "../../../src/domain/ids.ts";
import type { NewJournalEvent } from "../../../src/domain/journal-event.ts";
import type { Decision, DecisionView } from "../../../src/journal/journal.ts";
import { listDeliveries } from "../../../src/mesh/delivery/queries.ts";
import {
  eventsOfDelivery,
  eventsOfExpiry,
  eventsOfRefusal,
  eventsOfReroute,
  eventsOfStart,
} from "../../../src/mesh/delivery/transitions.ts";
import { decideDraining, decideEvicted, decideLeft } from "../../../src/mesh/registry/registration.ts";
import { ask, createWorld, type Process, type World } from "../mesh-harness.ts";

let world: World;
let process: Process;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  process = await world.process();
  conversation = world.conversation();
  await world.run(process.join("a", "b"));
  await world.run(process.shake(conversation, ["a", "b"]));
});
afterEach(() => world.close());

const FAILURE: Failure = { class: "transient", code: "VENDOR_TRANSIENT", reason: "a test" };

const DECIDERS: Record<
  string,
  (view: DecisionView, ref: { messageId: string; recipient: string }) => NewJournalEvent[]
> = {
  delivery: (view, ref) => eventsOfDelivery(view, { ...ref, incarnation: 1 }),
  start: (view, ref) => eventsOfStart(view, { ...ref, redeliveriesMax: 3 }).events,
  expiry: eventsOfExpiry,
  refusal: (view, ref) => eventsOfRefusal(view, { ...ref, failure: FAILURE }),
  reroute: (view, ref) => eventsOfReroute(view, { ...ref, to: "b", failure: FAILURE }),
};

async function decide(name: string, messageId: string): Promise<string[]> {
  const { events } = await world.run(
    process.journal.append({
      stream: conversation,
      decide: (view) => ({
        events: DECIDERS[name]?.(view, { messageId, recipient: "a" }) ?? [],
        result: undefined,
      }),
    }),
  );
  return events.map((event) => event.kind);
}

async function add(stream: string, ...events: NewJournalEvent[]): Promise<void> {
  await world.run(process.journal.append({ stream, decide: () => ({ events, result: undefined }) }));
}

describe("a decider adds nothing", () => {
  it.each(Object.keys(DECIDERS))("to a message that never was: %s", async (name) => {
    expect(await decide(name, world.ids.next())).toEqual([]);
  });

  it.each(Object.keys(DECIDERS))("to a delivery that has ended: %s", async (name) => {
    const { messageId } = await world.run(process.mesh.send(ask(world, conversation, "a")));
    expect(await decide("refusal", messageId)).toEqual(["message.refused", "turn.failed"]);
    expect(await decide(name, messageId)).toEqual([]);
  });

  it("when it is done twice", async () => {
    const { messageId } = await world.run(process.mesh.send(ask(world, conversation, "a")));
    expect(await decide("start", messageId)).toEqual([]);
    expect(await decide("delivery", messageId)).toEqual(["message.delivered"]);
    expect(await decide("delivery", messageId)).toEqual([]);
    expect(await decide("start", messageId)).toEqual(["message.started", "turn.started"]);
    expect(await decide("reroute", messageId)).toEqual(["message.rerouted"]);
    expect(await decide("reroute", messageId)).toEqual([]);
    expect(await decide("expiry", messageId)).toEqual([]);
  });

  it("of a turn to a message that opened none", async () => {
    const inform = { ...ask(world, conversation, "a"), intent: "inform" } as const;
    const first = await world.run(process.mesh.send(inform));
    expect(await decide("start", first.messageId)).toEqual([]);
    expect(await decide("expiry", first.messageId)).toEqual(["message.expired"]);
    const second = await world.run(process.mesh.send(inform));
    expect(await decide("refusal", second.messageId)).toEqual(["message.refused"]);
  });

  it("to a port that has left, or drains already", async () => {
    const port = { agent: "a", incarnation: 1 };
    const kinds = async (decideIt: (view: DecisionView) => Decision<void>) => {
      const { events } = await world.run(process.journal.append({ stream: MESH_STREAM, decide: decideIt }));
      return events.map((event) => event.kind);
    };
    expect(await kinds((view) => decideDraining(view, port))).toEqual(["agent.draining"]);
    expect(await kinds((view) => decideDraining(view, port))).toEqual([]);
    expect(await kinds((view) => decideLeft(view, port))).toEqual(["agent.left"]);
    expect(await kinds((view) => decideLeft(view, port))).toEqual([]);
    expect(await kinds((view) => decideEvicted(view, { ...port, reason: "a test" }))).toEqual([]);
  });
});

describe("the projections ignore", () => {
  it("deliveries, turns, views and ports that never were", async () => {
    const messageId = world.ids.next();
    const turnId = world.ids.next();
    const before = await world.run(process.mesh.registry.list());
    await add(
      conversation,
      { kind: "message.delivered", actor: "a", data: { messageId, recipient: "a", incarnation: 1 } },
      { kind: "message.rerouted", actor: "a", data: { messageId, from: "a", to: "b", code: "X", reason: "x" } },
      { kind: "turn.failed", actor: "a", data: { turnId, agent: "a", failure: FAILURE } },
      { kind: "handshake.installed", actor: "coordinator", data: { epoch: 9, digest: "none", members: [] } },
    );
    await add(
      MESH_STREAM,
      { kind: "agent.draining", actor: "x", data: { agent: "x", incarnation: 1 } },
      { kind: "agent.left", actor: "x", data: { agent: "x", incarnation: 1 } },
    );
    expect(await listDeliveries(process.journal, { conversationId: conversation, limit: 10 })).toEqual([]);
    expect(await world.run(process.mesh.registry.list())).toEqual(before);
    expect((await world.run(process.shake(conversation, ["a", "b"]))).epoch).toBe(2);
  });
});

describe("a port whose process died before its first heartbeat", () => {
  it("is suspect when its registration's lease is over, then evicted", async () => {
    const [registered] = await world.of(MESH_STREAM, "agent.registered");
    const card = { ...registered?.data.card, id: "ghost" } as NonNullable<typeof registered>["data"]["card"];
    const leaseUntilUs = world.clock.nowUs() + 3_000_000;
    const data = { agent: "ghost", incarnation: 1, card, leaseUntilUs };
    await add(MESH_STREAM, { kind: "agent.registered", actor: "ghost", data });
    const state = async () => (await world.run(process.mesh.registry.get("ghost")))?.ports[0]?.state;
    expect(await state()).toBe("live");
    await world.wait(4_000);
    expect(await state()).toBe("suspect");
    await world.wait(8_000);
    expect(await state()).toBeUndefined();
  });
});
