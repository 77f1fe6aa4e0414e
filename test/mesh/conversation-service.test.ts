// Serving a conversation: recovery, drain, stop, takeover, lost leases, progress.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PolylogueError } from "../../src/domain/errors.ts";
import type { ConversationId } from "../../src/domain/ids.ts";
import { listDeliveries } from "../../src/mesh/delivery/queries.ts";
import { ask, createWorld, type Process, type ProcessOptions, type World } from "./mesh-harness.ts";

let world: World;
let conversation: ConversationId;
beforeEach(async () => {
  world = await createWorld();
  conversation = world.conversation();
});
afterEach(() => world.close());

async function stage(options: ProcessOptions = {}): Promise<Process> {
  const process = await world.process(options);
  await world.run(process.join("a", "b"));
  await world.run(process.shake(conversation, ["a", "b"]));
  return process;
}

const outcomes = async () => [
  (await world.of(conversation, "turn.completed")).length,
  (await world.of(conversation, "turn.failed")).length,
];

describe("a service", () => {
  it("drains: what runs ends, nothing else begins", async () => {
    const process = await stage({ script: () => ({ say: "x", afterMs: 3_000 }) });
    const service = await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    await world.run(service.drain(60_000));
    expect(await outcomes()).toEqual([1, 0]);
    await world.wait(10_000);
    expect(await outcomes()).toEqual([1, 0]);
    await world.run(service.stop("twice is harmless"));
  });

  it("is the only one of its conversation in a process, until it has stopped", async () => {
    const process = await stage();
    const service = await world.run(process.serve(conversation));
    await expect(world.run(process.serve(conversation))).rejects.toMatchObject({ code: "LEASE_HELD" });
    await world.run(service.drain(0));
    await world.run(process.serve(conversation));
  });

  it("drains no longer than it was told to", async () => {
    const process = await stage({ script: () => ({ hang: true }) });
    const service = await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const before = world.clock.nowUs();
    await world.run(service.drain(2_000));
    expect(world.clock.nowUs() - before).toBeLessThan(3_000_000);
    expect(await outcomes()).toEqual([0, 0]);
  });

  it("stops at once; another one goes on, and each turn has one result", async () => {
    const process = await stage({ script: () => ({ hang: true }) });
    const service = await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.run(process.mesh.send(ask(world, conversation, "b")));
    await world.wait(1_000);
    await world.run(service.stop("a person said so"));
    await world.wait(1_000);
    expect(await outcomes()).toEqual([0, 0]);
    process.crash();
    const next = await world.process({ takesOver: true });
    await world.run(next.join("a", "b"));
    await world.run(next.serve(conversation));
    await world.wait(1_000);
    expect(await outcomes()).toEqual([2, 0]);
    const installed = await world.of(conversation, "handshake.installed");
    expect(installed.at(-1)?.data).toMatchObject({ epoch: 2, members: [{ incarnation: 2 }, { incarnation: 2 }] });
  });

  it("that another process has replaced writes nothing more", async () => {
    const process = await stage({ script: () => ({ say: "too late", afterMs: 5_000 }) });
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const next = await world.process({ takesOver: true });
    await world.run(next.join("a", "b"));
    await world.run(next.serve(conversation));
    await world.wait(10_000);
    expect(await outcomes()).toEqual([1, 0]);
    const [completed] = await world.of(conversation, "turn.completed");
    expect(completed?.data.agent).toBe("a");
    const replies = (await world.of(conversation, "message.accepted")).filter(
      (event) => event.data.envelope.intent === "reply",
    );
    expect(replies.map((event) => event.data.envelope.incarnation)).toEqual([2]);
  });

  it("stops by itself when it finds its lease lost", async () => {
    const process = await stage({ script: () => ({ hang: true }) });
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const thief = await world.process({ takesOver: true });
    await thief.lease(conversation);
    await world.run(thief.mesh.send(ask(world, conversation, "b")));
    await world.wait(1_000);
    expect(await world.of(conversation, "message.delivered")).toHaveLength(1);
    expect(process.turns).toHaveLength(1);
  });

  it("hears of messages that another process sent within a sweep, without any bell", async () => {
    const process = await stage();
    await world.run(process.serve(conversation));
    const other = await world.process();
    await world.run(other.mesh.send(ask(world, conversation, "a")));
    await world.wait(300);
    expect(await outcomes()).toEqual([1, 0]);
  });

  it("refuses an answer that its interpretation makes impossible, and the turn fails with the reason", async () => {
    const process = await stage({
      script: () => ({ say: "x", accept: { to: { mode: "unicast", agent: "nobody" } } }),
    });
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    const [failed] = await world.of(conversation, "turn.failed");
    expect(failed?.data.failure.code).toBe("AGENT_UNKNOWN");
  });

  it("writes what the answer means in the same transaction", async () => {
    const ballot = { agent: "a", choice: "yes" } as const;
    const process = await stage({
      script: (turn) => ({
        say: "yes",
        accept: {
          to: { mode: "unicast", agent: "b" },
          events: [
            {
              kind: "ballot.cast",
              actor: "a",
              data: { ballot, turnId: turn.turnId, round: 1, orderShown: ["yes", "no"] },
            },
          ],
        },
      }),
    });
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send({ ...ask(world, conversation, "a"), round: 1 }));
    await world.wait(1_000);
    const events = await world.events(conversation);
    const completed = events.find((event) => event.kind === "turn.completed");
    const cast = events.find((event) => event.kind === "ballot.cast");
    expect(cast?.seq).toBe((completed?.seq ?? 0) + 1);
    expect(cast?.atUs).toBe(completed?.atUs);
    const rounds = (await world.of(conversation, "message.accepted")).map((event) => event.data.round);
    expect(rounds).toEqual([1, 1]);
    const [started] = await world.of(conversation, "turn.started");
    expect(started?.data.round).toBe(1);
  });

  it("tells who watches that there is something new, until they end it", async () => {
    const process = await stage();
    let bells = 0;
    const end = process.mesh.onProgress((progress) => {
      if (progress.type === "journal" && progress.conversationId === conversation) bells++;
    });
    await world.run(process.serve(conversation));
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    expect(bells).toBeGreaterThan(2);
    const heard = bells;
    end();
    await world.run(process.mesh.send(ask(world, conversation, "a")));
    await world.wait(1_000);
    expect(bells).toBe(heard);
  });

  it("starts with settling what a crash left", async () => {
    const process = await stage();
    const settled: string[] = [];
    const service = process.mesh.serve({
      conversationId: conversation,
      lease: await process.lease(conversation),
      policy: { project: () => Promise.reject(new Error("unused")), interpret: () => ({ kind: "accept", parts: [] }) },
      budgets: {},
      configHash: "config",
    });
    await world.run(service.recover().then(() => settled.push("recovered")));
    expect(settled).toEqual(["recovered"]);
  });

  it("says why where it can't even recover", async () => {
    const process = await stage({
      settleLost: () => Promise.reject(new PolylogueError("STORE_BUSY", { message: "busy" })),
    });
    await expect(world.run(process.serve(conversation))).rejects.toMatchObject({ code: "STORE_BUSY" });
  });
});

describe("deliveries rebuilt from the events", () => {
  it("are the same", async () => {
    const process = await stage({
      script: (turn) => (turn.port.agent.card.id === "a" ? { say: "x" } : { hang: true }),
    });
    await world.run(process.serve(conversation));
    for (const agent of ["a", "b", "a"]) await world.run(process.mesh.send(ask(world, conversation, agent)));
    await world.wait(1_000);
    const read = () => listDeliveries(process.journal, { conversationId: conversation, limit: 100 });
    const before = await world.run(read());
    expect(before.length).toBeGreaterThan(3);
    for (const name of ["mesh-deliveries", "mesh-views"]) await world.run(process.journal.rebuild(name));
    expect(await world.run(read())).toEqual(before);
  });
});
