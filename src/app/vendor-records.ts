// The vendors of a configuration: the built-in records with what the user
// changed, and the user's own servers.
import { VENDORS } from "../agents/vendors/list.ts";
import { type VendorRecord, vendorTable } from "../agents/vendors/vendor.ts";
import type { Config, VendorConfig } from "./config/config.ts";

export const BUILT_IN_VENDORS: ReadonlyMap<string, VendorRecord> = vendorTable(VENDORS);

/** By name. A vendor that is neither built in nor has a `wire` is left out: the configuration's check has named it. */
export function vendorRecords(config: Pick<Config, "vendors">): ReadonlyMap<string, VendorRecord> {
  const own = Object.entries(config.vendors).flatMap(([name, vendor]) => {
    const base = BUILT_IN_VENDORS.get(name) ?? ownServer(name, vendor);
    return base === undefined ? [] : [withSettings(base, vendor)];
  });
  return vendorTable([...VENDORS, ...own]);
}

/** A server of the user's own borrows the grammar of the first vendor that speaks its format; nothing of its prices. */
function ownServer(name: string, vendor: VendorConfig): VendorRecord | undefined {
  const kin = VENDORS.find(({ wire }) => wire === vendor.wire);
  if (kin === undefined) return undefined;
  return {
    ...kin,
    name,
    title: name,
    baseUrl: undefined,
    keyEnv: [],
    // A server on the user's own machine mostly wants no key; who names one means it.
    keyRequired: vendor.keyEnv !== undefined || vendor.keyFile !== undefined,
    pricedAs: undefined,
    keyUrl: undefined,
  };
}

function withSettings(record: VendorRecord, vendor: VendorConfig): VendorRecord {
  return {
    ...record,
    ...(vendor.baseUrl === undefined ? {} : { baseUrl: vendor.baseUrl.replace(/\/+$/, "") }),
    ...(vendor.keyEnv === undefined ? {} : { keyEnv: [vendor.keyEnv] }),
  };
}
