// What every rule that counts ballots shares. A rule never breaks a tie by the
// order of options: it names the tied and leaves the winner open.
import type { Ballot } from "../../../domain/decision.ts";
import type { AgentId } from "../../../domain/ids.ts";

export interface Count {
  /** Every option that stood to be chosen, also those without a vote. */
  readonly options: readonly string[];
  readonly ballots: readonly Ballot[];
  /** Weight of a voter, > 0; 1 unless told. */
  weightOf(agent: AgentId): number;
}

export type Tally = {
  readonly tallies: Readonly<Record<string, number>>;
  /** The options that share the first place, when they are two or more. */
  readonly tied: readonly string[];
} & (
  | { readonly winner: string }
  /** They tie, no valid ballot was cast, or the threshold was missed: `reason` says which, for people. */
  | { readonly winner: null; readonly reason: string }
);

export interface DecisionRule {
  readonly name: string;
  count(count: Count): Tally;
}

/** The best option on a ballot; undefined on an abstention. */
export function firstChoice(ballot: Ballot): string | undefined {
  return ballot.abstained === true ? undefined : (ballot.choice ?? ballot.ranking?.[0]);
}

/** Votes by weight for first choices, every option listed. */
export function firstChoiceTallies({ options, ballots, weightOf }: Count): Record<string, number> {
  const votesFor = (option: string): number =>
    ballots.filter((ballot) => firstChoice(ballot) === option).reduce((sum, { agent }) => sum + weightOf(agent), 0);
  return Object.fromEntries(options.map((option) => [option, votesFor(option)]));
}

/** Sums of weights that differ by less are the same sum, added in another order. */
const EPSILON = 1e-9;

/** The options with the most points. */
export function leaders(tallies: Readonly<Record<string, number>>): readonly string[] {
  const best = Math.max(...Object.values(tallies));
  return Object.entries(tallies)
    .filter(([, points]) => best - points < EPSILON)
    .map(([option]) => option);
}

/** One leader wins; several tie; without a single vote nobody does. */
export function mostPoints(tallies: Readonly<Record<string, number>>, votes: number): Tally {
  if (votes === 0) return { winner: null, tied: [], tallies, reason: "no valid ballot was cast" };
  const tied = leaders(tallies);
  const [winner, ...others] = tied;
  if (winner !== undefined && others.length === 0) return { winner, tied: [], tallies };
  return { winner: null, tied, tallies, reason: `tie between ${tied.join(" and ")}` };
}

export function validBallots(ballots: readonly Ballot[]): readonly Ballot[] {
  return ballots.filter((ballot) => firstChoice(ballot) !== undefined);
}

export function reaches(share: number, threshold: number): boolean {
  return share > threshold - EPSILON;
}
