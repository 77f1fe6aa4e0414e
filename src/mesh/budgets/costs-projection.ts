// The projection "costs": what was spent, by day, agent, vendor and model, and
// by conversation, for people who ask what they paid for. As in the budgets, an
// attempt falls on the day on which it began.
import type { AgentId, ConversationId } from "../../domain/ids.ts";
import type { JournalEventOf } from "../../domain/journal-event.ts";
import { canonicalJson } from "../../domain/json.ts";
import type { NanoUsd } from "../../domain/money.ts";
import type { TimestampUs } from "../../domain/time.ts";
import { addUsage, NO_USAGE } from "../../domain/usage.ts";
import type { Projection, ProjectionWriter } from "../../journal/journal.ts";
import { dayNumber, utcDay } from "./budget-documents.ts";

export const COSTS = "costs";
/** When each attempt that has no outcome yet began. */
const COSTS_OPEN_ATTEMPTS = "costs_open_attempts";

/** The days, over all conversations. */
export const DAYS_GROUP = "days";
/** One row for each conversation. */
export const CONVERSATIONS_GROUP = "conversations";

/** A type, not an interface, so that it is a JSON object. */
export type CostCell = {
  readonly simulated: boolean;
  /** UTC, `YYYY-MM-DD`; of a row by conversation, the day of its first cost. */
  readonly day: string;
  readonly agent?: AgentId;
  readonly vendor?: string;
  readonly model?: string;
  readonly conversationId?: ConversationId;
  readonly attempts: number;
  /** Attempts whose usage was estimated, because the vendor told none. */
  readonly attemptsEstimated: number;
  readonly usage: {
    readonly input: number;
    readonly cacheRead: number;
    readonly cacheWrite: number;
    readonly output: number;
    readonly reasoning: number;
  };
  readonly costNanoUsd: NanoUsd;
};

export function createCostsProjection(): Projection {
  return {
    name: "costs",
    version: 2,
    collections: [COSTS, COSTS_OPEN_ATTEMPTS],
    apply: (event, documents) => {
      if (event.kind === "attempt.started") open(event, documents);
      else if (event.kind === "attempt.settled") count(event, documents);
    },
  };
}

function open({ data, stream, seq, atUs }: JournalEventOf<"attempt.started">, documents: ProjectionWriter): void {
  documents.put(COSTS_OPEN_ATTEMPTS, { key: data.attemptId, group: stream, order: seq, value: atUs });
}

function count(event: JournalEventOf<"attempt.settled">, documents: ProjectionWriter): void {
  const { attemptId, agent, route } = event.data;
  const { simulated, stream } = event;
  const begun = documents.get(COSTS_OPEN_ATTEMPTS, attemptId);
  documents.delete(COSTS_OPEN_ATTEMPTS, attemptId);
  // Of an attempt without an intent nothing else is known.
  const atUs = (begun?.value as TimestampUs | undefined) ?? event.atUs;
  const who = { agent, vendor: route.vendor, model: route.model };
  const day = utcDay(atUs);
  add(event, documents, { group: DAYS_GROUP, atUs, name: { simulated, ...who, day } });
  add(event, documents, { group: CONVERSATIONS_GROUP, atUs, name: { simulated, conversationId: stream } });
}

interface Cell {
  readonly group: string;
  readonly atUs: TimestampUs;
  readonly name: Partial<CostCell>;
}

function add(event: JournalEventOf<"attempt.settled">, documents: ProjectionWriter, cell: Cell): void {
  const key = `${cell.group} ${canonicalJson(cell.name)}`;
  const before = documents.get(COSTS, key);
  const value = (before?.value as CostCell | undefined) ?? {
    simulated: event.simulated,
    day: utcDay(cell.atUs),
    ...cell.name,
    attempts: 0,
    attemptsEstimated: 0,
    usage: NO_USAGE,
    costNanoUsd: 0,
  };
  const { usage, usageEstimated, costNanoUsd } = event.data;
  const next: CostCell = {
    ...value,
    attempts: value.attempts + 1,
    attemptsEstimated: value.attemptsEstimated + (usageEstimated ? 1 : 0),
    usage: { ...addUsage(value.usage, usage) },
    costNanoUsd: value.costNanoUsd + costNanoUsd,
  };
  documents.put(COSTS, { key, group: cell.group, order: before?.order ?? dayNumber(cell.atUs), value: next });
}
