// Who is let in: what a HELLO says against what the conversation needs.
import { type NanoUsd, usdText } from "../../domain/money.ts";
import { type PortProfile, PROTOCOL_VERSIONS, type Problem } from "./protocol.ts";
import { commonVersion } from "./view.ts";

export interface Requirements {
  readonly membersMax: number;
  /** Features every member must have. */
  readonly features?: readonly string[];
  /** Tokens that the conversation's material needs at least. */
  readonly contextTokensMin?: number;
  /** What the conversation may cost; a member whose shortest useful call may cost more is of no use. */
  readonly budgetNanoUsd?: NanoUsd;
}

/** The first reason against, or undefined. `others` are already in. */
export function refusalOf(
  profile: PortProfile,
  entry: { readonly requirements: Requirements; readonly others: readonly { readonly profile: PortProfile }[] },
): Problem | undefined {
  const { requirements, others } = entry;
  if (others.length >= requirements.membersMax) {
    return { code: "FULL", reason: `the conversation has its ${requirements.membersMax} members` };
  }
  const ranges = [PROTOCOL_VERSIONS, profile.versions, ...others.map((other) => other.profile.versions)];
  if (commonVersion(ranges) === undefined) {
    return {
      code: "VERSION",
      reason: `it speaks versions ${profile.versions.min} to ${profile.versions.max}, which not all members share`,
    };
  }
  return profile.problems[0] ?? shortcomingOf(profile, requirements);
}

function shortcomingOf(profile: PortProfile, requirements: Requirements): Problem | undefined {
  const missing = (requirements.features ?? []).filter((feature) => !profile.features.includes(feature));
  if (missing.length > 0) return { code: "CAPABILITY", reason: `it lacks ${missing.join(", ")}` };
  const { contextTokensMin = 0, budgetNanoUsd = Number.POSITIVE_INFINITY } = requirements;
  if (profile.contextTokensMax !== undefined && profile.contextTokensMax < contextTokensMin) {
    return {
      code: "WINDOW",
      reason: `its window of ${profile.contextTokensMax} tokens is smaller than the ${contextTokensMin} needed`,
    };
  }
  if (profile.callCostNanoUsd !== undefined && profile.callCostNanoUsd > budgetNanoUsd) {
    return {
      code: "BUDGET",
      reason: `its shortest useful call may cost ${usdText(profile.callCostNanoUsd)}, more than the budget of ${usdText(budgetNanoUsd)}`,
      neededNanoUsd: profile.callCostNanoUsd,
    };
  }
  return undefined;
}
