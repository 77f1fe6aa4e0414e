// The agents of the configuration, as documents.
import type { AgentId } from "../domain/ids.ts";
import { cardOf } from "./agent-cards.ts";
import { listAgents, testAgents } from "./agent-list.ts";
import type { Context } from "./context.ts";
import { resolveMembers } from "./members.ts";
import type { AgentsDocument } from "./polylogue.ts";

export async function list(context: Context): Promise<AgentsDocument> {
  const { cards, factory } = await chosen(context);
  return listAgents(cards, factory);
}

/** All of them unless named. */
export async function test(context: Context, ids?: readonly AgentId[]): Promise<AgentsDocument> {
  const { cards, factory } = await chosen(context, ids);
  return testAgents(cards, factory, new AbortController().signal);
}

async function chosen(context: Context, ids?: readonly AgentId[]) {
  const { config } = await context.config();
  const factory = await context.factory({ simulated: context.simulated, seed: context.seed });
  const agents = resolveMembers(ids ?? Object.keys(config.agents), config);
  // In a simulation only agents of vendors that have a simulator can be asked.
  const known = agents.filter(({ vendor }) => factory.vendors.has(vendor));
  return { cards: known.map((agent) => cardOf(agent, factory.vendors)), factory };
}
