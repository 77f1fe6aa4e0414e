// The round in which members rank final answers that carry no names: the ending
// of every preset whose answers are free text and cannot be counted.

import { borda } from "./decision/borda.ts";
import type { Conclusion } from "./preset.ts";
import { ballotsOf, type RoundPlan, type Table, type TableAnswer, weightOf } from "./table.ts";
import { PARALLEL } from "./turn-order.ts";
import { verdictOf } from "./verdict.ts";
import { anonymousView } from "./visibility.ts";

export interface RankingRound {
  readonly stage: string;
  readonly instruction: string;
  readonly answers: readonly TableAnswer[];
  readonly answersMin: number;
  readonly critiques?: boolean;
}

/**
 * Everybody ranks the others' answers. With two answers, leaving out one's own
 * would leave one option and make every ballot a foregone vote for the other,
 * hence always a tie; then both are ranked, one's own included, and a winner
 * needs a member who concedes.
 */
export function rankingRound(table: Table, round: RankingRound): RoundPlan {
  const { stage, instruction, answers, answersMin, critiques = false } = round;
  const ownIncluded = answers.length <= 2;
  const asks = table.seats.map(({ agent }) => {
    const view = anonymousView({ seed: table.setup.seed, viewer: agent, purpose: stage, answers, ownIncluded });
    const ballot = {
      kind: "ranking" as const,
      options: view.labels,
      agreement: true,
      ...(critiques ? { critiques } : {}),
    };
    return { agent, instruction, visibility: view.visibility, ballot, options: view.authors };
  });
  return { stage, isDiscussion: false, order: PARALLEL, asks, answersMin };
}

/** Borda over the ballots of a ranking round; options are the authors, and the answer is the winner's. */
export function rankingConclusion(table: Table, stage: string, answers: readonly TableAnswer[]): Conclusion {
  const options = answers.map(({ agent }) => agent);
  const verdict = verdictOf(borda, { options, ballots: ballotsOf(table, stage), weightOf: weightOf(table) });
  const { winner, tallies, tied } = verdict.tally;
  return {
    rule: "borda",
    isDecided: winner !== null,
    winner,
    answer: answers.find(({ agent }) => agent === winner)?.text ?? null,
    tallies,
    reasons: verdict.reasons,
    ballots: verdict.ballots,
    dissent: verdict.dissent,
    authors: winner === null ? tied : [winner],
    ...(tied.length === 0 ? {} : { extra: { tied } }),
  };
}
