// Majority and supermajority: plurality with a threshold on the share of the
// valid votes. Abstentions are not votes, so they raise no threshold.
import { type DecisionRule, firstChoiceTallies, mostPoints, reaches, type Tally, validBallots } from "./rule.ts";

/** More than half of the valid votes, by weight. */
export const majority: DecisionRule = {
  name: "majority",
  count: (count) => {
    const tally = plural(count);
    return withThreshold(tally, (share) => !reaches(1 - share, 0.5), "more than half");
  },
};

/** At least `threshold` of the valid votes; 0.66 is MALLM's figure for a supermajority (arXiv 2502.19130). */
export function supermajority(threshold = 0.66): DecisionRule {
  return {
    name: "supermajority",
    count: (count) => withThreshold(plural(count), (share) => reaches(share, threshold), `at least ${threshold}`),
  };
}

function plural(count: Parameters<DecisionRule["count"]>[0]): Tally {
  return mostPoints(firstChoiceTallies(count), validBallots(count.ballots).length);
}

function withThreshold(tally: Tally, isEnough: (share: number) => boolean, wanted: string): Tally {
  if (tally.winner === null) return tally;
  const cast = Object.values(tally.tallies).reduce((sum, points) => sum + points, 0);
  const points = Math.max(...Object.values(tally.tallies));
  if (isEnough(points / cast)) return tally;
  const reason = `${tally.winner} leads with ${points} of ${cast} votes, but ${wanted} of them were needed`;
  return { winner: null, tied: [], tallies: tally.tallies, reason };
}
