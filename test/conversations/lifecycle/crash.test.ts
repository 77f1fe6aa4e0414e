// A process dies at every event of a conversation; another goes on from the
// journal, and nobody could tell from the result.
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../../src/domain/decision.ts";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import { verifies } from "../../requirements.ts";
import { cards, createWorld, finish, hold, type ProcessOptions, preferring, request, voter } from "../world.ts";

const roster = cards("claude", "gemini", "deepseek");
const ask = (orchestration: string) =>
  request(roster, { orchestration, settings: orchestration === "vote" ? { options: "yes|no" } : {} });

/** Says the same whenever it is asked the same, as a process that starts anew must. */
function processOptions(): ProcessOptions {
  return {
    // Short, so that the heir need not wait long in simulated time.
    conversations: { limits: { leaseTtlMs: 900 } },
    agents: roster.map((card) => ({
      card,
      otherwise: voter(preferring("gemini holds in"), () => `${card.id} holds in`),
    })),
  };
}

/** What does not depend on ids and times. */
function essence(outcome: Outcome): unknown {
  const { status, answer, decision, ballots, dissent, quorum, rounds, turns } = outcome;
  const { rule, winner, tallies, reasons } = decision;
  return { status, answer, rule, winner, tallies, reasons, ballots, dissent, quorum, rounds, turns };
}

function resultsByTurn(events: readonly JournalEvent[]): Map<string, number> {
  const results = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== "turn.completed" && event.kind !== "turn.failed") continue;
    results.set(event.data.turnId, (results.get(event.data.turnId) ?? 0) + 1);
  }
  return results;
}

describe.each(["ask", "debate", "council", "vote", "round-robin"])("a crash in %s", (orchestration) => {
  it("at any event changes nothing but time", async () => {
    verifies("R7.1", "R7.3");
    const members = orchestration === "ask" ? roster.slice(0, 1) : roster;
    const asked = { ...ask(orchestration), roster: members };
    const undisturbed = await createWorld();
    const calm = await hold(undisturbed, await undisturbed.start(processOptions()), asked);
    const lastPosition = await undisturbed.store.read((reader) => reader.lastPosition());
    await undisturbed.close();
    // Every second event of a debate; a sample of the others, whose steps are the same.
    const stride = orchestration === "debate" ? 2 : Math.max(1, Math.floor(lastPosition / 12));
    let takenOver = 0;
    for (let position = 5; position < lastPosition; position += stride) {
      const world = await createWorld();
      const first = await world.start({ ...processOptions(), killAtPosition: position });
      void first.conversations.create(asked).then((id) => first.conversations.run(id));
      await world.clock.advance(2_000);
      first.kill();
      const second = await world.start(processOptions());
      const id = (await conversationIds(world.store))[0];
      if (id === undefined) continue;
      if ((await world.eventsOf(id, "conversation.ended")).length === 0) takenOver++;
      const outcome = await finish(world, second, id);
      expect(essence(outcome), `killed at ${position}`).toEqual(essence(calm.outcome));
      const events = await world.events(id);
      expect([...resultsByTurn(events).values()].every((count) => count === 1)).toBe(true);
      expect(resultsByTurn(events).size).toBe(calm.outcome.turns);
      expect(events.filter(({ kind }) => kind === "conversation.ended")).toHaveLength(1);
      await world.close();
    }
    expect(takenOver).toBeGreaterThan(5);
  });
});

async function conversationIds(store: {
  events: (query: { after: number; limit: number }) => Promise<JournalEvent[]>;
}) {
  const events = await store.events({ after: 0, limit: 10_000 });
  return events.filter(({ kind }) => kind === "conversation.created").map(({ stream }) => stream);
}
