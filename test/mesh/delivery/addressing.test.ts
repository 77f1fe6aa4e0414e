// Who may send what to whom: the four modes, membership, old ports, old views,
// names that do not exist, and messages sent twice.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ConversationId } from "../../../src/domain/ids.ts";
import type { SendRequest } from "../../../src/mesh/mesh.ts";
import { verifies } from "../../requirements.ts";
import { ask, cardOf, createWorld, type Process, type World } from "../mesh-harness.ts";

let world: World;
let process: Process;
let conversation: ConversationId;

beforeEach(async () => {
  world = await createWorld();
  process = await world.process();
  conversation = world.conversation();
  await world.run(process.join("a", "b", cardOf("c", { skills: ["review"] }), "d", "outsider"));
  await world.run(process.shake(conversation, ["a", "b", "c", "d"]));
});
afterEach(() => world.close());

function informOf(to: SendRequest["to"], overrides: Partial<SendRequest> = {}): SendRequest {
  return { ...ask(world, conversation, to), from: "a", intent: "inform", ...overrides };
}

const unicast = (agent: string): SendRequest["to"] => ({ mode: "unicast", agent });

describe("every mode of address", () => {
  it.each<[SendRequest["to"], string[]]>([
    [unicast("b"), ["b"]],
    [{ mode: "multicast", agents: ["d", "b", "a"] }, ["d", "b"]],
    [{ mode: "broadcast" }, ["b", "c", "d"]],
    [{ mode: "anycast", skill: "review" }, ["c"]],
  ])("%j reaches %j", async (to, recipients) => {
    verifies("R3.5");
    const receipt = await world.run(process.mesh.send(informOf(to)));
    expect(receipt).toMatchObject({ recipients, fresh: true });
    const [accepted] = await world.of(conversation, "message.accepted");
    expect(accepted?.seq).toBe(receipt.seq);
    expect(accepted?.data.envelope).toMatchObject({ recipients, from: "a", incarnation: 1, epoch: 1, hops: 0 });
  });

  it("reaches any agent from any agent", async () => {
    verifies("R3.4");
    const agents = ["a", "b", "c", "d"];
    for (const from of agents) {
      for (const to of agents.filter((agent) => agent !== from)) {
        const receipt = await world.run(process.mesh.send(informOf(unicast(to), { from })));
        expect(receipt.recipients).toEqual([to]);
      }
    }
  });
});

describe("a message is refused", () => {
  it.each<[string, string, () => SendRequest]>([
    ["to nobody but its sender", "USAGE", () => informOf(unicast("a"))],
    ["to an agent outside", "NOT_MEMBER", () => informOf(unicast("outsider"))],
    ["from an agent outside", "NOT_MEMBER", () => informOf(unicast("b"), { from: "outsider" })],
    ["from a port of before", "STALE_INC", () => informOf(unicast("b"), { incarnation: 0 })],
    ["from a port that has not shaken hands", "STALE_EPOCH", () => informOf(unicast("b"), { incarnation: 2 })],
    ["from another view", "STALE_EPOCH", () => informOf(unicast("b"), { epoch: 7 })],
    ["after its deadline", "DEADLINE", () => informOf(unicast("b"), { deadlineUs: world.clock.nowUs() })],
    ["caused by a message nobody knows", "USAGE", () => informOf(unicast("b"), { causedBy: unknownCause() })],
  ])("%s: %s", async (_name, code, request) => {
    await expect(world.run(process.mesh.send(request()))).rejects.toMatchObject({ code });
    expect(await world.of(conversation, "message.accepted")).toEqual([]);
  });

  const unknownCause = () => ({ conversationId: conversation, messageId: world.ids.next() });

  it("to a name that does not exist, with the names it may mean", async () => {
    await expect(world.run(process.mesh.send(informOf(unicast("outsidr"))))).rejects.toMatchObject({
      code: "AGENT_UNKNOWN",
      mend: "did you mean outsider?",
    });
    await expect(world.run(process.mesh.send(informOf(unicast("somebody-else"))))).rejects.toMatchObject({
      mend: "see the registered ones with: polylogue agents list",
    });
  });

  it("where too many wait", async () => {
    const small = await world.process({ limits: { inboxDepthMax: 5 } });
    await world.run(small.mesh.send(informOf({ mode: "broadcast" }, { from: "coordinator" })));
    await expect(world.run(small.mesh.send(informOf({ mode: "broadcast" }, { from: "user" })))).rejects.toMatchObject({
      code: "OVERLOADED",
    });
  });
});

describe("the same id again", () => {
  it("adds nothing, and tells what was accepted then", async () => {
    const request = informOf(unicast("b"), { id: world.ids.next() });
    const first = await world.run(process.mesh.send(request));
    const again = await world.run(process.mesh.send({ ...request, to: unicast("c") }));
    expect(again).toEqual({ ...first, fresh: false });
    expect(await world.of(conversation, "message.accepted")).toHaveLength(1);
  });

  it("of a request without a turn's id opens the same turn", async () => {
    const { turnId: _, ...request } = { ...ask(world, conversation, "b"), id: world.ids.next() };
    const lease = await process.lease(conversation);
    await world.run(process.mesh.send({ ...request, lease }));
    await world.run(process.mesh.send(request));
    const [accepted] = await world.of(conversation, "message.accepted");
    expect(accepted?.data.envelope.turnId).toMatch(/^[0-9a-f-]{36}$/);
    const stale = { ...lease, token: lease.token - 1 };
    const late = world.run(process.mesh.send({ ...request, id: world.ids.next(), lease: stale }));
    await expect(late).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  it("carries the command that caused it, and the sender's view where it is right", async () => {
    const command = world.ids.next();
    await world.run(process.mesh.send(informOf(unicast("b"), { command, epoch: 1 })));
    const [accepted] = await world.of(conversation, "message.accepted");
    expect(accepted?.data.command).toBe(command);
  });

  it("in another conversation is refused", async () => {
    const request = informOf(unicast("b"), { id: world.ids.next() });
    await world.run(process.mesh.send(request));
    const elsewhere = { ...request, conversationId: world.conversation() };
    await expect(world.run(process.mesh.send(elsewhere))).rejects.toMatchObject({ code: "DUPLICATE" });
  });
});

describe("a view that has moved on", () => {
  it("admits no member that has left, and the old port of none that came back", async () => {
    await world.run(process.mesh.leave("d", 0));
    await expect(world.run(process.mesh.send(informOf(unicast("b"), { from: "d" })))).rejects.toMatchObject({
      code: "NOT_MEMBER",
    });
    await expect(world.run(process.mesh.send(informOf(unicast("d"))))).rejects.toMatchObject({ code: "NOT_MEMBER" });
    await world.run(process.join("d"));
    await world.run(process.shake(conversation, ["a", "b", "c", "d"]));
    await expect(
      world.run(process.mesh.send(informOf(unicast("b"), { from: "d", incarnation: 1 }))),
    ).rejects.toMatchObject({ code: "STALE_INC" });
    const { recipients } = await world.run(process.mesh.send(informOf(unicast("b"), { from: "d" })));
    expect(recipients).toEqual(["b"]);
  });

  it("orders messages: those between two installs were accepted in the first", async () => {
    const epochs: number[] = [];
    for (const members of [
      ["a", "b"],
      ["a", "b", "c"],
      ["a", "c"],
    ]) {
      await world.run(process.shake(conversation, members));
      await world.run(process.mesh.send(informOf({ mode: "broadcast" })));
    }
    let inForce = 0;
    for (const event of await world.events(conversation)) {
      if (event.kind === "handshake.installed") inForce = event.data.epoch;
      if (event.kind === "message.accepted") {
        expect(event.data.envelope.epoch).toBe(inForce);
        epochs.push(inForce);
      }
    }
    expect(epochs).toEqual([2, 3, 4]);
  });
});

describe("before the first view", () => {
  it("registered agents can be addressed by name, and nobody by broadcast", async () => {
    const conversationId = world.conversation();
    const request = informOf(unicast("b"), { conversationId });
    expect(await world.run(process.mesh.send(request))).toMatchObject({ recipients: ["b"] });
    const [accepted] = await world.of(conversationId, "message.accepted");
    expect(accepted?.data.envelope).toMatchObject({ epoch: 0 });
    const broadcast = informOf({ mode: "broadcast" }, { conversationId });
    await expect(world.run(process.mesh.send(broadcast))).rejects.toMatchObject({ code: "NOT_MEMBER" });
    const early = informOf(unicast("b"), { conversationId, epoch: 1 });
    await expect(world.run(process.mesh.send(early))).rejects.toMatchObject({ code: "STALE_EPOCH" });
    const unknown = informOf(unicast("b"), { conversationId, from: "nobody" });
    await expect(world.run(process.mesh.send(unknown))).rejects.toMatchObject({ code: "AGENT_UNKNOWN" });
  });

  it("an anycast reaches an agent with the skill, of this process or another, and its answer is kept", async () => {
    const conversationId = world.conversation();
    await world.run(process.serve(conversationId));
    const elsewhere = await world.process();
    const request = { ...ask(world, conversationId, { mode: "anycast", skill: "review" } as const) };
    expect(await world.run(elsewhere.mesh.send(request))).toMatchObject({ recipients: ["c"] });
    await world.wait(1_000);
    const [completed] = await world.of(conversationId, "turn.completed");
    expect(completed?.data).toMatchObject({ agent: "c", turnId: request.turnId });
  });
});
