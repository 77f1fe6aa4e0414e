// From events to what the kernel is told, where the mesh seldom leads in practice.
import { describe, expect, it } from "vitest";
import { createInputReader } from "../../../src/conversations/lifecycle/journal-inputs.ts";
import { openRecord } from "../../../src/conversations/lifecycle/record.ts";
import type { JournalEvent, NewJournalEvent } from "../../../src/domain/journal-event.ts";
import { cards, createWorld, hold, request, voter } from "../world.ts";
import { gather, party } from "./party.ts";

async function gathered() {
  const world = await createWorld();
  const process = await world.start(party());
  const { id } = await hold(world, process, gather());
  const record = await openRecord(process.journal, id);
  const reader = () => createInputReader({ startedAtUs: record.created.atUs, parts: record.parts });
  return { world, events: record.events, reader };
}

function at(like: JournalEvent | undefined, event: Pick<NewJournalEvent, "kind" | "data">): JournalEvent {
  return { ...like, ...event } as JournalEvent;
}

describe("reading the journal", () => {
  it("tells each turn's result once, whatever else is said of it", async () => {
    const { world, events, reader } = await gathered();
    const results = reader()
      .read([...events, ...events])
      .filter(({ event }) => event.type === "answered");
    expect(results).toHaveLength(3);
    await world.close();
  });

  it.each(["message.expired", "message.dead", "message.refused"] as const)(
    "%s ends the turn that it asked for, and no other",
    async (kind) => {
      const { world, events, reader } = await gathered();
      const asked = events.find((event) => event.kind === "message.accepted");
      const messageId = asked?.kind === "message.accepted" ? asked.data.envelope.id : "";
      const data = { messageId, recipient: "claude", code: "REDELIVERY_SPENT", reason: "three starts" };
      const end = at(asked, { kind, data });
      const upToAsk = events.slice(0, events.indexOf(asked as JournalEvent) + 1);
      const inputs = reader().read([...upToAsk, end, end]);
      expect(inputs.map(({ event }) => event)).toMatchObject([
        { type: "failed", agent: "claude", code: kind === "message.expired" ? "DEADLINE" : "REDELIVERY_SPENT" },
      ]);
      expect(reader().read([end])).toEqual([]);
      await world.close();
    },
  );

  it("counts no tokens for a turn that nobody was called for, and time never runs back", async () => {
    const { world, events, reader } = await gathered();
    const uncalled = events.filter(({ kind }) => kind !== "attempt.settled");
    const back = uncalled.map((event, index) => ({ ...event, atUs: index % 2 === 0 ? event.atUs : 0 }));
    const inputs = reader().read(back);
    expect(inputs.every(({ event }) => event.type !== "answered" || event.tokens === 0)).toBe(true);
    const elapsed = inputs.map(({ used }) => used.elapsedUs);
    expect(elapsed).toEqual(elapsed.toSorted((a, b) => a - b));
    expect(Math.min(...elapsed)).toBeGreaterThanOrEqual(0);
    await world.close();
  });

  it("a conversation of many events is read page by page, to its end", async () => {
    const world = await createWorld();
    const roster = cards("a", "b", "c", "d", "e", "f", "g");
    const process = await world.start({
      agents: roster.map((card) => ({
        card,
        otherwise: voter(
          (options) => options,
          (call) => `${card.id} ${call}`,
        ),
      })),
    });
    const { id, outcome } = await hold(world, process, request(roster, { settings: { rounds: 10 } }));
    const record = await openRecord(process.journal, id);
    expect(record.events.length).toBeGreaterThan(500);
    expect(record.events.map(({ seq }) => seq)).toEqual(record.events.map((_, index) => index + 1));
    expect(outcome.turns).toBe(77);
    await world.close();
  });
});
