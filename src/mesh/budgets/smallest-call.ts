// The smallest call worth paying for, and what it may cost.
import type { RouteCosting } from "../../agents/agent.ts";
import type { NanoUsd } from "../../domain/money.ts";

/**
 * Tokens of answer below which a call is not worth its prompt: a ballot with
 * its reasons takes a few hundred, and models think before they speak. An agent
 * whose own largest answer is smaller still is taken at its word.
 */
export const OUTPUT_TOKENS_USEFUL_MIN = 1_024;

/** Undefined where the price is unknown. */
export function smallestCallNanoUsd(
  costing: Pick<RouteCosting, "costMaxNanoUsd">,
  { inputTokens, outputTokensMax }: { readonly inputTokens: number; readonly outputTokensMax: number },
): NanoUsd | undefined {
  return costing.costMaxNanoUsd(inputTokens, Math.min(outputTokensMax, OUTPUT_TOKENS_USEFUL_MIN));
}
