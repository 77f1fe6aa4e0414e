// What one route costs: the meeting of price table, model policy and estimator.
import type { Route } from "../domain/agent-card.ts";
import { type TimestampUs, US_PER_SECOND } from "../domain/time.ts";
import type { Clock } from "../platform/clock.ts";
import { digestOf } from "../platform/hash.ts";
import type { RouteCosting } from "./agent.ts";
import { policyOf } from "./policy.ts";
import { costMaxOf, costOf } from "./prices/cost.ts";
import type { PriceRow, PriceTable } from "./prices/price-table.ts";
import type { TokenEstimator } from "./tokens/token-estimate.ts";
import type { VendorRecord } from "./vendors/vendor.ts";

export interface RouteCostingOptions {
  readonly route: Route;
  readonly vendor: VendorRecord;
  readonly prices: PriceTable;
  readonly estimator: TokenEstimator;
  readonly clock: Clock;
}

/**
 * A call is priced by the time at which it began. Vendors may bill by its end,
 * perhaps under the next price, and it ends within this time: so the reservation
 * covers both.
 */
const HORIZON_US = 3_600 * US_PER_SECOND;

/** A vendor that nobody prices (a server of one's own) is free, unless the user gave rows for its name. */
export function createRouteCosting({ route, vendor, prices, estimator, clock }: RouteCostingOptions): RouteCosting {
  const policy = policyOf(vendor.policies, route.model);

  function rowAt(at: TimestampUs): PriceRow | undefined {
    const row = prices.find(vendor.pricedAs ?? vendor.name, route.model, at);
    return row ?? (vendor.pricedAs === undefined ? freeRow(route) : undefined);
  }

  return {
    wire: vendor.wire,
    contextTokensMax: policy.contextTokensMax,
    hashes: { prices: prices.digest, policy: digestOf(policy) },
    estimateInputTokens: (request) => estimator.promptMax(request, policy),
    calibrate: (request, usage) => estimator.calibrate(request, policy, usage),
    costMaxNanoUsd(inputTokens, outputTokensMax) {
      const nowUs = clock.nowUs();
      const costs = [rowAt(nowUs), rowAt(nowUs + HORIZON_US)].map((row) =>
        row === undefined ? undefined : costMaxOf(inputTokens, outputTokensMax, row),
      );
      const known = costs.filter((cost) => cost !== undefined);
      return known.length < costs.length ? undefined : Math.max(...known);
    },
    costNanoUsd(usage, at = clock.nowUs()) {
      const row = rowAt(at);
      return row === undefined ? undefined : costOf(usage, { row, peaks: prices.peaksOf(row), at });
    },
  };
}

function freeRow({ vendor, model }: Route): PriceRow {
  return {
    vendor,
    model,
    source: "a server that nobody charges for",
    as_of: "2026-11-22",
    price: { input: 0, output: 0 },
  };
}
