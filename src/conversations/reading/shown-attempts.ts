// Every attempt of every turn, told from the events.
import type { Route } from "../../domain/agent-card.ts";
import type { AttemptId, MessageId, TurnId } from "../../domain/ids.ts";
import type { JournalEvent, JournalEventOf } from "../../domain/journal-event.ts";
import { usdFromNano } from "../../domain/money.ts";
import { type DurationUs, US_PER_MS } from "../../domain/time.ts";
import { NO_USAGE } from "../../domain/usage.ts";
import type { AttemptDocument } from "./documents.ts";

/** By the request that opened the turn. */
export type AttemptsByMessage = ReadonlyMap<MessageId, readonly AttemptDocument[]>;

export function shownAttempts(events: readonly JournalEvent[]): AttemptsByMessage {
  const requestOf = new Map<TurnId, MessageId>();
  const attempts = new Map<AttemptId, { readonly turnId: TurnId; readonly shown: AttemptDocument }>();
  for (const event of events) {
    if (event.kind === "turn.started") requestOf.set(event.data.turnId, event.data.messageId);
    if (event.kind === "attempt.started") {
      attempts.set(event.data.attemptId, { turnId: event.data.turnId, shown: started(event) });
    }
    if (event.kind === "attempt.settled") {
      const begun = attempts.get(event.data.attemptId);
      if (begun !== undefined) attempts.set(event.data.attemptId, { ...begun, shown: settled(begun.shown, event) });
    }
  }
  const found = new Map<MessageId, AttemptDocument[]>();
  for (const { turnId, shown } of attempts.values()) {
    const messageId = requestOf.get(turnId);
    if (messageId !== undefined) found.set(messageId, [...(found.get(messageId) ?? []), shown]);
  }
  return found;
}

function started({ data }: JournalEventOf<"attempt.started">): AttemptDocument {
  const { attemptId, agent, route, reservedNanoUsd } = data;
  return {
    attemptId,
    agent,
    vendor: route.vendor,
    model: route.model,
    route: routeText(route),
    outcome: "running",
    tokens: NO_USAGE,
    costUsd: 0,
    reservedUsd: usdFromNano(reservedNanoUsd),
    firstContentMs: null,
    totalMs: null,
  };
}

function settled(begun: AttemptDocument, { data }: JournalEventOf<"attempt.settled">): AttemptDocument {
  const { outcome, usage, costNanoUsd, timings, failure } = data;
  return {
    ...begun,
    outcome,
    tokens: usage,
    costUsd: usdFromNano(costNanoUsd),
    firstContentMs: timings.firstContentUs === undefined ? null : msFrom(timings.firstContentUs),
    totalMs: msFrom(timings.totalUs),
    ...(failure === undefined ? {} : { failure: { class: failure.class, code: failure.code, reason: failure.reason } }),
  };
}

function routeText({ vendor, model, key }: Route): string {
  return key === undefined ? `${vendor}/${model}` : `${vendor}/${model} (${key})`;
}

function msFrom(duration: DurationUs): number {
  return Math.round(duration / US_PER_MS);
}
