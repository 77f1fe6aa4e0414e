// The keys in use, looked up once for each vendor and name. Whatever is found
// is known to the redactor before it can appear anywhere.
import type { KeyLookup } from "../agents/route-target.ts";
import type { VendorRecord } from "../agents/vendors/vendor.ts";
import type { Route } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { Redactor } from "../platform/redaction.ts";
import type { Config } from "./config/config.ts";
import type { Environment } from "./environment.ts";
import { findKey, type KeyState } from "./keys.ts";
import { isLoopbackUrl } from "./loopback.ts";

export interface Keyring {
  /** Looks for the key of a route. Throws `SECRET_FILE_MODE`, `CONFIG_UNREADABLE`; `CONFIG_INVALID` where it would be sent in the open. */
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
        assertProtected(record, state.where);
        redactor.add(state.value);
        found.set(keyName(vendor, key), state.value);
      }
      return state;
    },
    lookup: (vendor, key) => found.get(keyName(vendor, key)),
  };
}

/** Throws `CONFIG_INVALID` where the key would cross the network for everybody on the way to read. */
function assertProtected({ name, baseUrl }: VendorRecord, where: string): void {
  // What is no URL at all is told where the vendor is called.
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return;
  if (new URL(baseUrl).protocol === "https:" || isLoopbackUrl(baseUrl)) return;
  throw new PolylogueError("CONFIG_INVALID", {
    message: `The key in ${where} is not sent to the vendor ${name}: ${new URL(baseUrl).host} would get it over plain HTTP, readable on the way.`,
    mend: `Give vendors.${name}.baseUrl with https://, reach the server through a tunnel on 127.0.0.1, or unset the key.`,
  });
}

function keyName(vendor: string, key: string | undefined): string {
  return JSON.stringify([vendor, key ?? null]);
}
