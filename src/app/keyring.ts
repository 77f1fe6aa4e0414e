// The keys in use, looked up once for each vendor and name. Whatever is found
// is known to the redactor before it can appear anywhere.
import type { KeyLookup } from "../agents/route-target.ts";
import type { VendorRecord } from "../agents/vendors/vendor.ts";
import type { Route } from "../domain/agent-card.ts";
import type { Redactor } from "../platform/redaction.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./environment.ts";
import { findKey, type KeyState } from "./keys.ts";

export interface Keyring {
  /** Looks for the key of a route. Throws `SECRET_FILE_MODE` or `CONFIG_UNREADABLE`. */
  find(route: Route): Promise<KeyState>;
  /** What `find` has found so far. */
  readonly lookup: KeyLookup;
}

export interface KeyringOptions {
  readonly config: Pick<Config, "vendors">;
  readonly vendors: ReadonlyMap<string, VendorRecord>;
  readonly environment: Environment;
  readonly redactor: Redactor;
}

export function createKeyring({ config, vendors, environment, redactor }: KeyringOptions): Keyring {
  const found = new Map<string, string>();
  return {
    find: async ({ vendor, key }) => {
      const record = vendors.get(vendor);
      if (record === undefined) {
        return { state: "missing", reason: `There is no vendor ${vendor}.`, mend: "Correct the agent's route." };
      }
      const wanted = { record, ...(key === undefined ? {} : { key }) };
      const state = await findKey(wanted, config, environment);
      if (state.state === "set") {
        redactor.add(state.value);
        found.set(keyName(vendor, key), state.value);
      }
      return state;
    },
    lookup: (vendor, key) => found.get(keyName(vendor, key)),
  };
}

function keyName(vendor: string, key: string | undefined): string {
  return JSON.stringify([vendor, key ?? null]);
}
