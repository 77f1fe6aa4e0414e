// Who is meant by a name: an agent of the configuration, a vendor, or
// `vendor:model` for a model that has no agent yet.
import { PolylogueError } from "../domain/errors.ts";
import type { AgentId } from "../domain/ids.ts";
import { suggestion } from "../domain/near-names.ts";
import type { AgentConfig, Config } from "./config/config.ts";
import { vendorRecords } from "./vendor-records.ts";

export interface ConfiguredAgent extends AgentConfig {
  readonly id: AgentId;
}

/** Throws `AGENT_UNKNOWN` with near names. */
export function resolveMember(name: string, config: Pick<Config, "agents" | "vendors">): ConfiguredAgent {
  const agent = Object.hasOwn(config.agents, name) ? config.agents[name] : undefined;
  if (agent !== undefined) return { id: name, ...agent };
  const ofVendor = Object.entries(config.agents).find(([, { vendor }]) => vendor === name);
  if (ofVendor !== undefined) return { id: ofVendor[0], ...ofVendor[1] };
  const split = name.indexOf(":");
  if (split > 0 && split < name.length - 1) {
    const vendor = name.slice(0, split);
    const model = name.slice(split + 1);
    if (vendorRecords(config).has(vendor)) return { id: adHocId(vendor, model), vendor, model, name: model };
    throw unknown(name, `There is no vendor ${vendor}. ${suggestion(vendor, vendorRecords(config).keys())}`);
  }
  throw unknown(name, suggestion(name, Object.keys(config.agents)));
}

function adHocId(vendor: string, model: string): AgentId {
  return `${vendor}-${model}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .slice(0, 64);
}

function unknown(name: string, hint: string): PolylogueError {
  return new PolylogueError("AGENT_UNKNOWN", {
    message: `There is no agent ${name}. ${hint}`,
    mend: "Name agents of `polylogue agents list`, or a model as vendor:model, for example google:gemini-3.8-flash.",
  });
}
