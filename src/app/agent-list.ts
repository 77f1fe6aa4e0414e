// Who can be asked: what is known without a call, and what free calls find out.
import { type AgentCard, ownRoute } from "../domain/agent-card.ts";
import type { AgentFactory } from "./agent-factory.ts";
import type { AgentsDocument } from "./polylogue.ts";

type AgentRow = AgentsDocument["agents"][number];

/** Free calls of so many agents at the same time. */
const PROBES_MAX = 8;

export async function listAgents(cards: readonly AgentCard[], factory: AgentFactory): Promise<AgentsDocument> {
  return { schema: "polylogue.agents/1", agents: await Promise.all(cards.map((card) => rowOf(card, factory))) };
}

/** Each agent's own route: does the key work, is there the model, is its price known. */
export async function testAgents(
  cards: readonly AgentCard[],
  factory: AgentFactory,
  signal: AbortSignal,
): Promise<AgentsDocument> {
  const agents: AgentRow[] = [];
  for (let at = 0; at < cards.length; at += PROBES_MAX) {
    const few = cards.slice(at, at + PROBES_MAX);
    agents.push(...(await Promise.all(few.map((card) => testedRow(card, factory, signal)))));
  }
  return { schema: "polylogue.agents/1", agents };
}

async function testedRow(card: AgentCard, factory: AgentFactory, signal: AbortSignal): Promise<AgentRow> {
  const row = await rowOf(card, factory);
  if (row.state === "no-key") return row;
  const agent = factory.create(card);
  try {
    const probe = await agent.probe(ownRoute(card), { signal });
    const window = probe.contextTokensMax === undefined ? {} : { contextTokensMax: probe.contextTokensMax };
    if (probe.ok) return { ...row, ...window, state: "ok" };
    const reason = probe.failures.map((failure) => `${failure.code}: ${failure.reason}`).join("; ");
    return { ...row, ...window, state: "failed", reason };
  } finally {
    await agent.close();
  }
}

async function rowOf(card: AgentCard, factory: AgentFactory): Promise<AgentRow> {
  const route = ownRoute(card);
  const key = await factory.findKeys(card);
  const costing = factory.costing(route, card.id);
  const perMillion = (input: number, output: number): number | null => {
    const nano = costing.costNanoUsd({ input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
    // For a thousand tokens, so that no tier of long prompts holds.
    return nano === undefined ? null : nano / 1_000_000;
  };
  return {
    id: card.id,
    vendor: route.vendor,
    model: route.model,
    skills: card.skills,
    fallback: card.fallback,
    routes: card.routes.map(({ vendor, model }) => ({ vendor, model })),
    state: key.state === "missing" ? "no-key" : "ready",
    reason: key.state === "missing" ? `${key.reason} ${key.mend}` : null,
    inputUsdPerMillion: perMillion(1_000, 0),
    outputUsdPerMillion: perMillion(0, 1_000),
    contextTokensMax: card.contextTokensMax ?? costing.contextTokensMax ?? null,
  };
}
