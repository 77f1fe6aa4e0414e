// When a budget has no room for an agent's largest answer but still for a useful
// one, a shorter one is asked for: better than to end a conversation over tokens
// that nearly no answer uses. The attempt's intent records what was asked for.
import type { NanoUsd } from "../../domain/money.ts";
import { OUTPUT_TOKENS_USEFUL_MIN } from "../budgets/smallest-call.ts";
import type { AttemptPlan, PricedRequest } from "./attempt-plan.ts";

/** The same request with the longest answer that fits; undefined when no useful one does. */
export function shorterRequest(
  { costing, priced }: Pick<AttemptPlan, "costing" | "priced">,
  leftNanoUsd: NanoUsd,
): PricedRequest | undefined {
  const { projected, inputTokensEstimated } = priced;
  const costOf = (outputTokensMax: number): NanoUsd =>
    costing.costMaxNanoUsd(inputTokensEstimated, outputTokensMax) ?? Number.POSITIVE_INFINITY;
  let fits = OUTPUT_TOKENS_USEFUL_MIN;
  let fails = projected.request.outputTokensMax;
  if (fails <= fits || costOf(fits) > leftNanoUsd) return undefined;
  // Costs never fall as answers grow, so the border can be halved down to.
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (costOf(middle) > leftNanoUsd) fails = middle;
    else fits = middle;
  }
  const request = { ...projected.request, outputTokensMax: fits };
  return { projected: { ...projected, request }, inputTokensEstimated, costMaxNanoUsd: costOf(fits) };
}
