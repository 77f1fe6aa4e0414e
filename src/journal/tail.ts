// Following the journal: pages of what is there, then a wait for the doorbell.
import type { JournalEvent } from "../domain/journal-event.ts";
import type { EventQuery, Store } from "../storage/store.ts";
import type { TailOptions } from "./journal.ts";

/** Events held in memory by one reader at a time. */
const PAGE = 500;

/** Every page after `query.after` that is there when it is asked for; ends at the first page that is not full. */
export async function* readPages(store: Store, query: Omit<EventQuery, "limit">): AsyncGenerator<JournalEvent> {
  let { after } = query;
  while (true) {
    const page = await store.events({ ...query, after, limit: PAGE });
    for (const event of page) {
      yield event;
      after = query.stream === undefined ? event.position : event.seq;
    }
    if (page.length < PAGE) return;
  }
}

/**
 * The doorbell is listened to before the first read, so that a commit between a
 * read and the wait that follows is noticed; what is read decides, not the bell.
 */
export async function* tailEvents(store: Store, { after, stream, signal }: TailOptions): AsyncGenerator<JournalEvent> {
  const bell = createBell(store, signal);
  const where = stream === undefined ? {} : { stream };
  let reached = after;
  try {
    while (!signal.aborted) {
      bell.reset();
      for await (const event of readPages(store, { ...where, after: reached })) {
        if (signal.aborted) return;
        yield event;
        reached = stream === undefined ? event.position : event.seq;
      }
      await bell.rung();
    }
  } finally {
    bell.remove();
  }
}

interface Bell {
  reset(): void;
  /** Resolves when it has rung since the last reset, or the signal is aborted. */
  rung(): Promise<void>;
  remove(): void;
}

function createBell(store: Store, signal: AbortSignal): Bell {
  let hasRung = false;
  let wakeUp: (() => void) | undefined;
  const ring = (): void => {
    hasRung = true;
    wakeUp?.();
  };
  const unsubscribe = store.onChange(ring);
  signal.addEventListener("abort", ring, { once: true });
  return {
    reset: () => {
      hasRung = false;
    },
    rung: () =>
      new Promise((resolve) => {
        wakeUp = resolve;
        if (hasRung || signal.aborted) resolve();
      }),
    remove: () => {
      unsubscribe();
      signal.removeEventListener("abort", ring);
    },
  };
}
