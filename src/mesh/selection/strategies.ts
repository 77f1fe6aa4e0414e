// The list of strategies. Adding one is a file beside this and a line here.
import { createRoundRobinStrategy } from "./round-robin.ts";
import { createScoreStrategy } from "./score.ts";
import type { CreateStrategy } from "./strategy.ts";

export const STRATEGIES = {
  score: createScoreStrategy,
  "round-robin": createRoundRobinStrategy,
} as const satisfies Record<string, CreateStrategy>;

export type StrategyName = keyof typeof STRATEGIES;
export const STRATEGY_DEFAULT: StrategyName = "score";
