// What the grammar cannot see: names that point at nothing, and settings that
// contradict each other.
import { PolylogueError } from "../../domain/errors.ts";
import { suggestion } from "../../domain/near-names.ts";
import { resolveMember } from "../members.ts";
import { BUILT_IN_VENDORS, vendorRecords } from "../vendor-records.ts";
import type { Config, ConfigEntry } from "./config.ts";
import type { MergedConfig } from "./layer.ts";

/** Throws `VENDOR_UNKNOWN` or `CONFIG_INVALID` with the place of the first fault. */
export function checkReferences({ config, entries }: MergedConfig): void {
  checkVendors(config, entries);
  const known = vendorRecords(config);
  for (const [id, agent] of Object.entries(config.agents)) {
    for (const field of ["vendor", "model"] as const) {
      if (agent[field] === undefined) {
        throw invalid(
          `${place(entries, `agents.${id}`)}agents.${id} has no ${field}.`,
          "Give it a vendor and a model.",
        );
      }
    }
    for (const { vendor } of [agent, ...(agent.routes ?? [])]) {
      if (known.has(vendor)) continue;
      throw new PolylogueError("VENDOR_UNKNOWN", {
        message: `${place(entries, `agents.${id}`)}agents.${id}: there is no vendor ${vendor}. ${suggestion(vendor, known.keys())}`,
        mend: `Name a built-in vendor, or describe the server under vendors.${vendor} with wire and baseUrl.`,
      });
    }
  }
  for (const member of config.ask.with) resolveMember(member, config);
}

/** Throws `CONFIG_INVALID` where `ask.as` is none of these. */
export function checkAskAs({ config, entries }: MergedConfig, orchestrations: readonly string[]): void {
  const { as } = config.ask;
  if (orchestrations.includes(as)) return;
  throw invalid(
    `${place(entries, "ask.as")}ask.as: there is no orchestration ${as}. ${suggestion(as, orchestrations)}`,
    `Name one of: ${orchestrations.join(", ")}.`,
  );
}

function checkVendors(config: Config, entries: readonly ConfigEntry[]): void {
  for (const [name, vendor] of Object.entries(config.vendors)) {
    const builtIn = BUILT_IN_VENDORS.get(name);
    const path = `vendors.${name}`;
    if (builtIn === undefined && vendor.wire === undefined) {
      throw new PolylogueError("VENDOR_UNKNOWN", {
        message: `${place(entries, path)}${path}: there is no built-in vendor ${name}. ${suggestion(name, BUILT_IN_VENDORS.keys())}`,
        mend: "Correct the name; or, for a server of your own, add wire and baseUrl.",
      });
    }
    if (builtIn !== undefined && vendor.wire !== undefined) {
      throw invalid(
        `${place(entries, path)}${path}: the format of a built-in vendor cannot be changed.`,
        "Give the server a name of its own, or leave wire out.",
      );
    }
    if (builtIn === undefined && vendor.baseUrl === undefined) {
      throw invalid(
        `${place(entries, path)}${path}: a server of your own needs a baseUrl.`,
        "Add baseUrl, for example http://127.0.0.1:11434/v1 for Ollama.",
      );
    }
  }
}

function invalid(message: string, mend: string): PolylogueError {
  return new PolylogueError("CONFIG_INVALID", { message, mend });
}

/** The first place that says anything at or below this path. */
function place(entries: readonly ConfigEntry[], path: string): string {
  const said = entries.filter((entry) => `${entry.path}.`.startsWith(`${path}.`) && entry.origin.where !== null);
  return said
    .slice(0, 1)
    .map((entry) => `${entry.origin.where}: `)
    .join("");
}
