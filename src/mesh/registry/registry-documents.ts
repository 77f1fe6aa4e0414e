// The registry's documents: one for each agent ever seen, one for each port that
// has not left.
import type { AgentCard } from "../../domain/agent-card.ts";
import type { AgentId } from "../../domain/ids.ts";
import type { TimestampUs } from "../../domain/time.ts";
import type { StoredDocument } from "../../storage/store.ts";

export const AGENTS_COLLECTION = "mesh-agents";
export const PORTS_COLLECTION = "mesh-ports";
/** The one group of agents, and that of the ports of real agents. */
export const REGISTRY_GROUP = "all";
const SIMULATED_GROUP = "simulated";
export const PORT_GROUPS = [REGISTRY_GROUP, SIMULATED_GROUP] as const;

/** Ports of simulated agents are a world of their own: nobody looks for a real agent among them, nor the other way. */
export function portGroup(simulated: boolean): (typeof PORT_GROUPS)[number] {
  return simulated ? SIMULATED_GROUP : REGISTRY_GROUP;
}

/** Never deleted: a forgotten incarnation could be given out twice. */
export interface AgentDocument {
  readonly agent: AgentId;
  /** The highest ever given. */
  readonly incarnation: number;
}

export interface PortDocument {
  readonly agent: AgentId;
  readonly incarnation: number;
  readonly card: AgentCard;
  readonly state: "live" | "draining";
  readonly simulated: boolean;
  /** Of its registration; heartbeats renew a lease of the store, not this. */
  readonly leaseUntilUs: TimestampUs;
}

export function portKey(port: { readonly agent: AgentId; readonly incarnation: number }): string {
  return `${port.agent}/${port.incarnation}`;
}

/** The store's lease that a port's heartbeats renew. */
export function portLease(port: { readonly agent: AgentId; readonly incarnation: number }): string {
  return `port/${portKey(port)}`;
}

export function readPort(document: StoredDocument): PortDocument {
  return document.value as unknown as PortDocument;
}

export function readAgent(document: StoredDocument): AgentDocument {
  return document.value as unknown as AgentDocument;
}

/** How many ports there are, kept beside them under the key `#count`, which no agent can have. */
export function portCount(document: StoredDocument | undefined): number {
  return document === undefined ? 0 : (document.value as { readonly ports: number }).ports;
}
