// Where a route leads: the vendor's record, its address, the key, the network.
import type { Route } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { FetchLike } from "../platform/http-fetch.ts";
import type { VendorRecord } from "./vendors/vendor.ts";

/** Looks a key up, by vendor and by the name that a route gives; undefined where there is none. */
export type KeyLookup = (vendor: string, name?: string) => string | undefined;

export interface RouteTargetOptions {
  readonly vendors: ReadonlyMap<string, VendorRecord>;
  readonly fetch: FetchLike;
  /** Instead of `fetch`, by vendor: one that goes through a proxy. */
  readonly fetchByVendor?: Readonly<Record<string, FetchLike>>;
  readonly key: KeyLookup;
  /** Instead of the record's, by vendor; with version, as in the record. */
  readonly baseUrls?: Readonly<Record<string, string>>;
}

export interface RouteTarget {
  readonly vendor: VendorRecord;
  readonly baseUrl: string;
  readonly key: string | undefined;
  readonly fetch: FetchLike;
}

/** Throws `VENDOR_UNKNOWN`, `CONFIG_INVALID` or `KEY_MISSING`. */
export function targetOf(options: RouteTargetOptions, route: Route): RouteTarget {
  const vendor = options.vendors.get(route.vendor);
  if (vendor === undefined) {
    throw new PolylogueError("VENDOR_UNKNOWN", {
      message: `the vendor ${route.vendor} is not known; known are ${[...options.vendors.keys()].join(", ")}`,
      mend: "correct the vendor of the agent's route",
    });
  }
  const baseUrl = options.baseUrls?.[vendor.name] ?? vendor.baseUrl;
  if (baseUrl === undefined) {
    throw new PolylogueError("CONFIG_INVALID", {
      message: `the vendor ${vendor.name} has no address`,
      mend: `set the base URL of ${vendor.name}, for example http://127.0.0.1:11434/v1 for Ollama`,
    });
  }
  const key = options.key(vendor.name, route.key);
  if (key === undefined && vendor.keyRequired) throw keyMissing(vendor, route.key);
  return {
    vendor,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    key,
    fetch: options.fetchByVendor?.[vendor.name] ?? options.fetch,
  };
}

function keyMissing({ title, keyEnv, keyUrl }: VendorRecord, name: string | undefined): PolylogueError {
  const where = keyUrl === undefined ? "" : `; you get one at ${keyUrl}`;
  return new PolylogueError("KEY_MISSING", {
    message: name === undefined ? `there is no key for ${title}` : `there is no key "${name}" for ${title}`,
    mend: `set ${keyEnv.join(" or ")}${where}`,
  });
}
