// Deciders of the registry: they run inside the append transaction, so that two
// processes never get the same incarnation.
import type { AgentCard } from "../../domain/agent-card.ts";
import { PolylogueError } from "../../domain/errors.ts";
import { type AgentId, isAgentId } from "../../domain/ids.ts";
import type { TimestampUs } from "../../domain/time.ts";
import type { Decision, DecisionView } from "../../journal/journal.ts";
import { isOutsideSender } from "../handshake/view.ts";
import { AGENTS_COLLECTION, PORTS_COLLECTION, portCount, portKey, readAgent, readPort } from "./registry-documents.ts";

export interface Registration {
  readonly card: AgentCard;
  readonly leaseUntilUs: TimestampUs;
  readonly portsMax: number;
}

/** Throws `USAGE` for a name no agent may have. */
export function assertAgentName(agent: AgentId): void {
  if (isAgentId(agent) && !isOutsideSender(agent)) return;
  throw new PolylogueError("USAGE", {
    message: `"${agent}" can't be an agent's name`,
    mend: "use 1 to 64 lower-case letters, digits, '-', '_' and '.', but not coordinator or user",
  });
}

/** Gives the agent's next incarnation. Throws `FULL` when the home has its most ports. */
export function decideRegistered(view: DecisionView, registration: Registration): Decision<number> {
  const { card, leaseUntilUs, portsMax } = registration;
  const known = view.document(AGENTS_COLLECTION, card.id);
  const incarnation = (known === undefined ? 0 : readAgent(known).incarnation) + 1;
  if (portCount(view.document(PORTS_COLLECTION, "#count")) >= portsMax) {
    throw new PolylogueError("FULL", {
      message: `the registry has its ${portsMax} ports`,
      mend: "let agents leave that are not needed, or raise registryAgentsMax",
    });
  }
  const data = { agent: card.id, incarnation, card, leaseUntilUs };
  return { events: [{ kind: "agent.registered", actor: card.id, data }], result: incarnation };
}

interface PortRef {
  readonly agent: AgentId;
  readonly incarnation: number;
}

/** Adds nothing when the port is draining or gone already. */
export function decideDraining(view: DecisionView, { agent, incarnation }: PortRef): Decision<void> {
  const port = view.document(PORTS_COLLECTION, portKey({ agent, incarnation }));
  if (port === undefined || readPort(port).state === "draining") return { events: [], result: undefined };
  return { events: [{ kind: "agent.draining", actor: agent, data: { agent, incarnation } }], result: undefined };
}

/** Adds nothing when the port is gone already. */
export function decideLeft(view: DecisionView, { agent, incarnation }: PortRef): Decision<void> {
  const port = view.document(PORTS_COLLECTION, portKey({ agent, incarnation }));
  if (port === undefined) return { events: [], result: undefined };
  return { events: [{ kind: "agent.left", actor: agent, data: { agent, incarnation } }], result: undefined };
}

/** Adds nothing when the port is gone already, so that many watchers evict once. */
export function decideEvicted(view: DecisionView, evicted: PortRef & { readonly reason: string }): Decision<void> {
  const { agent, incarnation, reason } = evicted;
  if (view.document(PORTS_COLLECTION, portKey(evicted)) === undefined) return { events: [], result: undefined };
  const data = { agent, incarnation, reason };
  return { events: [{ kind: "agent.evicted", actor: agent, data }], result: undefined };
}
