// What was spent, by whom. Simulated money is no money: it is left out unless
// somebody asks for it, and never added to the other.
import { type NanoUsd, usdFromNano } from "../domain/money.ts";
import { addUsage, NO_USAGE, type TokenUsage } from "../domain/usage.ts";
import type { Journal } from "../journal/journal.ts";
import { BUDGETS, type BudgetState } from "../mesh/budgets/budget-documents.ts";
import { CONVERSATIONS_GROUP, COSTS, type CostCell, DAYS_GROUP } from "../mesh/budgets/costs-projection.ts";
import { allDocuments } from "./all-documents.ts";
import type { CostsDocument } from "./polylogue.ts";

export interface CostsQuestion {
  readonly by: CostsDocument["by"];
  readonly simulated: boolean;
}

interface Row {
  readonly key: string;
  readonly simulated: boolean;
  readonly costNanoUsd: NanoUsd;
  readonly calls: number;
  readonly tokens: TokenUsage;
}

/** Rows with the dearest first; of days, the newest. */
export async function readCosts(
  journal: Pick<Journal, "documents">,
  { by, simulated }: CostsQuestion,
): Promise<CostsDocument> {
  const group = by === "conversation" ? CONVERSATIONS_GROUP : DAYS_GROUP;
  const documents = await allDocuments(journal, { collection: COSTS, group });
  const cells = documents.map(({ value }) => value as CostCell).filter((cell) => simulated || !cell.simulated);
  const rows = [...sumByKey(cells, by).values()].sort(
    (a, b) => (by === "day" ? 0 : b.costNanoUsd - a.costNanoUsd) || compareKeys(a, b, by),
  );
  return {
    schema: "polylogue.costs/1",
    by,
    includesSimulated: simulated,
    totalUsd: usdFromNano(rows.reduce((sum, row) => sum + row.costNanoUsd, 0)),
    reservedUsd: usdFromNano(await reservedNow(journal, simulated)),
    rows: rows.map(({ costNanoUsd, ...row }) => ({ ...row, costUsd: usdFromNano(costNanoUsd) })),
  };
}

function sumByKey(cells: readonly CostCell[], by: CostsDocument["by"]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const cell of cells) {
    const key = keyOf(cell, by);
    const place = `${key}\n${cell.simulated}`;
    const row = rows.get(place) ?? { key, simulated: cell.simulated, costNanoUsd: 0, calls: 0, tokens: NO_USAGE };
    rows.set(place, {
      ...row,
      costNanoUsd: row.costNanoUsd + cell.costNanoUsd,
      calls: row.calls + cell.attempts,
      tokens: addUsage(row.tokens, cell.usage),
    });
  }
  return rows;
}

function keyOf(cell: CostCell, by: CostsDocument["by"]): string {
  const key = by === "conversation" ? cell.conversationId : cell[by];
  return key as string;
}

function compareKeys(a: Row, b: Row, by: CostsDocument["by"]): number {
  const order = a.key.localeCompare(b.key, "en") || Number(a.simulated) - Number(b.simulated);
  return by === "day" ? -order : order;
}

/** Held by attempts under way, over all days. */
async function reservedNow(journal: Pick<Journal, "documents">, simulated: boolean): Promise<NanoUsd> {
  const days = await allDocuments(journal, { collection: BUDGETS, group: "days" });
  return days
    .filter(({ key }) => simulated || !key.startsWith("simulated-"))
    .reduce((sum, { value }) => sum + (value as BudgetState).reservedNanoUsd, 0);
}
