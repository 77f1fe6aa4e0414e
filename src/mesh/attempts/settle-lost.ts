// After a crash: an attempt with an intent and no outcome is settled as lost, at
// its reserved cost, because the vendor may have done the work.
import type { AttemptId, ConversationId } from "../../domain/ids.ts";
import { GAP_BUCKETS_MS, type NewJournalEvent } from "../../domain/journal-event.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Lease } from "../../storage/store.ts";
import { OPEN_ATTEMPTS, type OpenAttempt } from "../budgets/budget-documents.ts";
import { wholeReservation } from "./attempt-charge.ts";

/** Attempts settled in one transaction. */
const PAGE = 200;

export interface SettleLostRequest {
  readonly conversationId: ConversationId;
  readonly lease: Lease;
  /** Attempts of this process that are under way: they will settle themselves. */
  readonly underWay: ReadonlySet<AttemptId>;
}

/** How many were settled. Again, it finds nothing: idempotent. */
export async function settleLost(journal: Journal, request: SettleLostRequest): Promise<number> {
  let settled = 0;
  let page: number;
  do {
    const appended = await journal.append({
      stream: request.conversationId,
      lease: request.lease,
      decide: (view) => {
        const limit = PAGE + request.underWay.size;
        const open = view
          .documents(OPEN_ATTEMPTS, { group: request.conversationId, limit })
          .map((document) => document.value as OpenAttempt)
          .filter((attempt) => !request.underWay.has(attempt.attemptId));
        return { events: open.map(lostEvent), result: open.length };
      },
    });
    page = appended.result;
    settled += page;
  } while (page > 0);
  return settled;
}

function lostEvent(attempt: OpenAttempt): NewJournalEvent {
  const { vendor, model, key } = attempt;
  const { usage, usageEstimated, costNanoUsd } = wholeReservation(attempt);
  return {
    kind: "attempt.settled",
    actor: attempt.agent,
    simulated: attempt.simulated,
    data: {
      attemptId: attempt.attemptId,
      turnId: attempt.turnId,
      agent: attempt.agent,
      route: { vendor, model, ...(key === undefined ? {} : { key }) },
      outcome: "lost",
      usage,
      usageEstimated,
      costNanoUsd,
      timings: { totalUs: 0, gapCounts: Array.from({ length: GAP_BUCKETS_MS.length + 1 }, () => 0) },
      failure: {
        class: "transient",
        code: "ATTEMPT_LOST",
        reason:
          "the process ended while this call was running, so its outcome is unknown; the reserved cost is charged",
      },
    },
  };
}
