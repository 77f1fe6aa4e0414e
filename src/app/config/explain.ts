// Where each value comes from. Secrets appear by name and state only.

import type { VendorRecord } from "../../agents/vendors/vendor.ts";
import { createRedactor } from "../../platform/redaction.ts";
import { readSecret } from "../../platform/secrets.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { findHome } from "../home.ts";
import { keyPlaces, placeName } from "../keys.ts";
import type { PolylogueOptions } from "../options.ts";
import { vendorRecords } from "../vendor-records.ts";
import type { ConfigDocument, ConfigEntry, ConfigOrigin, LoadedConfig } from "./config.ts";
import { type ConfigSearch, findConfigFiles, loadConfig } from "./load-config.ts";

/** Throws what {@link loadConfig} throws, and `SECRET_FILE_MODE`. */
export async function explainConfig(
  options: ConfigSearch & Pick<PolylogueOptions, "home"> = {},
): Promise<ConfigDocument> {
  const environment = options.environment ?? readEnvironment();
  const loaded = await loadConfig(options);
  const files = await findConfigFiles(options, environment);
  const home = await findHome({
    environment,
    folder: options.folder ?? process.cwd(),
    ...(options.home === undefined ? {} : { home: options.home }),
    ...(files.project === undefined ? {} : { configFile: files.project }),
  });
  return {
    schema: "polylogue.config/1",
    home: { path: home.path, origin: home.origin },
    files: loaded.files,
    untrusted: loaded.untrusted ?? null,
    values: loaded.entries.map(withoutSecrets),
    secrets: await explainSecrets(loaded, environment),
  };
}

/** One row for each place a key may come from, of vendors that some agent uses. */
async function explainSecrets(loaded: LoadedConfig, environment: Environment): Promise<ConfigDocument["secrets"]> {
  const records = vendorRecords(loaded.config);
  const routes = Object.values(loaded.config.agents).flatMap((agent) => [agent, ...(agent.routes ?? [])]);
  const byName = new Map(
    routes.flatMap((route) => {
      const record = records.get(route.vendor) as VendorRecord;
      return keyPlaces(record, loaded.config, route.key).map((place) => [placeName(place), place]);
    }),
  );
  const rows: ConfigDocument["secrets"][number][] = [];
  for (const [name, place] of [...byName].sort(([a], [b]) => a.localeCompare(b, "en"))) {
    const found = await readSecret(place, environment);
    rows.push({
      name,
      state: found.state,
      origin: "file" in place ? originOfFile(loaded, name) : { source: "environment", where: name },
    });
  }
  return rows;
}

/** Whoever said where the key file is. */
function originOfFile(loaded: LoadedConfig, file: string): ConfigOrigin {
  const entry = loaded.entries.find(({ path, value }) => path.endsWith(".keyFile") && value === file);
  return (entry as ConfigEntry).origin;
}

/** A proxy's URL may hold a password. */
function withoutSecrets(entry: ConfigEntry): ConfigEntry {
  return typeof entry.value === "string" ? { ...entry, value: createRedactor().redact(entry.value) } : entry;
}
