// What an agent says about itself. Skills are what it can do and the target of
// anycast; capabilities are protocol features.
import type { AgentId, Skill } from "./ids.ts";

/**
 * Limits the vendor or the user sets for one agent. Absent means unknown: then
 * only what the vendor answers teaches us.
 */
export interface AgentLimits {
  readonly requestsPerMinuteMax?: number;
  readonly tokensPerMinuteMax?: number;
  readonly concurrencyMax?: number;
}

/** One way to reach a model: the vendor's record, the model's id there, the name of the key. */
export interface Route {
  readonly vendor: string;
  readonly model: string;
  /** Which of the vendor's keys, by name; never the key itself. */
  readonly key?: string;
}

export interface AgentCapabilities {
  readonly streaming: boolean;
  readonly tools: boolean;
  readonly structuredOutput: boolean;
}

/**
 * `driven`: we call the agent. `pulling`: it reads its inbox itself (people,
 * MCP clients); its open turn is a delivery, so it survives any restart.
 */
export type PortKind = "driven" | "pulling";

export interface AgentCard {
  readonly id: AgentId;
  readonly name: string;
  readonly description: string;
  readonly port: PortKind;
  readonly skills: readonly Skill[];
  readonly capabilities: AgentCapabilities;
  readonly limits: AgentLimits;
  /** Ordered. The first is the agent's own; the others are used only when `fallback` is true. */
  readonly routes: readonly Route[];
  /** Whether this named agent may answer by another route (then marked `answeredBy`, `degraded`). */
  readonly fallback: boolean;
  /** Tokens, prompt and answer together. */
  readonly contextTokensMax?: number;
  /** Largest answer, in tokens. */
  readonly outputTokensMax: number;
  /** Relative quality 0 to 1, for selection by skill; 0.5 unless told. */
  readonly quality: number;
}

export const OUTPUT_TOKENS_MAX_DEFAULT = 8_192;

/** The route that is the agent itself. */
export function ownRoute(card: AgentCard): Route {
  const route = card.routes[0];
  if (route === undefined) throw new RangeError(`agent ${card.id} has no route`);
  return route;
}
