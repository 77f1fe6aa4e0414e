// The rules that count ballots, by name.
import { borda } from "./borda.ts";
import { majority, supermajority } from "./majority.ts";
import { plurality } from "./plurality.ts";
import type { DecisionRule } from "./rule.ts";

export const BALLOT_RULES = ["plurality", "majority", "supermajority", "borda"] as const;
export type BallotRuleName = (typeof BALLOT_RULES)[number];

/** `threshold` is the share that a supermajority needs, 0 to 1. */
export function ballotRule(name: BallotRuleName, threshold: number): DecisionRule {
  return { plurality, majority, borda, supermajority: supermajority(threshold) }[name];
}
