// An older process takes a conversation over from a newer one: its ports come
// back under higher incarnations, and what else it drives notices nothing.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFlatCosting } from "../../../src/agents/scripted/scripted-card.ts";
import type { ConversationId } from "../../../src/domain/ids.ts";
import { MESH_LIMITS_DEFAULT } from "../../../src/mesh/mesh-limits.ts";
import { createLocalHealth } from "../../../src/mesh/registry/local-health.ts";
import { createLocalPorts } from "../../../src/mesh/registry/local-ports.ts";
import { createMembership } from "../../../src/mesh/registry/membership.ts";
import { PORTS_COLLECTION } from "../../../src/mesh/registry/registry-documents.ts";
import { createSilentLog } from "../../../src/platform/log.ts";
import { verifies } from "../../requirements.ts";
import { ask, createWorld, type Process, type ProcessOptions, scripted, type World } from "../mesh-harness.ts";

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
});
afterEach(() => world.close());

/** Joined first, so that its incarnations are the lower ones. */
async function elder(options: ProcessOptions = {}): Promise<Process> {
  const process = await world.process({ takesOver: true, ...options });
  await world.run(process.join("a", "b"));
  return process;
}

/** Drives the conversation, and dies. */
async function fallen(id = conversation): Promise<void> {
  const process = await world.process();
  await world.run(process.join("a", "b"));
  await world.run(process.shake(id, ["a", "b"]));
  process.crash();
}

const incarnations = async (id: ConversationId) =>
  (await world.of(id, "handshake.installed")).at(-1)?.data.members.map((member) => member.incarnation);

const livePorts = async (process: Process) =>
  (await process.journal.documents(PORTS_COLLECTION, { group: "all", limit: 100 })).map(({ key }) => key).toSorted();

describe("a takeover by an older process", () => {
  it("installs the next view at once, with incarnations above those of the one that died", async () => {
    verifies("R3.2");
    const process = await elder();
    await fallen();
    const beforeUs = world.clock.nowUs();
    const report = await world.run(process.shake(conversation, ["a", "b"]));
    expect(report).toMatchObject({ epoch: 2, refused: [], members: [{ incarnation: 3 }, { incarnation: 3 }] });
    expect(report.links.every((link) => link.open)).toBe(true);
    // Nobody waited for a deadline.
    expect(world.clock.nowUs() - beforeUs).toBeLessThan(1_000_000);
  });

  it("answers what the dead one was asked, and its members speak", async () => {
    const process = await elder();
    await fallen();
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.run(process.shake(conversation, ["a", "b"]));
    await world.run(process.serve(conversation));
    await world.wait(1_000);
    expect(await world.of(conversation, "turn.completed")).toHaveLength(1);
    const { turnId: _, ...told } = ask(world, conversation, "b");
    const receipt = await world.run(process.mesh.send({ ...told, from: "a", intent: "inform" }));
    expect(receipt.fresh).toBe(true);
    const proved = await world.run(process.mesh.verifyLinks(conversation));
    expect(proved.links.map(({ open }) => open)).toEqual([true, true]);
  });

  it("leaves the process's other conversations in their views, with their running turns", async () => {
    const process = await elder({ script: () => ({ say: "slow but sure", afterMs: 5_000 }) });
    const other = world.conversation();
    await world.run(process.shake(other, ["a", "b"]));
    await world.run(process.serve(other));
    await world.run(process.mesh.send(ask(world, other, "a")));
    await world.wait(1_000);
    await fallen();
    await world.run(process.shake(conversation, ["a", "b"]));
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.run(process.mesh.send(ask(world, other, "b")));
    await world.wait(20_000);
    expect(await world.of(other, "turn.completed")).toHaveLength(2);
    expect(await world.of(other, "turn.failed")).toEqual([]);
    expect(await world.of(other, "handshake.installed")).toHaveLength(1);
    expect(await world.of(conversation, "turn.completed")).toHaveLength(1);
    expect(await incarnations(conversation)).toEqual([3, 3]);
  });

  it("needs no further port for a second one of the same dead process", async () => {
    const process = await elder();
    const [first, second] = [world.conversation(), world.conversation()];
    const newer = await world.process();
    await world.run(newer.join("a", "b"));
    await world.run(newer.shake(first, ["a", "b"]));
    await world.run(newer.shake(second, ["a", "b"]));
    newer.crash();
    await world.run(process.shake(first, ["a", "b"]));
    await world.run(process.shake(second, ["a", "b"]));
    expect(await incarnations(second)).toEqual([3, 3]);
  });

  it("again and again, keeps no port that no conversation here names", async () => {
    const process = await elder();
    for (let times = 0; times < 4; times++) {
      const id = world.conversation();
      await fallen(id);
      await world.run(process.shake(id, ["a", "b"]));
      const service = await world.run(process.serve(id));
      await world.run(service.stop("it has ended"));
    }
    await world.wait(60_000);
    // Those of the dead are evicted; of its own, the newest and at most the one before are left.
    expect((await livePorts(process)).length).toBeLessThanOrEqual(4);
    await world.run(process.mesh.close());
    expect(await livePorts(process)).toEqual([]);
  });

  it("leaves with all its ports when the agent leaves", async () => {
    const process = await elder();
    const other = world.conversation();
    await world.run(process.shake(other, ["a", "b"]));
    await world.run(process.serve(other));
    await fallen();
    await world.run(process.shake(conversation, ["a", "b"]));
    await world.run(process.mesh.leave("a", 0));
    for (const id of [other, conversation]) {
      expect((await world.of(id, "handshake.departed")).map(({ data }) => data.agent)).toEqual(["a"]);
      expect((await world.of(id, "handshake.installed")).at(-1)?.data.members.map(({ agent }) => agent)).toEqual(["b"]);
    }
    await world.wait(60_000);
    expect((await livePorts(process)).every((key) => key.startsWith("b/"))).toBe(true);
  });

  it("opens no port for an agent that leaves at this moment", async () => {
    const process = await world.process();
    const membership = createMembership({
      journal: process.journal,
      store: world.store,
      clock: world.clock,
      health: createLocalHealth(),
      log: createSilentLog(),
      limits: MESH_LIMITS_DEFAULT,
      owner: "me",
      ports: createLocalPorts(),
      onRejoined: async () => undefined,
    });
    const costing = () => createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 10 });
    await world.run(membership.join(scripted("c"), { costing }));
    const reopening = membership.reopen("c");
    const leaving = membership.leave("c");
    await expect(world.run(reopening)).rejects.toMatchObject({ code: "AGENT_UNKNOWN" });
    await world.run(leaving);
    expect(await livePorts(process)).toEqual([]);
    await world.run(membership.close());
  });

  it("comes back by one handshake more when an older port of its own is evicted", async () => {
    const process = await elder();
    const other = world.conversation();
    await world.run(process.shake(other, ["a", "b"]));
    await world.run(process.serve(other));
    await fallen();
    await world.run(process.shake(conversation, ["a", "b"]));
    await world.run(
      process.journal.append({
        stream: "mesh",
        decide: () => ({
          events: [
            { kind: "agent.evicted", actor: "a", data: { agent: "a", incarnation: 1, reason: "taken for dead" } },
          ],
          result: undefined,
        }),
      }),
    );
    await world.wait(5_000);
    expect(await incarnations(other)).toEqual([3, 1]);
    expect(await incarnations(conversation)).toEqual([3, 3]);
    await world.run(process.mesh.send(ask(world, other, "a")));
    await world.wait(1_000);
    expect(await world.of(other, "turn.completed")).toHaveLength(1);
  });
});
