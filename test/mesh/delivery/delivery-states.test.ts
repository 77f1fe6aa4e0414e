// The states of a delivery, one by one, and what the sender and the turn see.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Failure } from "../../../src/domain/failure.ts";
import type { ConversationId } from "../../../src/domain/ids.ts";
import { listDead, listDeliveries } from "../../../src/mesh/delivery/queries.ts";
import type { OpenTurn, Selector } from "../../../src/mesh/turn-runner.ts";
import { ask, cardOf, createWorld, type Process, type ProcessOptions, text, type World } from "../mesh-harness.ts";

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
});
afterEach(() => world.close());

const BUSY: Failure = { class: "capacity", code: "VENDOR_CAPACITY", reason: "the vendor is full" };
const WRONG: Failure = { class: "request", code: "VENDOR_REQUEST", reason: "the request is wrong" };

/** Three agents that have shaken hands, served by one process. */
async function stage(options: ProcessOptions = {}, agents = ["a", "b", "c"]): Promise<Process> {
  const process = await world.process(options);
  await world.run(process.join(...agents));
  await world.run(process.shake(conversation, agents));
  await world.run(process.serve(conversation));
  return process;
}

async function statesOf(process: Process): Promise<string[]> {
  const deliveries = await listDeliveries(process.journal, { conversationId: conversation, limit: 100 });
  return deliveries.map(({ recipient, intent, state, code }) =>
    [recipient, intent, state, code].filter(Boolean).join(" "),
  );
}

async function failuresOf(): Promise<string[]> {
  return (await world.of(conversation, "turn.failed")).map((event) => event.data.failure.code);
}

describe("a request", () => {
  it("is answered: its delivery says when each step was", async () => {
    const process = await stage({ script: () => ({ say: "yes", afterMs: 500 }) });
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const [delivery] = await listDeliveries(process.journal, { conversationId: conversation, limit: 1 });
    expect(delivery).toMatchObject({ recipient: "a", state: "answered", starts: 1, redeliveries: 0, incarnation: 1 });
    const { acceptedAtUs = 0, deliveredAtUs = 0, startedAtUs = 0, endedAtUs = 0 } = delivery ?? {};
    expect([acceptedAtUs, deliveredAtUs, startedAtUs, endedAtUs].toSorted((a, b) => a - b)).toEqual([
      acceptedAtUs,
      deliveredAtUs,
      startedAtUs,
      endedAtUs,
    ]);
    expect(endedAtUs - startedAtUs).toBeGreaterThanOrEqual(500_000);
    expect(await statesOf(process)).toEqual(["a request answered", "b reply delivered", "c reply delivered"]);
  });

  it("that fails is refused, and its turn has that result", async () => {
    const process = await stage({ script: () => ({ fail: BUSY }) });
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    expect(await statesOf(process)).toEqual(["a request refused VENDOR_CAPACITY"]);
    expect(await failuresOf()).toEqual(["VENDOR_CAPACITY"]);
  });

  it("whose runner breaks is refused with the error's code", async () => {
    const process = await stage({ script: () => ({ throws: new Error("a bug") }) });
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    expect(await failuresOf()).toEqual(["INTERNAL"]);
  });

  it("that nobody begins before its deadline expires, and is never executed late", async () => {
    const process = await stage({ script: () => ({ hang: true }) });
    await world.run(
      process.mesh.send({ ...ask(world, conversation, "a"), deadlineUs: world.clock.nowUs() + 9_000_000 }),
    );
    await world.wait(500);
    // The port is busy with the first, so the second has to wait for it.
    await world.run(
      process.mesh.send({ ...ask(world, conversation, "a"), deadlineUs: world.clock.nowUs() + 2_000_000 }),
    );
    await world.wait(20_000);
    expect(await statesOf(process)).toEqual(["a request expired", "a request expired"]);
    expect((await failuresOf()).toSorted()).toEqual(["DEADLINE", "TIMEOUT_TURN"]);
    expect(process.turns).toHaveLength(1);
  });

  it("is begun one after the other by an agent, side by side by several", async () => {
    let running = 0;
    let most = 0;
    const process = await stage({ script: () => ({ say: "x", afterMs: 1_000 }) });
    for (const agent of ["a", "a", "b"]) await world.run(process.mesh.send(ask(world, conversation, agent)));
    await world.wait(10_000);
    for (const { kind } of await world.events(conversation)) {
      if (kind === "message.started") most = Math.max(most, ++running);
      if (kind === "message.answered") running--;
    }
    expect(most).toBe(2);
    expect(await world.of(conversation, "turn.completed")).toHaveLength(3);
  });

  it("to several agents opens a turn for each", async () => {
    const process = await stage();
    const request = ask(world, conversation, { mode: "multicast", agents: ["a", "b", "a"] });
    await world.run(process.mesh.send(request));
    await world.wait(1_000);
    const completed = await world.of(conversation, "turn.completed");
    expect(completed.map((event) => event.actor).toSorted()).toEqual(["a", "b"]);
    expect(new Set(completed.map((event) => event.data.turnId)).size).toBe(2);
  });

  it("begun again too often after crashes is dead, with its reason", async () => {
    const limits = { redeliveriesMax: 2 };
    let process = await stage({ script: () => ({ hang: true }), limits });
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    for (let crash = 0; crash < 3; crash++) {
      await world.wait(1_000);
      process.crash();
      process = await takeOver({ script: () => ({ hang: true }), limits });
    }
    await world.wait(1_000);
    const started = await world.of(conversation, "message.started");
    expect(started.map((event) => event.data.delivery)).toEqual([1, 2, 3]);
    expect(await world.of(conversation, "turn.started")).toHaveLength(1);
    expect(await failuresOf()).toEqual(["REDELIVERY_SPENT"]);
    expect(await listDead(process.journal, { limit: 10 })).toMatchObject([
      { recipient: "a", state: "dead", code: "REDELIVERY_SPENT", reason: "it was begun 3 times and never ended" },
    ]);
  });

  /** Another process, after the lease of the crashed one. */
  async function takeOver(options: ProcessOptions): Promise<Process> {
    const process = await world.process({ ...options, takesOver: true });
    await world.run(process.join("a", "b", "c"));
    await world.run(process.serve(conversation));
    return process;
  }
});

describe("an answer that comes too late or twice", () => {
  it("is refused where the turn has its result", async () => {
    const process = await stage({ script: () => ({ fail: WRONG }) });
    const { messageId } = await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const reply = { ...ask(world, conversation, "b"), from: "a", intent: "reply", inReplyTo: messageId } as const;
    const { turnId: _, ...untold } = reply;
    await expect(world.run(process.mesh.send(untold))).rejects.toMatchObject({ code: "TURN_CLOSED" });
  });
});

describe("somebody else's answer", () => {
  it("that came first is the turn's result; the later one changes nothing", async () => {
    const process = await stage({ script: () => ({ say: "late", afterMs: 5_000 }) });
    const { messageId } = await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const { turnId: _, ...base } = ask(world, conversation, { mode: "broadcast" });
    const reply = { ...base, from: "a", intent: "reply", inReplyTo: messageId, parts: text("early") } as const;
    await world.run(process.mesh.send(reply));
    await world.wait(10_000);
    const completed = await world.of(conversation, "turn.completed");
    expect(completed).toHaveLength(1);
    expect(await failuresOf()).toEqual([]);
    const body = completed[0]?.data.body;
    expect(body && (await process.journal.body(body))).toEqual({ parts: text("early") });
  });

  it("to a turn that never was is refused", async () => {
    const process = await stage();
    const reply = { ...ask(world, conversation, { mode: "broadcast" }), from: "a", intent: "reply" } as const;
    await expect(world.run(process.mesh.send(reply))).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("an inform", () => {
  it("rests when it is delivered", async () => {
    const process = await stage();
    await world.run(
      process.mesh.send({ ...ask(world, conversation, { mode: "broadcast" }), from: "a", intent: "inform" }),
    );
    await world.wait(100);
    expect(await statesOf(process)).toEqual(["b inform delivered", "c inform delivered"]);
    expect(process.turns).toEqual([]);
  });
});

describe("a probe", () => {
  it("is answered by the port, and no model is asked", async () => {
    const process = await stage();
    await world.run(process.mesh.send({ ...ask(world, conversation, "b"), from: "a", intent: "probe", parts: [] }));
    await world.wait(100);
    expect(await statesOf(process)).toEqual(["b probe answered"]);
    expect(process.turns).toEqual([]);
  });
});

describe("an anycast", () => {
  const reviewers = [cardOf("a", { skills: ["review"] }), cardOf("b", { skills: ["review"] }), cardOf("c")];
  const review = { mode: "anycast", skill: "review" } as const;

  async function reviewStage(options: ProcessOptions): Promise<Process> {
    const process = await world.process(options);
    await world.run(process.join(...reviewers));
    await world.run(process.shake(conversation, ["a", "b", "c"]));
    await world.run(process.serve(conversation));
    return process;
  }

  const failsAs = (agent: string, failure: Failure) => (turn: OpenTurn) =>
    turn.port.agent.card.id === agent ? { fail: failure } : { say: "mine" };

  it("goes to the next candidate when one fails; the turn stays one", async () => {
    const process = await reviewStage({ script: failsAs("a", BUSY) });
    const request = ask(world, conversation, review);
    await world.run(process.mesh.send(request));
    await world.wait(1_000);
    expect(await statesOf(process)).toEqual([
      "a request refused VENDOR_CAPACITY",
      "b request answered",
      "a reply delivered",
      "c reply delivered",
    ]);
    const [completed] = await world.of(conversation, "turn.completed");
    expect(completed?.data).toMatchObject({ turnId: request.turnId, agent: "b" });
    expect(process.turns.map((turn) => turn.otherCandidates)).toEqual([1, 1]);
  });

  it("does not go on where the request itself is at fault", async () => {
    const process = await reviewStage({ script: failsAs("a", WRONG) });
    await world.run(process.mesh.send(ask(world, conversation, review)));
    await world.wait(1_000);
    expect(await failuresOf()).toEqual(["VENDOR_REQUEST"]);
  });

  it("is tried a bounded number of times, and fails with the last reason", async () => {
    const process = await reviewStage({ script: () => ({ fail: BUSY }), limits: { reroutesMax: 3 } });
    await world.run(process.mesh.send(ask(world, conversation, review)));
    await world.wait(1_000);
    expect(process.turns.map((turn) => turn.port.agent.card.id)).toEqual(["a", "b", "a", "b"]);
    expect(process.turns.at(-1)?.otherCandidates).toBe(0);
    expect(await failuresOf()).toEqual(["VENDOR_CAPACITY"]);
  });

  it("waits while nobody may be asked, and moves to who may be asked first", async () => {
    let open: string[] = [];
    const selector: Selector = {
      order: (candidates) => candidates.filter((port) => open.includes(port.agent.card.id)),
      nextChanceMs: (candidates) => (candidates.some((port) => open.includes(port.agent.card.id)) ? 0 : 300),
    };
    const process = await reviewStage({ selector });
    await world.run(process.mesh.send(ask(world, conversation, review)));
    await world.wait(2_000);
    expect(process.turns).toEqual([]);
    open = ["b"];
    await world.wait(2_000);
    expect(process.turns.map((turn) => turn.port.agent.card.id)).toEqual(["b"]);
    const [rerouted] = await world.of(conversation, "message.rerouted");
    expect(rerouted?.data).toMatchObject({ from: "a", to: "b", code: "OVERLOADED" });
  });

  it("fails at once where it has a single candidate", async () => {
    const process = await world.process({ script: () => ({ fail: BUSY }) });
    await world.run(process.join(...reviewers));
    await world.run(process.shake(conversation, ["a", "c"]));
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, review)));
    await world.wait(1_000);
    expect(await failuresOf()).toEqual(["VENDOR_CAPACITY"]);
    expect(process.turns.map((turn) => turn.otherCandidates)).toEqual([0]);
  });

  it("is begun all the same where nobody may ever be asked: the runner then says why", async () => {
    const process = await reviewStage({ selector: { order: () => [], nextChanceMs: () => undefined } });
    await world.run(process.mesh.send(ask(world, conversation, review)));
    await world.wait(1_000);
    expect(process.turns).toHaveLength(1);
  });

  it("finds nobody where no member has the skill", async () => {
    const process = await reviewStage({});
    const nobody = { mode: "anycast", skill: "cooking" } as const;
    await expect(world.run(process.mesh.send(ask(world, conversation, nobody)))).rejects.toMatchObject({
      code: "NO_CANDIDATE",
    });
  });
});

describe("a pulling agent", () => {
  it("keeps its open turn as a delivery until it answers, from any process", async () => {
    const process = await world.process();
    await world.run(process.join(cardOf("person", { port: "pulling", routes: [] }), "b"));
    await world.run(process.shake(conversation, ["person", "b"]));
    await world.run(process.serve(conversation));
    const request = ask(world, conversation, "person");
    const { messageId } = await world.run(process.mesh.send(request));
    await world.wait(10_000);
    expect(await statesOf(process)).toEqual(["person request delivered"]);
    const other = await world.process();
    const reply = {
      conversationId: conversation,
      from: "person",
      to: { mode: "broadcast" },
      intent: "reply",
      parts: text("I think so"),
      trust: "user",
      deadlineUs: world.clock.nowUs() + 60_000_000,
      turnId: request.turnId as string,
      id: world.ids.next(),
    } as const;
    const receipt = await world.run(other.mesh.send(reply));
    expect(receipt).toMatchObject({ fresh: true, recipients: ["b"] });
    expect(await world.run(other.mesh.send(reply))).toEqual({ ...receipt, fresh: false });
    await world.wait(1_000);
    expect(await statesOf(process)).toEqual(["person request answered", "b reply delivered"]);
    const [completed] = await world.of(conversation, "turn.completed");
    expect(completed?.data).toMatchObject({ turnId: request.turnId, agent: "person", messageId: reply.id });
    const again = { ...reply, id: world.ids.next(), inReplyTo: messageId };
    await expect(world.run(other.mesh.send(again))).rejects.toMatchObject({ code: "TURN_CLOSED" });
    const stranger = { ...reply, id: world.ids.next(), from: "b" };
    await expect(world.run(process.mesh.send(stranger))).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("a member that leaves", () => {
  it("takes its open deliveries with it: they are refused, and the turn has its result", async () => {
    const process = await stage({ script: () => ({ hang: true }) });
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    await world.run(process.mesh.leave("a", 2_000));
    await world.wait(1_000);
    expect(await statesOf(process)).toEqual(["a request refused NOT_MEMBER", "a request refused NOT_MEMBER"]);
    expect(await failuresOf()).toEqual(["NOT_MEMBER", "NOT_MEMBER"]);
  });
});
