// Who an address means, in the view in force when the message is accepted.
import type { Address, Intent } from "../../domain/envelope.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { AgentId } from "../../domain/ids.ts";
import type { DecisionView } from "../../journal/journal.ts";
import type { View } from "../handshake/protocol.ts";
import { memberOf } from "../handshake/view.ts";
import { assertKnown } from "../registry/unknown-agent.ts";

export interface AddressQuery {
  readonly to: Address;
  readonly from: AgentId;
  readonly intent: Intent;
  /** Undefined before the first view: then every registered agent can be addressed by name. */
  readonly inForce: View | undefined;
  /** Agents that could take an anycast, best first; in a view only members may. */
  readonly candidates: readonly AgentId[];
  /** For near names in an error. */
  readonly namesMax: number;
}

/** Throws `AGENT_UNKNOWN`, `NOT_MEMBER`, `NO_CANDIDATE` or `USAGE`. Never the sender, nobody twice. */
export function resolveAddress(view: DecisionView, query: AddressQuery): AgentId[] {
  const { to, from, inForce } = query;
  switch (to.mode) {
    case "unicast":
      return named(view, query, [to.agent]);
    case "multicast":
      return named(view, query, to.agents);
    case "broadcast":
      // A turn's result is kept in the record even where nobody is there to read it.
      if (inForce === undefined && query.intent !== "reply") throw noView();
      return (inForce?.members ?? []).map((member) => member.agent).filter((agent) => agent !== from);
    case "anycast": {
      const others = query.candidates.filter((agent) => agent !== from);
      const chosen = others.find((agent) => inForce === undefined || memberOf(inForce, agent) !== undefined);
      if (chosen === undefined) throw noCandidate(to.skill);
      return [chosen];
    }
  }
}

function named(view: DecisionView, query: AddressQuery, agents: readonly AgentId[]): AgentId[] {
  const others = [...new Set(agents)].filter((agent) => agent !== query.from);
  if (others.length === 0) {
    throw new PolylogueError("USAGE", {
      message: `${query.from} addressed nobody but itself`,
      mend: "name at least one other agent",
    });
  }
  for (const agent of others) assertReachable(view, query, agent);
  return others;
}

function assertReachable(view: DecisionView, query: AddressQuery, agent: AgentId): void {
  if (memberOf(query.inForce, agent) !== undefined) return;
  assertKnown(view, agent, query.namesMax);
  if (query.inForce === undefined) return;
  throw new PolylogueError("NOT_MEMBER", {
    message: `${agent} is not a member of the conversation`,
    mend: `let it join by a handshake; members are ${query.inForce.members.map((member) => member.agent).join(", ")}`,
  });
}

function noView(): PolylogueError {
  return new PolylogueError("NOT_MEMBER", {
    message: "nobody is a member yet, so a broadcast would reach nobody",
    mend: "let the members shake hands first",
  });
}

function noCandidate(skill: string): PolylogueError {
  return new PolylogueError("NO_CANDIDATE", {
    message: `no agent that could be asked has the skill "${skill}"`,
    mend: "give a member that skill, or let one with it join",
  });
}
