// Reads the costs: sums by agent, vendor, model, conversation or day. Simulated
// spend is never mixed with real money.
import type { ConversationId } from "../../domain/ids.ts";
import type { NanoUsd } from "../../domain/money.ts";
import type { TimestampUs } from "../../domain/time.ts";
import { addUsage, NO_USAGE, type TokenUsage } from "../../domain/usage.ts";
import type { Journal } from "../../journal/journal.ts";
import { dayNumber } from "./budget-documents.ts";
import { CONVERSATIONS_GROUP, COSTS, type CostCell, conversationGroup, DAYS_GROUP } from "./costs-projection.ts";

export type CostGrouping = "agent" | "vendor" | "model" | "conversation" | "day";

export interface CostQuery {
  readonly by: CostGrouping;
  readonly simulated: boolean;
  /** Only this conversation; grouped by day it is one row, the day of its first cost. */
  readonly conversationId?: ConversationId;
  /** Inclusive, whole UTC days; without effect together with `conversationId`. Conversations count from their first cost. */
  readonly fromUs?: TimestampUs;
  readonly toUs?: TimestampUs;
}

export interface CostRow {
  /** The agent, vendor, `vendor/model`, conversation or `YYYY-MM-DD`. */
  readonly name: string;
  readonly attempts: number;
  readonly attemptsEstimated: number;
  readonly usage: TokenUsage;
  readonly costNanoUsd: NanoUsd;
}

export interface Ledger {
  /** Days in order, everything else dearest first. */
  rows(query: CostQuery): Promise<CostRow[]>;
}

export function createLedger(journal: Pick<Journal, "documents">): Ledger {
  return {
    async rows(query) {
      const cells = await readCells(journal, query);
      const sums = new Map<string, CostRow>();
      for (const cell of cells) {
        if (cell.simulated !== query.simulated) continue;
        const name = nameOf(cell, query.by);
        sums.set(name, plus(sums.get(name) ?? emptyRow(name), cell));
      }
      const rows = [...sums.values()];
      if (query.by === "day") return rows.sort((a, b) => a.name.localeCompare(b.name));
      return rows.sort((a, b) => b.costNanoUsd - a.costNanoUsd || a.name.localeCompare(b.name));
    },
  };
}

function nameOf(cell: CostCell, by: CostGrouping): string {
  switch (by) {
    case "agent":
      return String(cell.agent);
    case "vendor":
      return String(cell.vendor);
    case "model":
      return `${cell.vendor}/${cell.model}`;
    case "conversation":
      return String(cell.conversationId);
    case "day":
      return cell.day;
  }
}

function emptyRow(name: string): CostRow {
  return { name, attempts: 0, attemptsEstimated: 0, usage: NO_USAGE, costNanoUsd: 0 };
}

function plus(row: CostRow, cell: CostCell): CostRow {
  return {
    name: row.name,
    attempts: row.attempts + cell.attempts,
    attemptsEstimated: row.attemptsEstimated + cell.attemptsEstimated,
    usage: addUsage(row.usage, cell.usage),
    costNanoUsd: row.costNanoUsd + cell.costNanoUsd,
  };
}

const PAGE_ROWS = 1_000;

/** Pages by day; a day with more rows than a page is read with a larger one, so that no row is left out. */
async function readCells(journal: Pick<Journal, "documents">, query: CostQuery): Promise<CostCell[]> {
  const group = groupOf(query);
  const dayFirst = query.fromUs === undefined ? 0 : dayNumber(query.fromUs);
  const dayLast = query.toUs === undefined ? Number.MAX_SAFE_INTEGER : dayNumber(query.toUs);
  const ranged = query.conversationId === undefined;
  const cells: CostCell[] = [];
  let orderMin = ranged ? dayFirst : 0;
  let limit = PAGE_ROWS;
  while (true) {
    const orderMax = ranged ? dayLast : Number.MAX_SAFE_INTEGER;
    const page = await journal.documents(COSTS, { group, orderMin, orderMax, limit });
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return [...cells, ...page.map((row) => row.value as CostCell)];
    const whole = page.filter((row) => row.order < last.order);
    if (whole.length === 0) {
      limit *= 2;
      continue;
    }
    cells.push(...whole.map((row) => row.value as CostCell));
    orderMin = last.order;
    limit = PAGE_ROWS;
  }
}

function groupOf(query: CostQuery): string {
  if (query.conversationId === undefined) return query.by === "conversation" ? CONVERSATIONS_GROUP : DAYS_GROUP;
  return conversationGroup(query.conversationId);
}
