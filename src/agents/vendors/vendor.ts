// What a vendor is: data. Adding one that speaks a known wire is one file like
// its neighbours and one line in the list.

import type { PolicyTable } from "../policy.ts";
import type { WireName } from "../wire/wire.ts";

/** A free listing of models: which request, and where the reply says what. */
export interface ModelListing {
  /** Under the base URL. */
  readonly path: string;
  /** Field of the reply that holds the list. */
  readonly listField: string;
  readonly idField: string;
  /** What stands before the id in the list, and not in a route. */
  readonly idPrefix?: string;
  /** Field with the context window, where the vendor tells. */
  readonly windowField?: string;
  /** Whether one model can be asked for by id, which also knows names that the list leaves out. */
  readonly byId: boolean;
  /** Names that are accepted though no listing has them. */
  readonly unlisted?: readonly string[];
  /** Query that asks for the longest page. */
  readonly query?: Readonly<Record<string, string>>;
}

export interface VendorRecord {
  /** As in a route; kebab-case. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  readonly wire: WireName;
  /** With version, without a slash at the end; undefined where the user must give one. */
  readonly baseUrl: string | undefined;
  /** Environment variables that may hold the key, first one first. */
  readonly keyEnv: readonly string[];
  readonly keyRequired: boolean;
  /** The header that carries the key, and what stands before it. */
  readonly auth: { readonly header: string; readonly prefix: string };
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly models: ModelListing;
  readonly policies: PolicyTable;
  /** Whose rows of the price table hold; undefined: nothing is charged unless the user gives prices. */
  readonly pricedAs: string | undefined;
  /** Where a person gets a key; undefined where none is needed. */
  readonly keyUrl: string | undefined;
}

/** By name; the last of equal names holds, so that a user's record replaces a built-in one. */
export function vendorTable(records: readonly VendorRecord[]): ReadonlyMap<string, VendorRecord> {
  return new Map(records.map((record) => [record.name, record]));
}
