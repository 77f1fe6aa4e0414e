// When a budget has no room for an agent's largest answer but still for a useful
// one, a shorter one is asked for: better than to end a conversation over tokens
// that nearly no answer uses. The attempt's intent records what was asked for.
import type { NanoUsd } from "../../domain/money.ts";
import { OUTPUT_TOKENS_USEFUL_MIN } from "../budgets/smallest-call.ts";
import type { AttemptPlan, PricedRequest } from "./attempt-plan.ts";

type Priced = Pick<AttemptPlan, "costing" | "priced">;

/** The same request for the shortest answer that is of use. */
export function shortestRequest(plan: Priced): PricedRequest {
  return withOutput(plan, Math.min(plan.priced.projected.request.outputTokensMax, OUTPUT_TOKENS_USEFUL_MIN));
}

/** The same request for the longest answer that fits; the shortest does, the present one does not. */
export function longestWithin(plan: Priced, leftNanoUsd: NanoUsd): PricedRequest {
  let fits = shortestRequest(plan);
  let fails = plan.priced.projected.request.outputTokensMax;
  // Costs never fall as answers grow, so the border can be halved down to.
  while (fails - outputOf(fits) > 1) {
    const middle = withOutput(plan, Math.floor((outputOf(fits) + fails) / 2));
    if (middle.costMaxNanoUsd > leftNanoUsd) fails = outputOf(middle);
    else fits = middle;
  }
  return fits;
}

function outputOf({ projected }: PricedRequest): number {
  return projected.request.outputTokensMax;
}

function withOutput({ costing, priced }: Priced, outputTokensMax: number): PricedRequest {
  const { projected, inputTokensEstimated } = priced;
  // A price that ran out meanwhile: a shorter answer costs no more than the longer one did.
  const costMaxNanoUsd = costing.costMaxNanoUsd(inputTokensEstimated, outputTokensMax) ?? priced.costMaxNanoUsd;
  const request = { ...projected.request, outputTokensMax };
  return { projected: { ...projected, request }, inputTokensEstimated, costMaxNanoUsd };
}
