// Conversations whose bodies have been erased, and blocks that only one model may read back.
import { describe, expect, it } from "vitest";
import { createConversations } from "../../../src/conversations/lifecycle/create-conversations.ts";
import { openRecord } from "../../../src/conversations/lifecycle/record.ts";
import { createTurnPolicy } from "../../../src/conversations/projection/turn-policy.ts";
import { keptBody, keptText } from "../../../src/conversations/reading/kept-body.ts";
import { listConversations, readConversation } from "../../../src/conversations/reading/read-conversations.ts";
import { PolylogueError } from "../../../src/domain/errors.ts";
import type { JournalEventOf } from "../../../src/domain/journal-event.ts";
import { textOf } from "../../../src/domain/part.ts";
import type { Journal } from "../../../src/journal/journal.ts";
import { createIdSource } from "../../../src/platform/ids.ts";
import { createSeededRandom } from "../../../src/platform/random.ts";
import { createWorld, finish, hold, request } from "../world.ts";
import { gather, party, roster } from "./party.ts";

const gone = async (): Promise<never> => {
  throw new PolylogueError("BODY_MISSING", { message: "erased" });
};
/** The same journal, all of its bodies erased. */
const erased = (journal: Journal): Journal => ({ ...journal, body: gone });
const ref = { hash: "0", bytes: 1 };

describe("erased bodies", () => {
  it("read as erased, and everything else as it was", async () => {
    const world = await createWorld();
    const { journal, ...process } = await world.start(party());
    const { id, outcome } = await hold(world, { ...process, journal }, gather());
    const shown = await readConversation(erased(journal), id);
    expect(shown.question).toBe("[erased]");
    expect(shown.messages.every(({ text }) => text === "[erased]")).toBe(true);
    expect(shown.result?.status).toBe(outcome.status);
    expect((await listConversations(erased(journal), 5)).conversations[0]?.question).toBe("[erased]");
    const record = await openRecord(erased(journal), id);
    expect(record.question).toBe("[erased]");
    const reply = record.events.find(
      (event): event is JournalEventOf<"message.accepted"> => event.kind === "message.accepted",
    );
    expect(textOf(record.parts(reply?.data.envelope.body ?? ref))).toBe("[erased]");
    expect(record.parts(ref)).toEqual([]);
    await world.close();
  });

  it("another failure of the journal is not taken for an erasure", async () => {
    const broken = {
      body: async (): Promise<never> => {
        throw new PolylogueError("STORE_CORRUPT", { message: "broken" });
      },
    };
    await expect(keptBody(broken, ref)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    await expect(keptText(broken, ref)).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });
});

describe("opaque blocks", () => {
  it("return to the same agent and model only, and are left out when erased", async () => {
    const world = await createWorld();
    const base = party();
    const opaqueAgents = base.agents.map((agent) => ({
      ...agent,
      otherwise: (_request: unknown, call: number) => ({
        text: `${agent.card.id} says ${call}`,
        opaque: { signature: `${agent.card.id} ${call}` },
      }),
    }));
    const process = await world.start({ ...base, agents: opaqueAgents });
    const ask = request(roster, { orchestration: "round-robin", settings: { rounds: 2 } });
    const { id } = await hold(world, process, ask);
    const second = process.agent("gemini").requests[1];
    expect(second?.history.map(({ opaque }) => opaque)).toEqual([undefined, { signature: "gemini 0" }, undefined]);

    const record = await openRecord(process.journal, id);
    const asked = record.events.filter(
      (event): event is JournalEventOf<"message.accepted"> =>
        event.kind === "message.accepted" &&
        event.data.envelope.intent === "request" &&
        event.data.envelope.recipients[0] === "gemini",
    )[1];
    if (asked?.data.envelope.turnId === undefined) throw new Error("gemini was asked only once");
    const card = process.agent("gemini").card;
    const context = { conversationId: id, turnId: asked.data.envelope.turnId, request: asked, card, step: 0 };
    const shownBy = async (journal: Journal, model: string) => {
      const policy = createTurnPolicy({ journal, record });
      const { request: projected } = await policy.project({ ...context, route: { vendor: "scripted", model } });
      return projected.history[1]?.opaque;
    };
    expect(await shownBy(process.journal, "gemini-1")).toEqual({ signature: "gemini 0" });
    expect(await shownBy(process.journal, "gemini-2")).toBeUndefined();
    expect(await shownBy(erased(process.journal), "gemini-1")).toBeUndefined();
    await world.close();
  });
});

describe("a journal that fails while a conversation is driven", () => {
  it.each([
    ["STORE_FULL", new PolylogueError("STORE_FULL", { message: "the disk is full" })],
    ["a fault of the program", new TypeError("a fault of the program")],
  ])("is the driver's failure, not a member's; another driver goes on: %s", async (_what, failure) => {
    const world = await createWorld();
    const process = await world.start(party());
    const id = await world.clock.run(process.conversations.create(gather()));
    const failing = await world.start(party());
    const mesh = {
      ...failing.mesh,
      send: async (): Promise<never> => {
        throw failure;
      },
    };
    const ids = createIdSource(world.clock, createSeededRandom(99));
    const conversations = createConversations({ ...failing, store: world.store, clock: world.clock, ids, mesh });
    await expect(world.clock.run(conversations.run(id))).rejects.toBe(failure);
    const heir = await world.start(party());
    expect(await finish(world, heir, id)).toMatchObject({ status: "decided" });
    await world.close();
  });
});
