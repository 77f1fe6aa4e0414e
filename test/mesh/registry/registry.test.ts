// Who is there: incarnations, leases and heartbeats, draining, leaving, eviction,
// over several processes of one home.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MESH_STREAM } from "../../../src/domain/ids.ts";
import { MESH_LIMITS_DEFAULT } from "../../../src/mesh/mesh-limits.ts";
import { suspicionMs } from "../../../src/mesh/registry/heartbeats.ts";
import { verifies } from "../../requirements.ts";
import { ask, cardOf, createWorld, joinScripted, type World } from "../mesh-harness.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

describe("an agent", () => {
  it("joins and leaves at run time, each time under a higher incarnation", async () => {
    verifies("R3.2");
    const { mesh } = await world.process();
    expect(await world.run(joinScripted(mesh, "a"))).toEqual({ incarnation: 1 });
    expect(await world.run(mesh.registry.get("a"))).toMatchObject({ ports: [{ incarnation: 1, state: "live" }] });
    await world.run(mesh.leave("a", 0));
    expect(await world.run(mesh.registry.get("a"))).toBeUndefined();
    expect(await world.run(joinScripted(mesh, "a"))).toEqual({ incarnation: 2 });
    expect(await world.kinds(MESH_STREAM)).toEqual([
      "agent.registered",
      "agent.draining",
      "agent.left",
      "agent.registered",
    ]);
  });

  it("has a port in each of several processes, and one crash does not disturb the other", async () => {
    const first = await world.process();
    const second = await world.process();
    await world.run(first.join("a"));
    await world.run(second.join("a"));
    const stateOf = async () => (await world.run(second.mesh.registry.get("a")))?.ports;
    expect(await stateOf()).toEqual([
      { incarnation: 1, state: "live" },
      { incarnation: 2, state: "live" },
    ]);
    first.crash();
    await world.wait(4_000);
    expect(await stateOf()).toEqual([
      { incarnation: 1, state: "suspect" },
      { incarnation: 2, state: "live" },
    ]);
    await world.wait(8_000);
    expect(await stateOf()).toEqual([{ incarnation: 2, state: "live" }]);
    const [evicted] = await world.of(MESH_STREAM, "agent.evicted");
    expect(evicted?.data).toMatchObject({ agent: "a", incarnation: 1 });
    expect(evicted?.data.reason).toMatch(/^no heartbeat for \d+ ms$/);
  });

  it("that is simulated is marked so, and no real process finds it, nor the other way", async () => {
    const real = await world.process();
    const simulated = await world.process({ simulated: true });
    await world.run(real.join(cardOf("a", { skills: ["review"] })));
    await world.run(simulated.join(cardOf("a", { skills: ["review"] }), cardOf("b", { skills: ["review"] })));
    const seenBy = async ({ mesh }: typeof real) => {
      const found = await world.run(mesh.registry.withSkill("review"));
      const own = await world.run(mesh.registry.list());
      expect(own).toEqual(found);
      return found.map(({ card, ports }) => [card.id, ports.map(({ incarnation }) => incarnation)]);
    };
    expect(await seenBy(real)).toEqual([["a", [1]]]);
    expect(await seenBy(simulated)).toEqual([
      ["a", [2]],
      ["b", [1]],
    ]);
    expect(await world.run(real.mesh.registry.get("b"))).toBeUndefined();
    await world.run(simulated.mesh.leave("a", 0));
    simulated.crash();
    // A real process clears away what a simulated one left, under its own mark.
    await world.wait(12_000);
    const marks = (await world.events(MESH_STREAM)).map(({ kind, simulated: mark }) => [kind, mark]);
    expect(marks).toEqual([
      ["agent.registered", false],
      ["agent.registered", true],
      ["agent.registered", true],
      ["agent.draining", true],
      ["agent.left", true],
      ["agent.evicted", true],
    ]);
    expect((await seenBy(real)).length).toBe(1);
  });

  it("can't join twice in one process, even at once", async () => {
    const process = await world.process();
    const both = Promise.allSettled([joinScripted(process.mesh, "a"), joinScripted(process.mesh, "a")]);
    const [one, other] = await world.run(both);
    expect(one?.status).toBe("fulfilled");
    expect(other).toMatchObject({ status: "rejected", reason: { code: "USAGE" } });
    await expect(world.run(process.join("a"))).rejects.toMatchObject({ code: "USAGE" });
  });

  it.each(["coordinator", "user", "Upper", ""])("can't be called %j", async (name) => {
    const process = await world.process();
    await expect(world.run(process.join(cardOf(name)))).rejects.toMatchObject({ code: "USAGE" });
  });

  it("can't leave where it did not join", async () => {
    const { mesh } = await world.process();
    await expect(world.run(mesh.leave("a", 0))).rejects.toMatchObject({ code: "AGENT_UNKNOWN" });
  });

  it("drains: its running turn ends, no other begins", async () => {
    const process = await world.process({ script: () => ({ say: "done", afterMs: 3_000 }) });
    await world.run(process.join("a", "b"));
    const conversation = world.conversation();
    await world.run(process.shake(conversation, ["a", "b"]));
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const leaving = process.mesh.leave("a", 10_000);
    await world.wait(500);
    expect(await world.run(process.mesh.registry.get("a"))).toMatchObject({ ports: [{ state: "draining" }] });
    await world.run(leaving);
    await world.wait(1_000);
    expect(await world.of(conversation, "turn.completed")).toHaveLength(1);
    const [failed] = await world.of(conversation, "turn.failed");
    expect(failed?.data.failure.code).toBe("NOT_MEMBER");
  });
});

describe("heartbeats", () => {
  it("never grow the journal", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b"));
    const before = await world.kinds(MESH_STREAM);
    await world.wait(3_600_000);
    expect(await world.kinds(MESH_STREAM)).toEqual(before);
    expect(await world.run(process.mesh.registry.list())).toMatchObject([
      { card: { id: "a" }, ports: [{ state: "live" }] },
      { card: { id: "b" }, ports: [{ state: "live" }] },
    ]);
  });

  it("bring back, under a new incarnation, a port that another process took for dead", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b"));
    const conversation = world.conversation();
    await world.run(process.shake(conversation, ["a", "b"]));
    await world.run(process.serve(conversation));
    await world.run(
      process.journal.append({
        stream: MESH_STREAM,
        decide: () => ({
          events: [{ kind: "agent.evicted", actor: "a", data: { agent: "a", incarnation: 1, reason: "a test" } }],
          result: undefined,
        }),
      }),
    );
    await world.wait(5_000);
    expect(await world.run(process.mesh.registry.get("a"))).toMatchObject({
      ports: [{ incarnation: 2, state: "live" }],
    });
    const installed = await world.of(conversation, "handshake.installed");
    expect(installed.at(-1)?.data).toMatchObject({
      epoch: 2,
      members: [
        { agent: "a", incarnation: 2 },
        { agent: "b", incarnation: 1 },
      ],
    });
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    expect(await world.of(conversation, "turn.completed")).toHaveLength(1);
  });

  it("are doubted for longer where many ports are, and by a process that is slow itself", () => {
    const limits = MESH_LIMITS_DEFAULT;
    expect(suspicionMs(limits, { ports: 3, healthScore: 0 })).toBe(5_000);
    expect(suspicionMs(limits, { ports: 999, healthScore: 0 })).toBeCloseTo(12_000);
    expect(suspicionMs(limits, { ports: 3, healthScore: 8 })).toBe(45_000);
  });
});

describe("a thousand agents", () => {
  it("register, are found by skill, and leave", async () => {
    verifies("R3.1");
    const process = await world.process();
    const cards = Array.from({ length: 1_000 }, (_, index) =>
      cardOf(`agent-${index}`, { skills: index % 100 === 0 ? ["rare"] : ["common"] }),
    );
    await world.run(Promise.all(cards.map((card) => joinScripted(process.mesh, card))));
    expect(await world.run(process.mesh.registry.list())).toHaveLength(1_000);
    const rare = await world.run(process.mesh.registry.withSkill("rare"));
    expect(rare.map((entry) => entry.card.id)).toContain("agent-900");
    expect(rare).toHaveLength(10);
    await world.wait(10_000);
    expect((await world.run(process.mesh.registry.list())).every((entry) => entry.ports[0]?.state === "live")).toBe(
      true,
    );
  }, 60_000);

  it("and one too many is refused", async () => {
    const process = await world.process({ limits: { registryAgentsMax: 3 } });
    await world.run(process.join("a", "b", "c"));
    await expect(world.run(process.join("d"))).rejects.toMatchObject({ code: "FULL" });
    await world.run(process.mesh.leave("a", 0));
    await world.run(process.join("d"));
  });
});

describe("the projection", () => {
  it("rebuilt, gives the same documents", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b"));
    await world.run(process.mesh.leave("a", 0));
    const read = () => process.mesh.registry.list();
    const before = await world.run(read());
    await world.run(process.journal.rebuild("mesh-registry"));
    expect(await world.run(read())).toEqual(before);
    expect(await world.run(joinScripted(process.mesh, "a"))).toEqual({ incarnation: 2 });
  });
});
