// A complete agent card from a name, and costing at a flat price: what a script
// needs beside its agent.
import { type AgentCard, OUTPUT_TOKENS_MAX_DEFAULT } from "../../domain/agent-card.ts";
import type { AgentId } from "../../domain/ids.ts";
import { promptTokens } from "../../domain/usage.ts";
import type { RouteCosting } from "../agent.ts";

export function scriptedCard(id: AgentId, overrides: Partial<AgentCard> = {}): AgentCard {
  return {
    id,
    name: id,
    description: `scripted agent ${id}`,
    port: "driven",
    skills: [],
    capabilities: { streaming: true, tools: true, structuredOutput: true },
    limits: {},
    routes: [{ vendor: "scripted", model: `${id}-1` }],
    fallback: false,
    outputTokensMax: OUTPUT_TOKENS_MAX_DEFAULT,
    quality: 0.5,
    ...overrides,
  };
}

export interface FlatPrices {
  /** Integers, ≥ 0. */
  readonly inputNanoUsdPerToken: number;
  readonly outputNanoUsdPerToken: number;
  /** Undefined: unknown, as for a model nobody described. */
  readonly contextTokensMax?: number;
}

/** Every prompt token costs the same, cached or not; a token is four characters. */
export function createFlatCosting(prices: FlatPrices): RouteCosting {
  const cost = (input: number, output: number): number =>
    input * prices.inputNanoUsdPerToken + output * prices.outputNanoUsdPerToken;
  return {
    estimateInputTokens: (request) => Math.ceil((request.system.length + JSON.stringify(request.history).length) / 4),
    costMaxNanoUsd: cost,
    costNanoUsd: (usage) => cost(promptTokens(usage), usage.output),
    calibrate: () => undefined,
    hashes: { prices: `flat-${prices.inputNanoUsdPerToken}-${prices.outputNanoUsdPerToken}`, policy: "scripted" },
    wire: "scripted",
    contextTokensMax: prices.contextTokensMax,
  };
}
