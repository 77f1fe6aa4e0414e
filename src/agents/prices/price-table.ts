// The price table: which row holds for a vendor's model at a time. Prices are
// data with source and date; the user's own rows stand before ours.
import { z } from "zod";
import { PolylogueError } from "../../domain/errors.ts";
import { type TimestampUs, US_PER_MS } from "../../domain/time.ts";
import { digestOf } from "../../platform/hash.ts";
import builtIn from "./prices.json" with { type: "json" };

const usdPerMillion = z.number().min(0).max(1_000_000);
/** What is left out costs as much as plain input. */
const price = z.strictObject({
  input: usdPerMillion,
  output: usdPerMillion,
  cache_read: usdPerMillion.optional(),
  cache_write: usdPerMillion.optional(),
  cache_write_1h: usdPerMillion.optional(),
});
const row = z.strictObject({
  vendor: z.string().min(1),
  model: z.string().min(1),
  aliases: z.array(z.string()).optional(),
  source: z.string().min(1),
  as_of: z.iso.date(),
  /** Inclusive. */
  valid_from: z.iso.datetime().optional(),
  /** Exclusive. */
  valid_until: z.iso.datetime().optional(),
  price,
  /** By size of the whole prompt, cached or not; the price of the highest tier reached holds for all tokens. */
  tiers: z.array(z.strictObject({ prompt_tokens_above: z.int().min(0), price })).optional(),
  /** Name of the peak windows in which `price` holds; outside them `off_peak` does. */
  peak: z.string().optional(),
  off_peak: price.optional(),
});
const peak = z.strictObject({
  /** 0 is Sunday. */
  days: z.array(z.int().min(0).max(6)),
  /** From inclusive, to exclusive. */
  hours_utc: z.array(z.tuple([z.int().min(0).max(23), z.int().min(1).max(24)])),
});
const table = z.strictObject({
  schema: z.literal("polylogue.prices/1"),
  unit: z.literal("USD per 1,000,000 tokens"),
  as_of: z.iso.date(),
  peaks: z.record(z.string(), peak),
  rows: z.array(row),
});

export type Price = z.infer<typeof price>;
export type PriceRow = z.infer<typeof row>;
export type PeakWindows = z.infer<typeof peak>;

export interface PriceTable {
  /** Undefined where nobody told a price; a date at the end of the model's id is of no concern. */
  find(vendor: string, model: string, at: TimestampUs): PriceRow | undefined;
  /** The windows that a row's `peak` names. */
  peaksOf(row: PriceRow): PeakWindows | undefined;
  /** Of all rows, the user's own included. */
  readonly digest: string;
}

const DATE_SUFFIX = /-(\d{8}|\d{4}-\d{2}-\d{2})$/;

/** `overrides` are rows in the shape of prices.json. Throws `CONFIG_INVALID` where they are not. */
export function createPriceTable(overrides: readonly unknown[] = []): PriceTable {
  const own = table.parse(builtIn);
  const parsed = z.array(row).safeParse(overrides);
  if (!parsed.success) throw invalidPrices(z.prettifyError(parsed.error));
  const rows = [...parsed.data, ...own.rows];
  const unknownPeak = rows.find((candidate) => candidate.peak !== undefined && own.peaks[candidate.peak] === undefined);
  if (unknownPeak !== undefined) throw invalidPrices(`the row of ${unknownPeak.model} names unknown peak windows`);

  function find(vendor: string, model: string, at: TimestampUs): PriceRow | undefined {
    const undated = model.replace(DATE_SUFFIX, "");
    return rows.find(
      (candidate) =>
        candidate.vendor === vendor &&
        isValidAt(candidate, at) &&
        (names(candidate, model) || names(candidate, undated)),
    );
  }

  return {
    find,
    peaksOf: (candidate) => (candidate.peak === undefined ? undefined : own.peaks[candidate.peak]),
    digest: digestOf({ peaks: own.peaks, rows }),
  };
}

function names({ model, aliases = [] }: PriceRow, wanted: string): boolean {
  return model === wanted || aliases.includes(wanted);
}

function isValidAt({ valid_from, valid_until }: PriceRow, at: TimestampUs): boolean {
  const startsLater = valid_from !== undefined && at < Date.parse(valid_from) * US_PER_MS;
  const isOver = valid_until !== undefined && at >= Date.parse(valid_until) * US_PER_MS;
  return !startsLater && !isOver;
}

function invalidPrices(detail: string): PolylogueError {
  return new PolylogueError("CONFIG_INVALID", {
    message: `the price rows cannot be read: ${detail}`,
    mend: "give each row vendor, model, source, as_of and price, as in prices.json",
  });
}
