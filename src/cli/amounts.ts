// Money, counts and times as people read them.
import type { TokenUsage } from "../domain/usage.ts";
import { promptTokens } from "../domain/usage.ts";

/** US dollars with as many digits as it takes to see something: `$1.24`, `$0.0123`, `$0.000041`. */
export function formatUsd(usd: number): string {
  if (usd === 0) return "$0.00";
  if (usd >= 1) return `$${usd.toFixed(2)}`;
  if (usd >= 0.001) return `$${usd.toFixed(4)}`;
  return usd >= 0.000_001 ? `$${usd.toFixed(6)}` : "<$0.000001";
}

/** Always short, for narrow columns: `$0.0008`, `$1.24`. */
export function formatUsdShort(usd: number): string {
  return `$${usd.toFixed(usd >= 1 ? 2 : 4)}`;
}

/** Always short: `950`, `6.0k`, `1.2M`. */
export function formatCountShort(count: number): string {
  if (count < 1_000) return String(count);
  return count < 999_950 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `0.4 s`, `12.3 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(seconds / 3_600)} h ${String(Math.floor((seconds % 3_600) / 60)).padStart(2, "0")} min`;
}

/** `m:ss`, for a running clock. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function formatTokens(usage: TokenUsage): string {
  return `${formatCount(promptTokens(usage))} tokens in, ${formatCount(usage.output)} out`;
}

/** `1 turn`, `2 turns`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
