// Which settings of a found file need the user's trust. Whoever may write into a
// folder that a user visits must not decide which keys leave the machine, and
// where they go: a cloned repository is such a folder.
import type { VendorRecord } from "../../agents/vendors/vendor.ts";
import { PolylogueError } from "../../domain/errors.ts";
import { digestOf } from "../../platform/hash.ts";
import { isLoopbackUrl } from "../loopback.ts";
import { vendorRecords } from "../vendor-records.ts";
import type { Config, ConfigInput, LoadedConfig } from "./config.ts";
import type { ConfigLayer } from "./layer.ts";

/** A setting that decides which key is used or where it goes. */
export interface KeySetting {
  readonly path: readonly string[];
  readonly value: unknown;
}

const VENDOR_FIELDS = ["baseUrl", "proxy", "keyEnv", "keyFile"] as const;

export function keySettings({ vendors = {}, agents = {} }: ConfigInput): KeySetting[] {
  const ofVendors = Object.entries(vendors).flatMap(([name, vendor]) =>
    VENDOR_FIELDS.map((field) => ({ path: ["vendors", name, field], value: vendor[field] as unknown })),
  );
  const ofAgents = Object.entries(agents).flatMap(([id, { key, routes = [] }]) => [
    { path: ["agents", id, "key"], value: key as unknown },
    { path: ["agents", id, "routes"], value: routes.some((route) => route.key !== undefined) ? routes : undefined },
  ]);
  return [...ofVendors, ...ofAgents].filter(({ value }) => value !== undefined);
}

/**
 * Those of a found file that nobody else vouches for. `weaker` is the user's own
 * file, which vouches by saying the same; `stronger` are variables and flags,
 * which decide themselves. An own server of this very machine that gets no key
 * needs no trust.
 */
export function unvouchedSettings(
  found: ConfigLayer,
  others: {
    readonly weaker: readonly ConfigLayer[];
    readonly stronger: readonly ConfigLayer[];
    readonly config: Config;
  },
): KeySetting[] {
  const said = (layers: readonly ConfigLayer[]): Map<string, string> =>
    new Map(
      layers.flatMap(({ value }) => keySettings(value)).map(({ path, value }) => [digestOf(path), digestOf(value)]),
    );
  const weaker = said(others.weaker);
  const stronger = said(others.stronger);
  return keySettings(found.value).filter(
    ({ path, value }) =>
      !stronger.has(digestOf(path)) &&
      weaker.get(digestOf(path)) !== digestOf(value) &&
      !isKeylessNeighbour({ path, value }, others.config),
  );
}

function isKeylessNeighbour({ path, value }: KeySetting, config: Config): boolean {
  const [group, name = "", field] = path;
  if (group !== "vendors" || field !== "baseUrl" || !isLoopbackUrl(value as string)) return false;
  // Every vendor that a layer names is in the table, else the references are at fault.
  const { keyEnv } = vendorRecords(config).get(name) as VendorRecord;
  const routes = Object.values(config.agents).flatMap((agent) => [agent, ...(agent.routes ?? [])]);
  return (
    keyEnv.length === 0 &&
    config.vendors[name]?.keyFile === undefined &&
    !routes.some(({ vendor, key }) => vendor === name && key !== undefined)
  );
}

/** Throws `CONFIG_UNTRUSTED`; called before any key is looked for. */
export function assertTrusted({ untrusted }: Pick<LoadedConfig, "untrusted">): void {
  if (untrusted === undefined) return;
  const { file, settings } = untrusted;
  const named = settings.map(({ path, where }) => `${path} (${where})`).join(", ");
  throw new PolylogueError("CONFIG_UNTRUSTED", {
    message: `${file} was found, not named, and would decide which keys are used and where they are sent: ${named}.`,
    mend: `Read it. If you agree: polylogue config trust ${file}. Or name it: --config ${file}.`,
  });
}
