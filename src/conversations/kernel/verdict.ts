// From ballots to a verdict: the tally, the winners' reasons and the dissent,
// the same for every preset that votes.
import type { Ballot, Dissent } from "../../domain/decision.ts";
import { type Count, type DecisionRule, firstChoice, type Tally } from "./decision/rule.ts";

export interface Verdict {
  readonly tally: Tally;
  readonly ballots: readonly Ballot[];
  /** The reasons on the winner's ballots; without a winner, why there is none. */
  readonly reasons: readonly string[];
  /** Voters who preferred another option, or found the winner the best and still not right; empty without a winner. */
  readonly dissent: readonly Dissent[];
}

export function verdictOf(rule: DecisionRule, count: Count): Verdict {
  const tally = rule.count(count);
  const { ballots } = count;
  if (tally.winner === null) return { tally, ballots, reasons: [tally.reason], dissent: [] };
  const { winner } = tally;
  const reasonsFor = ballots.filter((ballot) => firstChoice(ballot) === winner).flatMap(({ reason }) => reason ?? []);
  return { tally, ballots, reasons: reasonsFor, dissent: ballots.flatMap((ballot) => dissentOf(ballot, winner)) };
}

/**
 * The winner's own author could not vote for it where one's own is left out, and
 * does not dissent by that. Where three rank each other's answers, a winner is
 * always the first choice of both others; so they are asked as well whether they
 * share its conclusion, and whoever does not dissents.
 */
function dissentOf(ballot: Ballot, winner: string): readonly Dissent[] {
  const position = firstChoice(ballot);
  const reason = ballot.reason ?? "";
  if (position === winner && ballot.agrees === false) {
    return [{ agent: ballot.agent, position: `ranks ${winner} first, but does not share its conclusion`, reason }];
  }
  if (position === undefined || position === winner) return [];
  const couldChoose = ballot.ranking === undefined || ballot.ranking.includes(winner);
  return couldChoose ? [{ agent: ballot.agent, position, reason }] : [];
}
