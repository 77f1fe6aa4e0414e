// Makes agents of cards: over the network with keys, or over simulators without.

import type { Agent, RouteCosting } from "../agents/agent.ts";
import { createModelAgent } from "../agents/model-agent.ts";
import { createPriceTable, type PriceTable } from "../agents/prices/price-table.ts";
import { createRouteCosting } from "../agents/route-costing.ts";
import { createTokenCounter } from "../agents/tokens/token-count.ts";
import { createTokenEstimator } from "../agents/tokens/token-estimate.ts";
import type { VendorRecord } from "../agents/vendors/vendor.ts";
import { type AgentCard, ownRoute, type Route } from "../domain/agent-card.ts";
import type { AgentId } from "../domain/ids.ts";
import { isoFromUs } from "../domain/time.ts";
import type { Clock } from "../platform/clock.ts";
import type { FetchLike } from "../platform/http-fetch.ts";
import type { Redactor } from "../platform/redaction.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./environment.ts";
import { createGuardedAgent } from "./guarded-agent.ts";
import { createKeyring } from "./keyring.ts";
import type { KeyState } from "./keys.ts";
import { priceRows } from "./price-rows.ts";
import { BUILT_IN_VENDORS, vendorRecords } from "./vendor-records.ts";

export interface AgentFactory {
  readonly vendors: ReadonlyMap<string, VendorRecord>;
  readonly prices: PriceTable;
  /** Cards of agents that the program brought along. */
  readonly own: ReadonlyMap<AgentId, AgentCard>;
  /** After {@link findKeys} of its card. */
  create(card: AgentCard): Agent;
  /** By the price table; of an agent that the program brought along, what it states itself. */
  costing(route: Route, agent?: AgentId): RouteCosting;
  /**
   * Looks for the keys of all its routes, and says how it stands with that of its
   * own; always `not needed` where simulated. Throws `SECRET_FILE_MODE`, `CONFIG_UNREADABLE`.
   */
  findKeys(card: AgentCard): Promise<KeyState>;
  /** Resolves when tokens are counted as well as they can be; before that they are guessed. */
  ready(): Promise<void>;
}

export interface AgentFactoryOptions {
  readonly config: Config;
  readonly environment: Environment;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly simulated: boolean;
  readonly fetch: FetchLike;
  readonly fetchByVendor?: Readonly<Record<string, FetchLike>>;
}

/** What a simulator takes for a key; a real one never reaches it. */
const SIMULATED_KEY = "simulated";

export function createAgentFactory(options: AgentFactoryOptions): AgentFactory {
  const { config, clock, simulated } = options;
  // Simulators stand at the vendors' own addresses, wherever the user sends the real calls.
  const vendors = simulated ? BUILT_IN_VENDORS : vendorRecords(config);
  const keyring = createKeyring({ ...options, vendors });
  const prices = createPriceTable(priceRows(config, isoFromUs(clock.nowUs()).slice(0, 10)));
  const counter = createTokenCounter();
  const estimator = createTokenEstimator(counter);
  const { firstContentMs, betweenContentsMs, callMs } = config.timeouts;

  return {
    vendors,
    prices,
    own: new Map(),
    // A simulation has no money to lose by a guess, and the vocabulary takes a while to load.
    ready: async () => {
      if (!simulated) await counter.load();
    },
    create: (card) =>
      createGuardedAgent(
        createModelAgent({
          card,
          vendors,
          fetch: options.fetch,
          fetchByVendor: options.fetchByVendor ?? {},
          key: simulated ? () => SIMULATED_KEY : keyring.lookup,
          clock,
          prices,
          estimator,
          timeouts: {
            firstContentTimeoutMs: firstContentMs,
            betweenContentsTimeoutMs: betweenContentsMs,
            callTimeoutMs: callMs,
          },
          simulated,
        }),
        options,
      ),
    costing: (route) => {
      const vendor = vendors.get(route.vendor);
      return vendor === undefined
        ? unpriced(prices.digest)
        : createRouteCosting({ route, vendor, prices, estimator, clock });
    },
    findKeys: async (card) => {
      if (simulated) return { state: "not needed" };
      await Promise.all(card.routes.map(keyring.find));
      return keyring.find(ownRoute(card));
    },
  };
}

/** A conversation may go on after its vendor left the configuration: that member is then refused, not the others. */
function unpriced(pricesDigest: string): RouteCosting {
  return {
    wire: "none",
    contextTokensMax: undefined,
    hashes: { prices: pricesDigest, policy: "none" },
    estimateInputTokens: () => 0,
    costMaxNanoUsd: () => undefined,
    costNanoUsd: () => undefined,
    calibrate: () => undefined,
  };
}
