// Agents that a program brings along: anything that keeps the agent contract.
import type { Agent, RouteCosting } from "../agents/agent.ts";
import type { AgentCard, Route } from "../domain/agent-card.ts";
import type { AgentFactory } from "./agent-factory.ts";
import { createGuardedAgent, type GuardOptions } from "./guarded-agent.ts";

export interface OwnAgent {
  readonly agent: Agent;
  /** Of the routes on its card; a route without a price is refused in the handshake. */
  costing(route: Route): RouteCosting;
}

/** Own agents win over configured ones of the same id. Whoever brings an agent closes it. */
export function withOwnAgents(factory: AgentFactory, own: readonly OwnAgent[], guard: GuardOptions): AgentFactory {
  const byId = new Map(own.map((one) => [one.agent.card.id, one]));
  return {
    ...factory,
    own: new Map(own.map(({ agent }) => [agent.card.id, agent.card])),
    create: (card) => {
      const found = byId.get(card.id);
      return found === undefined
        ? factory.create(card)
        : { ...createGuardedAgent(found.agent, guard), close: async () => undefined };
    },
    // By agent, not by route: a double on the route of a real one has a price of its own.
    costing: (route, agent) =>
      (agent === undefined ? undefined : byId.get(agent))?.costing(route) ?? factory.costing(route),
    findKeys: async (card) => (byId.has(card.id) ? { state: "not needed" } : factory.findKeys(card)),
  };
}

/** Each once, in this order. */
export function uniqueCards(cards: readonly AgentCard[]): AgentCard[] {
  return [...new Map(cards.map((card) => [card.id, card])).values()];
}
