// From the configuration to cards: what each agent says about itself.
import { policyOf } from "../agents/policy.ts";
import type { VendorRecord } from "../agents/vendors/vendor.ts";
import { type AgentCard, OUTPUT_TOKENS_MAX_DEFAULT, type Route } from "../domain/agent-card.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { ConfiguredAgent } from "./members.ts";

const QUALITY_DEFAULT = 0.5;

/** Throws `VENDOR_UNKNOWN`: a simulation has only vendors with a simulator. */
export function cardOf(agent: ConfiguredAgent, vendors: ReadonlyMap<string, VendorRecord>): AgentCard {
  const vendor = vendors.get(agent.vendor);
  if (vendor === undefined) {
    throw new PolylogueError("VENDOR_UNKNOWN", {
      message: `Agent ${agent.id} is of the vendor ${agent.vendor}, which cannot be reached here.`,
      mend: `Ask agents of ${[...vendors.keys()].join(", ")}; servers of your own have no simulator.`,
    });
  }
  const policy = policyOf(vendor.policies, agent.model);
  return {
    id: agent.id,
    name: agent.name ?? agent.id,
    description: agent.description ?? `${agent.model} of ${vendor.title}`,
    port: "driven",
    skills: agent.skills ?? [],
    capabilities: { streaming: true, tools: true, structuredOutput: policy.json !== "words" },
    limits: agent.limits ?? {},
    routes: [routeOf(agent), ...(agent.routes ?? []).map(routeOf)],
    fallback: agent.fallback ?? false,
    outputTokensMax: agent.outputTokensMax ?? Math.min(OUTPUT_TOKENS_MAX_DEFAULT, policy.outputTokensMax ?? Infinity),
    quality: agent.quality ?? QUALITY_DEFAULT,
    ...(agent.contextTokensMax === undefined ? {} : { contextTokensMax: agent.contextTokensMax }),
  };
}

function routeOf({ vendor, model, key }: Route): Route {
  return { vendor, model, ...(key === undefined ? {} : { key }) };
}
