// Messages across conversations: hops, loops, duplicates, trust, and the budget
// that one root can never exceed, whatever agents do.
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { isPolylogueError } from "../../../src/domain/errors.ts";
import type { ConversationId } from "../../../src/domain/ids.ts";
import type { JournalEventOf } from "../../../src/domain/journal-event.ts";
import type { SendRequest } from "../../../src/mesh/mesh.ts";
import { verifies } from "../../requirements.ts";
import { ask, createWorld, type Process, type World } from "../mesh-harness.ts";

let world: World;
afterEach(() => world.close());

/** Conversations of the same two agents. */
async function conversations(count: number, limits = {}): Promise<{ process: Process; ids: ConversationId[] }> {
  world = await createWorld();
  const process = await world.process({ limits });
  await world.run(process.join("a", "b"));
  const ids = Array.from({ length: count }, () => world.conversation());
  for (const id of ids) await world.run(process.shake(id, ["a", "b"]));
  return { process, ids };
}

function informIn(conversationId: ConversationId, overrides: Partial<SendRequest> = {}): SendRequest {
  return { ...ask(world, conversationId, "b"), from: "a", intent: "inform", ...overrides };
}

async function envelopeOf(conversationId: ConversationId, messageId: string) {
  const accepted = await world.of(conversationId, "message.accepted");
  return accepted.find((event) => event.data.envelope.id === messageId)?.data.envelope;
}

describe("a message caused by one of another conversation", () => {
  it("carries where it came from, and is trusted no more than that", async () => {
    const { process, ids } = await conversations(3);
    const [a = "", b = "", c = ""] = ids;
    const root = await world.run(process.mesh.send(informIn(a, { trust: "external" })));
    const first = { conversationId: a, messageId: root.messageId };
    const second = await world.run(process.mesh.send(informIn(b, { causedBy: first, trust: "operator" })));
    const third = await world.run(
      process.mesh.send(informIn(c, { causedBy: { conversationId: b, messageId: second.messageId } })),
    );
    expect(await envelopeOf(c, third.messageId)).toMatchObject({
      origin: first,
      parents: [{ conversationId: b, messageId: second.messageId }],
      via: [a, b],
      hops: 2,
      trust: "external",
    });
  });

  it("is refused beyond the most hops, in a loop, and when its origin was there before", async () => {
    const { process, ids } = await conversations(4, { hopsMax: 2 });
    const [a = "", b = "", c = "", d = ""] = ids;
    const chain: Record<string, { conversationId: string; messageId: string }> = {};
    let cause: SendRequest["causedBy"];
    for (const conversationId of [a, b, c]) {
      const request = informIn(conversationId, cause === undefined ? {} : { causedBy: cause });
      const { messageId } = await world.run(process.mesh.send(request));
      cause = { conversationId, messageId };
      chain[conversationId] = cause;
    }
    const send = (to: string, causedBy: SendRequest["causedBy"]) =>
      world.run(process.mesh.send({ ...informIn(to), ...(causedBy === undefined ? {} : { causedBy }) }));
    await expect(send(d, chain[c])).rejects.toMatchObject({ code: "HOPS" });
    await expect(send(a, chain[b])).rejects.toMatchObject({ code: "LOOP" });
    await expect(send(c, chain[a])).rejects.toMatchObject({ code: "DUPLICATE" });
  });

  it("may come from an agent that is a member only where it was caused", async () => {
    const { process, ids } = await conversations(1);
    const [a = ""] = ids;
    await world.run(process.join("c"));
    const other = world.conversation();
    await world.run(process.shake(other, ["b", "c"]));
    const { messageId } = await world.run(process.mesh.send(informIn(a)));
    const causedBy = { conversationId: a, messageId };
    const receipt = await world.run(process.mesh.send(informIn(other, { causedBy })));
    expect(receipt.recipients).toEqual(["b"]);
    await expect(world.run(process.mesh.send(informIn(other)))).rejects.toMatchObject({ code: "NOT_MEMBER" });
  });

  it("names a message of the conversation it says", async () => {
    const { process, ids } = await conversations(2);
    const [a = "", b = ""] = ids;
    const { messageId } = await world.run(process.mesh.send(informIn(a)));
    const causedBy = { conversationId: b, messageId };
    await expect(world.run(process.mesh.send(informIn(a, { causedBy })))).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("a reply", () => {
  it("inherits the place of its request, so that answering is no way around a rule", async () => {
    const { process, ids } = await conversations(2);
    const [a = "", b = ""] = ids;
    await world.run(process.serve(b));
    const { messageId } = await world.run(process.mesh.send(informIn(a, { trust: "external" })));
    const causedBy = { conversationId: a, messageId };
    await world.run(process.mesh.send(informIn(b, { intent: "request", causedBy, from: "a" })));
    await world.wait(1_000);
    const [request, reply] = await world.of(b, "message.accepted");
    expect(reply?.data.envelope).toMatchObject({ intent: "reply", hops: 1, via: [a], trust: "external" });
    expect(reply?.data.envelope.messagesLeft).toBeLessThan(request?.data.envelope.messagesLeft ?? 0);
  });
});

describe("messages caused by one root", () => {
  it("are never more than its budget, however hostile agents fan out, and hops stay bounded", async () => {
    verifies("R7.4");
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.array(
          fc.record({
            parent: fc.nat(40),
            target: fc.nat(4),
            intent: fc.constantFrom("inform" as const, "request" as const),
            wide: fc.boolean(),
          }),
          { minLength: 20, maxLength: 60 },
        ),
        async (budget, moves) => {
          const { process, ids } = await conversations(5, { messagesLeftMax: budget });
          for (const id of ids) await world.run(process.serve(id));
          const [home = ""] = ids;
          await world.run(process.mesh.send(informIn(home)));
          for (const { parent, target, intent, wide } of moves) {
            const all = await descendants(ids);
            const cause = all[parent % all.length]?.data.envelope;
            if (cause === undefined) throw new Error("the root is gone");
            const causedBy = { conversationId: cause.conversationId, messageId: cause.id };
            const to: SendRequest["to"] = wide ? { mode: "broadcast" } : { mode: "unicast", agent: "b" };
            await world.run(refusable(process.mesh.send(informIn(ids[target] ?? home, { causedBy, intent, to }))));
            await world.wait(50);
          }
          const all = await descendants(ids);
          expect(all.length - 1).toBeLessThanOrEqual(budget);
          expect(all.every((event) => event.data.envelope.hops <= 4)).toBe(true);
          await world.close();
        },
      ),
      { numRuns: 12 },
    );
    world = await createWorld();
  });

  async function descendants(ids: readonly ConversationId[]): Promise<JournalEventOf<"message.accepted">[]> {
    return (await Promise.all(ids.map((id) => world.of(id, "message.accepted")))).flat();
  }

  async function refusable(sent: Promise<unknown>): Promise<void> {
    try {
      await sent;
    } catch (error) {
      if (!isPolylogueError(error) || !["HOPS", "LOOP", "DUPLICATE", "MESSAGES_SPENT"].includes(error.code))
        throw error;
    }
  }

  it("need room for the replies that a request asks for", async () => {
    const { process, ids } = await conversations(1, { messagesLeftMax: 0 });
    const request = informIn(ids[0] ?? "", { intent: "request" });
    await expect(world.run(process.mesh.send(request))).rejects.toMatchObject({ code: "MESSAGES_SPENT" });
  });
});
