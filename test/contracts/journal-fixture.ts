// Journals and deciders for tests of the journal.
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import type { Decision, Journal, Projection } from "../../src/journal/journal.ts";
import { createIdSource } from "../../src/platform/ids.ts";
import { createSystemRandom } from "../../src/platform/random.ts";
import type { VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { Store } from "../../src/storage/store.ts";
import { noteEvent } from "./sample-events.ts";

export function openJournal(
  store: Store,
  clock: VirtualClock,
  projections: readonly Projection[] = [],
): Promise<Journal> {
  return createJournal({ store, clock, ids: createIdSource(clock, createSystemRandom()), projections });
}

/** A decider that writes notes and returns how many. */
export function notes(...reasons: readonly string[]): () => Decision<number> {
  return () => ({ events: reasons.map((reason) => noteEvent(reason)), result: reasons.length });
}

export async function collect(events: AsyncIterable<JournalEvent>): Promise<JournalEvent[]> {
  const all: JournalEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
