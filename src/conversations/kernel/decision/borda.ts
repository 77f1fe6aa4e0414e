// Borda count: on a ballot of m options the best earns m − 1 points, the last 0.
// An option's tally is its mean over the ballots that ranked it, because a
// reviewer's own answer is not on the reviewer's ballot, and an abstention must
// not punish the options that the abstainer would have ranked.
import { type DecisionRule, mostPoints, validBallots } from "./rule.ts";

export const borda: DecisionRule = {
  name: "borda",
  count: ({ options, ballots, weightOf }) => {
    const points = new Map(options.map((option) => [option, { sum: 0, weight: 0 }]));
    const valid = validBallots(ballots).filter((ballot) => ballot.ranking !== undefined);
    for (const ballot of valid) {
      const ranking = ballot.ranking ?? [];
      const weight = weightOf(ballot.agent);
      ranking.forEach((option, place) => {
        const held = points.get(option) ?? { sum: 0, weight: 0 };
        points.set(option, {
          sum: held.sum + weight * (ranking.length - 1 - place),
          weight: held.weight + weight,
        });
      });
    }
    const tallies = Object.fromEntries(
      [...points].map(([option, { sum, weight }]) => [option, weight === 0 ? 0 : sum / weight]),
    );
    return mostPoints(tallies, valid.length);
  },
};
