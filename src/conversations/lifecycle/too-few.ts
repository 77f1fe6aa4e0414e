// The end of a conversation that could not start, as too few members were let in.
import type { Outcome } from "../../domain/decision.ts";
import { type NanoUsd, usdText } from "../../domain/money.ts";
import type { HandshakeReport } from "../../mesh/mesh.ts";
import { undecidedOutcome } from "./undecided-outcome.ts";

export interface TooFew {
  /** How many were let in. */
  readonly present: number;
  readonly membersMin: number;
  readonly refused: HandshakeReport["refused"];
}

/** `budget_exhausted` where a larger budget would have let enough of them in; it says how large. */
export function tooFewOutcome({ present, membersMin, refused }: TooFew): Outcome {
  const few = `${present} of at least ${membersMin} members could take part`;
  const failed = refused.map(({ agent, code, reason }) => ({ agent, code, reason }));
  const neededNanoUsd = budgetNeeded(refused, membersMin - present);
  if (neededNanoUsd === undefined) return undecidedOutcome({ status: "failed", failed, stopReason: `quorum: ${few}` });
  const stopReason = `budget-exhausted: ${few}; the smallest budget that could start is ${usdText(neededNanoUsd)}`;
  return undecidedOutcome({ status: "budget_exhausted", failed, stopReason });
}

/** With which so many more would be let in; undefined where no budget is large enough. */
function budgetNeeded(refused: TooFew["refused"], missing: number): NanoUsd | undefined {
  const needed = refused.flatMap(({ neededNanoUsd = Number.NaN }) => (neededNanoUsd > 0 ? [neededNanoUsd] : []));
  return needed.toSorted((a, b) => a - b)[missing - 1];
}
