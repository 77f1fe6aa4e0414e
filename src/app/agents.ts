// The agents of the configuration, as documents.
import type { AgentId } from "../domain/ids.ts";
import { listAgents, testAgents } from "./agent-list.ts";
import { cardsOf } from "./ask.ts";
import type { Context } from "./context.ts";
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
  // In a simulation only agents of vendors that have a simulator can be asked.
  const reachable = Object.entries(config.agents).flatMap(([id, { vendor }]) =>
    factory.vendors.has(vendor) ? [id] : [],
  );
  return { cards: cardsOf(ids ?? [...reachable, ...factory.own.keys()], config, factory), factory };
}
