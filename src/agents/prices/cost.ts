// What a call costs, and what it may cost at most. Integer nano-USD, rounded up.
import type { NanoUsd } from "../../domain/money.ts";
import { type TimestampUs, US_PER_MS } from "../../domain/time.ts";
import { promptTokens, type TokenUsage } from "../../domain/usage.ts";
import type { PeakWindows, Price, PriceRow } from "./price-table.ts";

/** 1 USD per million tokens is a thousand nano-USD per token. */
const NANO_PER_TOKEN = 1_000;

/** How long the vendor keeps what is written into its cache. */
export type CacheTtl = "5m" | "1h";

/** No request asks for more than the vendor's own default, so none can be billed for more. */
const CACHE_TTL_USED: CacheTtl = "5m";

export interface CostAt {
  readonly row: PriceRow;
  /** Undefined where the row has no peaks. */
  readonly peaks: PeakWindows | undefined;
  readonly at: TimestampUs;
  readonly cacheTtl?: CacheTtl;
}

/** The price of the moment, for exactly what the vendor counted. */
export function costOf(usage: TokenUsage, { row, peaks, at, cacheTtl = CACHE_TTL_USED }: CostAt): NanoUsd {
  const price = pricesAt(row, peaks, at)(promptTokens(usage));
  return ceilNano(
    usage.input * price.input +
      usage.cacheRead * (price.cache_read ?? price.input) +
      usage.cacheWrite * writePrice(price, cacheTtl) +
      usage.output * price.output,
  );
}

/**
 * The most that up to so many tokens can cost under this row, whatever the
 * hour: nothing read from a cache, everything written into one where that is
 * dearer (for as long as requests ask for), by the dearest tier that a prompt of this size or a smaller one meets.
 */
export function costMaxOf(inputTokens: number, outputTokensMax: number, row: PriceRow): NanoUsd {
  const { price, off_peak, tiers = [] } = row;
  const reached = tiers.filter((tier) => inputTokens > tier.prompt_tokens_above).map((tier) => tier.price);
  const costs = [price, ...reached, ...(off_peak === undefined ? [] : [off_peak])].map(
    (candidate) => inputTokens * dearestInput(candidate) + outputTokensMax * candidate.output,
  );
  return ceilNano(Math.max(...costs));
}

function dearestInput(price: Price): number {
  return Math.max(price.input, writePrice(price, CACHE_TTL_USED), price.cache_read ?? 0);
}

function pricesAt(row: PriceRow, peaks: PeakWindows | undefined, at: TimestampUs): (prompt: number) => Price {
  const { off_peak } = row;
  if (off_peak !== undefined && peaks !== undefined && !isPeak(peaks, at)) return () => off_peak;
  return (prompt) => tierPrice(row, prompt);
}

function tierPrice({ price, tiers = [] }: PriceRow, prompt: number): Price {
  const reached = tiers.filter((tier) => prompt > tier.prompt_tokens_above);
  const highest = reached.toSorted((a, b) => b.prompt_tokens_above - a.prompt_tokens_above)[0];
  return highest?.price ?? price;
}

function writePrice(price: Price, ttl: CacheTtl): number {
  const short = price.cache_write ?? price.input;
  return ttl === "5m" ? short : (price.cache_write_1h ?? short);
}

/** Public holidays are not known here, so a holiday on a weekday counts as peak. */
export function isPeak({ days, hours_utc }: PeakWindows, at: TimestampUs): boolean {
  const date = new Date(at / US_PER_MS);
  const hour = date.getUTCHours();
  return days.includes(date.getUTCDay()) && hours_utc.some(([from, to]) => hour >= from && hour < to);
}

/** Prices are decimal fractions, so a product may lie a hair above the true integer. */
function ceilNano(usdPerMillionTokens: number): NanoUsd {
  return Math.ceil(Number((usdPerMillionTokens * NANO_PER_TOKEN).toFixed(3)));
}
