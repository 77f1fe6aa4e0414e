// What an attempt is charged: what the vendor counted; where it told nothing
// although it worked, an estimate that never exceeds the reservation.
import type { NanoUsd } from "../../domain/money.ts";
import { NO_USAGE, promptTokens, type TokenUsage } from "../../domain/usage.ts";
import type { CallResult } from "./attempt-call.ts";
import type { AttemptPlan } from "./attempt-plan.ts";

export interface Charge {
  readonly usage: TokenUsage;
  readonly usageEstimated: boolean;
  /** May exceed the reservation where the vendor counted more than it was allowed: the record holds the truth. */
  readonly costNanoUsd: NanoUsd;
  /** For limits on tokens per minute; never less than what was surely read. */
  readonly tokensUsed: number;
}

/** Fewer than the usual four, so that an estimate of what was streamed is rather too high. */
const CHARS_PER_TOKEN = 3;

export function chargeOf(plan: AttemptPlan, call: CallResult, stopped: boolean): Charge {
  const told = call.end.usage;
  if (told !== undefined) return counted(plan, told, call.end.type === "done" && call.end.usageEstimated);
  // Nothing was billed, unless the vendor was at work when the stream ended.
  if (call.contentChars === 0 && !stopped) {
    return { usage: NO_USAGE, usageEstimated: false, costNanoUsd: 0, tokensUsed: plan.priced.inputTokensEstimated };
  }
  const { outputTokensMax } = plan.priced.projected.request;
  const output = Math.min(outputTokensMax, Math.ceil(call.contentChars / CHARS_PER_TOKEN));
  const charge = counted(plan, { ...NO_USAGE, input: plan.priced.inputTokensEstimated, output }, true);
  return { ...charge, costNanoUsd: Math.min(charge.costNanoUsd, plan.priced.costMaxNanoUsd) };
}

function counted(plan: AttemptPlan, usage: TokenUsage, usageEstimated: boolean): Charge {
  // Where usage cannot be priced although the request could, the whole reservation is charged.
  const costNanoUsd = plan.costing.costNanoUsd(usage) ?? plan.priced.costMaxNanoUsd;
  return { usage, usageEstimated, costNanoUsd, tokensUsed: promptTokens(usage) + usage.output };
}
