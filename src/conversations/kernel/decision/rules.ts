// The rules that count ballots, by name.
import { unreachable } from "../../../domain/errors.ts";
import { borda } from "./borda.ts";
import { majority, supermajority } from "./majority.ts";
import { plurality } from "./plurality.ts";
import type { DecisionRule } from "./rule.ts";

export const BALLOT_RULES = ["plurality", "majority", "supermajority", "borda"] as const;
export type BallotRuleName = (typeof BALLOT_RULES)[number];

/** `threshold` is the share that a supermajority needs, 0 to 1. */
export function ballotRule(name: BallotRuleName, threshold: number): DecisionRule {
  switch (name) {
    case "plurality":
      return plurality;
    case "majority":
      return majority;
    case "supermajority":
      return supermajority(threshold);
    case "borda":
      return borda;
    default:
      return unreachable(name);
  }
}
