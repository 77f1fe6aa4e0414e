// The handshake over the bus: who is refused and why, epochs, departures,
// silence, coordinators that come and go.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AgentProbe } from "../../../src/agents/agent.ts";
import { createScriptedAgent } from "../../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting } from "../../../src/agents/scripted/scripted-card.ts";
import type { AgentCard } from "../../../src/domain/agent-card.ts";
import type { ConversationId } from "../../../src/domain/ids.ts";
import type { NewJournalEvent } from "../../../src/domain/journal-event.ts";
import { canonicalJson } from "../../../src/domain/json.ts";
import type { Bus } from "../../../src/mesh/bus/bus.ts";
import { createInProcessBus } from "../../../src/mesh/bus/in-process-bus.ts";
import type { LocalMesh } from "../../../src/mesh/create-mesh.ts";
import { sha256 } from "../../../src/platform/hash.ts";
import { createSeededRandom } from "../../../src/platform/random.ts";
import { verifies } from "../../requirements.ts";
import { createFaultyBus } from "../faulty-bus.ts";
import { cardOf, createWorld, joinScripted, type Process, type World } from "../mesh-harness.ts";

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
});
afterEach(() => world.close());

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `agent-${String(index).padStart(2, "0")}`);
}

function broken(code: AgentProbe["failures"][number]["code"]): AgentProbe {
  return { ok: false, failures: [{ code, reason: `the test says ${code}` }], simulated: true };
}

describe("a conversation", () => {
  it.each([1, 2, 3, 7, 64])("of %i members installs one digest at all of them", async (count) => {
    verifies("R3.1", "R8.2");
    const process = await world.process();
    await world.run(process.join(...names(count)));
    const report = await world.run(process.shake(conversation, names(count)));
    expect(report.members).toHaveLength(count);
    expect(report.links).toHaveLength(count * (count - 1));
    expect(report.links.every((link) => link.open)).toBe(true);
    expect(report.digest).toBe(sha256(`${canonicalJson(report.members)}1`));
    const digests = process.mesh.portViews(conversation).map((port) => port.installed?.digest);
    expect(digests).toEqual(names(count).map(() => report.digest));
  });

  it.each([0, 65])("has no %i members", async (count) => {
    const process = await world.process();
    await world.run(process.join(...names(count)));
    await expect(world.run(process.shake(conversation, names(count)))).rejects.toMatchObject({ code: "MEMBERS_COUNT" });
    expect(await world.events(conversation)).toEqual([]);
  });

  it("has no member that nobody knows, and leaves out one whose port is elsewhere", async () => {
    const process = await world.process();
    const other = await world.process();
    await world.run(process.join("claude"));
    await world.run(other.join("gemini"));
    await expect(world.run(process.shake(conversation, ["claude", "gemnii"]))).rejects.toMatchObject({
      code: "AGENT_UNKNOWN",
      mend: "did you mean gemini?",
    });
    const report = await world.run(process.shake(conversation, ["claude", "gemini"]));
    expect(report.members.map((member) => member.agent)).toEqual(["claude"]);
    expect(report.refused).toEqual([
      { agent: "gemini", code: "UNREACHABLE", reason: "it has no port in this process" },
    ]);
  });
});

describe("a member is refused before the first cent is spent", () => {
  it.each(["AUTH", "MODEL", "PRICE", "WINDOW", "BINARY", "LOGIN", "UNREACHABLE"] as const)(
    "when its free call says %s",
    async (code) => {
      const process = await world.process();
      await world.run(process.join("good"));
      await world.run(joinScripted(process.mesh, "bad", broken(code)));
      const report = await world.run(process.shake(conversation, ["good", "bad"]));
      expect(report.refused).toEqual([{ agent: "bad", code, reason: `the test says ${code}` }]);
      expect(report.members.map((member) => member.agent)).toEqual(["good"]);
      const [refused] = await world.of(conversation, "handshake.refused");
      expect(refused?.data).toEqual({ agent: "bad", code, reason: `the test says ${code}` });
    },
  );

  it("when its window is too small, its one call too dear, its price unknown", async () => {
    const process = await world.process();
    await world.run(joinScripted(process.mesh, cardOf("good", { outputTokensMax: 100 })));
    await world.run(joinScripted(process.mesh, cardOf("narrow", { contextTokensMax: 1_000 })));
    await world.run(joinScripted(process.mesh, cardOf("dear")));
    await world.run(joinUnpriced(process.mesh, cardOf("unpriced")));
    const report = await world.run(
      process.mesh.handshake({
        conversationId: conversation,
        members: ["good", "narrow", "dear", "unpriced"],
        lease: await process.lease(conversation),
        contextTokensMin: 2_000,
        budgetNanoUsd: 11_000,
      }),
    );
    expect(report.refused.map(({ agent, code }) => `${agent} ${code}`).toSorted()).toEqual([
      "dear BUDGET",
      "narrow WINDOW",
      "unpriced PRICE",
    ]);
    // 2,000 tokens in at 1, and the shortest useful answer of 1,024 out at 10.
    expect(report.refused.find(({ agent }) => agent === "dear")).toMatchObject({
      reason: "its shortest useful call may cost $0.000013, more than the budget of $0.000011",
      neededNanoUsd: 12_240,
    });
    expect(report.members.map((member) => member.agent)).toEqual(["good"]);
  });

  it("when its free call hangs or throws", async () => {
    const process = await world.process();
    await world.run(process.join("good"));
    const hanging = {
      ...createScriptedAgent({ card: cardOf("hanging") }),
      probe: () => new Promise<never>(() => undefined),
    };
    const throwing = {
      ...createScriptedAgent({ card: cardOf("throwing") }),
      probe: () => Promise.reject(new Error("a bug of the adapter")),
    };
    const costing = () => createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 1 });
    await world.run(process.mesh.join(hanging, { costing }));
    await world.run(process.mesh.join(throwing, { costing }));
    const report = await world.run(process.shake(conversation, ["good", "hanging", "throwing"]));
    expect(report.refused.toSorted((a, b) => (a.agent < b.agent ? -1 : 1))).toEqual([
      { agent: "hanging", code: "UNREACHABLE", reason: "no answer to a free call within 10000 ms" },
      { agent: "throwing", code: "UNREACHABLE", reason: "a bug of the adapter" },
    ]);
  });

  it("and when all are, there is no view", async () => {
    const process = await world.process();
    await world.run(joinScripted(process.mesh, "bad", broken("AUTH")));
    expect(await world.run(process.shake(conversation, ["bad"]))).toMatchObject({
      epoch: 0,
      digest: "",
      members: [],
      links: [],
      refused: [{ code: "AUTH" }],
    });
  });

  function joinUnpriced(mesh: LocalMesh, card: AgentCard) {
    const flat = createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 1 });
    return mesh.join(createScriptedAgent({ card }), { costing: () => ({ ...flat, costMaxNanoUsd: () => undefined }) });
  }
});

describe("views at run time", () => {
  it("one more joins and one leaves: epochs rise, and all hold the same digest each time", async () => {
    verifies("R3.2");
    const process = await world.process();
    await world.run(process.join("a", "b", "c"));
    const first = await world.run(process.shake(conversation, ["a", "b", "c"]));
    await world.run(process.join("d"));
    const second = await world.run(process.shake(conversation, ["a", "b", "c", "d"]));
    await world.run(process.mesh.leave("b", 0));
    const held = process.mesh.portViews(conversation);
    expect([first.epoch, second.epoch]).toEqual([1, 2]);
    expect(held.map((port) => [port.agent, port.installed?.epoch])).toEqual([
      ["a", 3],
      ["c", 3],
      ["d", 3],
    ]);
    expect(new Set(held.map((port) => port.installed?.digest)).size).toBe(1);
    expect(new Set([first.digest, second.digest, held[0]?.installed?.digest]).size).toBe(3);
    const [departed] = await world.of(conversation, "handshake.departed");
    expect(departed?.data).toEqual({ agent: "b", incarnation: 1, reason: "left" });
    expect((await world.of(conversation, "handshake.installed")).map((event) => event.data.epoch)).toEqual([1, 2, 3]);
  });

  it("the last one leaves: nobody is in force any more", async () => {
    const process = await world.process();
    await world.run(process.join("a"));
    await world.run(process.shake(conversation, ["a"]));
    await world.run(process.mesh.leave("a", 0));
    await world.run(process.join("a"));
    expect(await world.run(process.mesh.verifyLinks(conversation))).toMatchObject({ members: [], links: [] });
  });

  it("the epoch goes on from the journal in another process", async () => {
    const first = await world.process();
    await world.run(first.join("a", "b"));
    await world.run(first.shake(conversation, ["a", "b"]));
    first.crash();
    const second = await world.process({ takesOver: true });
    await world.run(second.join("a", "b"));
    const report = await world.run(second.shake(conversation, ["a", "b"]));
    expect(report).toMatchObject({ epoch: 2, members: [{ incarnation: 2 }, { incarnation: 2 }] });
  });

  it("a coordinator that has lost its lease installs nothing", async () => {
    const first = await world.process();
    await world.run(first.join("a", "b"));
    const lost = await first.lease(conversation);
    const second = await world.process({ takesOver: true });
    await second.lease(conversation);
    const stale = first.mesh.handshake({ conversationId: conversation, members: ["a"], lease: lost });
    await expect(world.run(stale)).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await world.events(conversation)).toEqual([]);
  });
});

describe("another coordinator at work", () => {
  const foreign: NewJournalEvent = {
    kind: "handshake.proposed",
    actor: "coordinator",
    data: { epoch: 1, digest: "foreign", version: 1, members: [], features: [], deadlineUs: 0 },
  };

  it("is noticed: an epoch is proposed once", async () => {
    const process = await world.process();
    await world.run(process.join("a", "b"));
    await world.run(process.shake(conversation, ["a", "b"]));
    const event = { ...foreign, data: { ...foreign.data, epoch: 2 } } as NewJournalEvent;
    await world.run(
      process.journal.append({ stream: conversation, decide: () => ({ events: [event], result: undefined }) }),
    );
    await expect(world.run(process.shake(conversation, ["a", "b"]))).rejects.toMatchObject({ code: "STALE_EPOCH" });
    expect((await world.run(process.shake(conversation, ["a", "b"]))).epoch).toBe(3);
  });

  it("keeps its view: a member that leaves here is not recorded there", async () => {
    const first = await world.process();
    await world.run(first.join("a", "b", "c"));
    await world.run(first.shake(conversation, ["a", "b"]));
    const second = await world.process({ takesOver: true });
    await second.lease(conversation);
    await world.run(first.mesh.leave("a", 0));
    await world.run(first.mesh.leave("c", 0));
    expect(await world.of(conversation, "handshake.departed")).toEqual([]);
    expect(first.mesh.portViews(conversation)).toEqual([]);
  });
});

describe("over a bus that loses, repeats and reorders", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("seed %i: every port installs the same view", async (seed) => {
    verifies("R7.4");
    const random = createSeededRandom(seed);
    const faults = { lost: 0.3, repeated: 0.3, delayMsMax: 400 };
    const bus = createFaultyBus({ clock: world.clock, random, faults });
    const process = await world.process({ bus });
    await world.run(process.join("a", "b", "c"));
    const report = await shakeUntilAll(process, ["a", "b", "c"]);
    await world.wait(5_000);
    const held = process.mesh.portViews(conversation);
    expect(held.map((port) => port.installed?.digest)).toEqual([report.digest, report.digest, report.digest]);
    expect(bus.counts.lost).toBeGreaterThan(0);
    const epochs = (await world.of(conversation, "handshake.installed")).map((event) => event.data.epoch);
    expect(epochs).toEqual([...new Set(epochs)].toSorted((a, b) => a - b));
  });

  /** A member taken for silent is let in by the next handshake. */
  async function shakeUntilAll(process: Process, members: string[]) {
    for (let attempt = 0; attempt < 20; attempt++) {
      const report = await world.run(process.shake(conversation, members));
      if (report.members.length === members.length) return report;
    }
    throw new Error("never converged");
  }

  it("leaves out, in the next epoch, who said HELLO and never confirms", async () => {
    const inner = createInProcessBus({ clock: world.clock });
    const bus: Bus = {
      ...inner,
      publish(subject, message) {
        const isLost = JSON.stringify(message).includes("ROSTER") && subject.includes("/port/b/");
        if (!isLost) inner.publish(subject, message);
      },
    };
    const process = await world.process({ bus });
    await world.run(process.join("a", "b"));
    const report = await world.run(process.shake(conversation, ["a", "b"]));
    expect(report).toMatchObject({
      epoch: 2,
      members: [{ agent: "a" }],
      refused: [{ agent: "b", code: "SILENT" }],
    });
    const [departed] = await world.of(conversation, "handshake.departed");
    expect(departed?.data).toEqual({ agent: "b", incarnation: 1, reason: "silent" });
  });

  it("leaves out who stays silent, and says so", async () => {
    const bus = createFaultyBus({
      clock: world.clock,
      random: createSeededRandom(1),
      faults: { lost: 1, repeated: 0, delayMsMax: 1 },
    });
    const process = await world.process({ bus });
    await world.run(process.join("a", "b"));
    const report = await world.run(process.shake(conversation, ["a", "b"]));
    expect(report.members).toEqual([]);
    expect(report.refused.map(({ agent, code }) => `${agent} ${code}`)).toEqual(["a SILENT", "b SILENT"]);
  });
});
