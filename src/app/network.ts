// The network of real vendors: one pool of connections for each proxy in use.
import type { VendorRecord } from "../agents/vendors/vendor.ts";
import { createHttpFetch, type FetchLike, type HttpFetch } from "../platform/http-fetch.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./environment.ts";
import { proxyFor } from "./proxy.ts";

export interface Network {
  readonly fetch: FetchLike;
  /** Of vendors that are reached through a proxy. */
  readonly fetchByVendor: Readonly<Record<string, FetchLike>>;
  close(): Promise<void>;
}

/** Throws `PROXY_INVALID`. */
export function createNetwork(
  vendors: ReadonlyMap<string, VendorRecord>,
  config: Pick<Config, "vendors">,
  environment: Environment,
): Network {
  const direct = createHttpFetch();
  const byProxy = new Map<string, HttpFetch>();
  const fetchByVendor: Record<string, FetchLike> = {};
  for (const { name, baseUrl } of vendors.values()) {
    if (baseUrl === undefined) continue;
    const configured = config.vendors[name]?.proxy;
    const proxyUrl = proxyFor({ baseUrl, ...(configured === undefined ? {} : { configured }) }, environment);
    if (proxyUrl === undefined) continue;
    const pool = byProxy.get(proxyUrl) ?? createHttpFetch({ proxyUrl });
    byProxy.set(proxyUrl, pool);
    fetchByVendor[name] = pool.fetch;
  }
  return {
    fetch: direct.fetch,
    fetchByVendor,
    close: async () => {
      await Promise.all([direct, ...byProxy.values()].map((pool) => pool.close()));
    },
  };
}
