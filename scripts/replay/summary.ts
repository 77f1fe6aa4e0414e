// The one line that says how a replay went.
import type { ReplayLine } from "./replay-call.ts";

export function summaryOf(lines: readonly ReplayLine[]): string {
  const played = lines.filter((line) => line.skipped === undefined);
  const ok = played.filter((line) => line.ok).length;
  const share = played.length === 0 ? "" : ` (${((100 * ok) / played.length).toFixed(1)} %)`;
  return `replayed ${played.length} calls: ${ok} ok${share}, ${played.length - ok} not, ${lines.length - played.length} skipped`;
}
