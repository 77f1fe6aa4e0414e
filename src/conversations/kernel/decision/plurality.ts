// Plurality: the option with the most first choices, however few they are.
import { type DecisionRule, firstChoiceTallies, mostPoints, validBallots } from "./rule.ts";

export const plurality: DecisionRule = {
  name: "plurality",
  count: (count) => mostPoints(firstChoiceTallies(count), validBallots(count.ballots).length),
};
