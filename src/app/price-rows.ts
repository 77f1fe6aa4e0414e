// Prices of the configuration as rows of the price table.
import { VENDORS } from "../agents/vendors/list.ts";
import type { Config } from "./config/config.ts";

/** `asOf`: the date on which they were read, `YYYY-MM-DD`. */
export function priceRows(config: Pick<Config, "vendors">, asOf: string): object[] {
  return Object.entries(config.vendors).flatMap(([name, { prices = {} }]) =>
    Object.entries(prices).map(([model, price]) => ({
      vendor: VENDORS.find((record) => record.name === name)?.pricedAs ?? name,
      model,
      source: "configuration",
      as_of: asOf,
      price: {
        input: price.inputUsdPerMillion,
        output: price.outputUsdPerMillion,
        ...(price.cacheReadUsdPerMillion === undefined ? {} : { cache_read: price.cacheReadUsdPerMillion }),
        ...(price.cacheWriteUsdPerMillion === undefined ? {} : { cache_write: price.cacheWriteUsdPerMillion }),
      },
    })),
  );
}
