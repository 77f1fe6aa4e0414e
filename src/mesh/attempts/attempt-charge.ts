// What an attempt is charged; every attempt is settled by this one rule.
//
// What the vendor counted is charged as it is. Where it counted nothing to the
// end, but all that it bills was seen, an estimate of that is charged. Where the
// request was sent and nobody knows what became of it (a silence, a broken line,
// a call that was stopped, a crash), the whole reservation is: the vendor may
// have worked unseen up to the limit that it was given, and a hard budget must
// hold then too. What surely never began costs nothing.
import type { NanoUsd } from "../../domain/money.ts";
import { NO_USAGE, promptTokens, type TokenUsage } from "../../domain/usage.ts";
import type { CallResult } from "./attempt-call.ts";
import type { AttemptPlan, StartedPlan } from "./attempt-plan.ts";

export interface Charge {
  readonly usage: TokenUsage;
  readonly usageEstimated: boolean;
  /** Exceeds the reservation only where the vendor itself counted more than it was allowed: the record holds the truth. */
  readonly costNanoUsd: NanoUsd;
  /** For limits on tokens per minute; never less than what was surely read. */
  readonly tokensUsed: number;
}

export function chargeOf(plan: StartedPlan, call: CallResult, stopped: boolean): Charge {
  const { end } = call;
  if (end.type === "done") return end.usageEstimated ? estimated(plan, end.usage) : counted(plan, end.usage);
  if (end.outcomeUnknown === true) return wholeReservation(reservedOf(plan));
  if (end.usage !== undefined) {
    return end.usageEstimated === true ? estimated(plan, end.usage) : counted(plan, end.usage);
  }
  // An agent that tells nothing at all may have been at work.
  const isUnknown = stopped || call.contentChars > 0 || end.failure.code.startsWith("TIMEOUT_");
  if (isUnknown) return wholeReservation(reservedOf(plan));
  return { usage: NO_USAGE, usageEstimated: false, costNanoUsd: 0, tokensUsed: plan.priced.inputTokensEstimated };
}

/** As an attempt's intent says it. */
interface Reserved {
  readonly inputTokensEstimated: number;
  readonly outputTokensMax: number;
  readonly reservedNanoUsd: NanoUsd;
}

function reservedOf({ priced }: AttemptPlan): Reserved {
  const { inputTokensEstimated, costMaxNanoUsd, projected } = priced;
  const { outputTokensMax } = projected.request;
  return { inputTokensEstimated, outputTokensMax, reservedNanoUsd: costMaxNanoUsd };
}

/** The most that the call may have come to. */
export function wholeReservation({ inputTokensEstimated: input, outputTokensMax, reservedNanoUsd }: Reserved): Charge {
  return {
    usage: { ...NO_USAGE, input, output: outputTokensMax },
    usageEstimated: true,
    costNanoUsd: reservedNanoUsd,
    tokensUsed: input + outputTokensMax,
  };
}

function estimated(plan: StartedPlan, usage: TokenUsage): Charge {
  const charge = counted(plan, usage);
  return { ...charge, usageEstimated: true, costNanoUsd: Math.min(charge.costNanoUsd, plan.priced.costMaxNanoUsd) };
}

function counted(plan: StartedPlan, usage: TokenUsage): Charge {
  // Where usage cannot be priced although the request could, the whole reservation is charged.
  const costNanoUsd = plan.costing.costNanoUsd(usage, plan.startedAtUs) ?? plan.priced.costMaxNanoUsd;
  return { usage, usageEstimated: false, costNanoUsd, tokensUsed: promptTokens(usage) + usage.output };
}
