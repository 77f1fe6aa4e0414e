// Borda count: on a ballot of m options the best earns m − 1 points, the last 0.
// An option's tally is its mean over the ballots that ranked it, because a
// reviewer's own answer is not on the reviewer's ballot, and an abstention must
// not punish the options that the abstainer would have ranked.
import type { Ballot } from "../../../domain/decision.ts";
import { type DecisionRule, mostPoints } from "./rule.ts";

export const borda: DecisionRule = {
  name: "borda",
  count: ({ options, ballots, weightOf }) => {
    const rankings = ballots.filter(isRanked);
    const meanPoints = (option: string): number => {
      const by = rankings.filter(({ ranking }) => ranking.includes(option));
      const weight = by.reduce((sum, { agent }) => sum + weightOf(agent), 0);
      const points = by.reduce((sum, { agent, ranking }) => sum + weightOf(agent) * pointsOn(ranking, option), 0);
      return weight === 0 ? 0 : points / weight;
    };
    return mostPoints(Object.fromEntries(options.map((option) => [option, meanPoints(option)])), rankings.length);
  },
};

type RankedBallot = Ballot & { readonly ranking: readonly string[] };

function isRanked(ballot: Ballot): ballot is RankedBallot {
  return ballot.abstained !== true && ballot.ranking !== undefined;
}

function pointsOn(ranking: readonly string[], option: string): number {
  return ranking.length - 1 - ranking.indexOf(option);
}
