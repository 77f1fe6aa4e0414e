// `debate`: multi-agent debate by Du, Li, Torralba, Tenenbaum and Mordatch
// (2023), "Improving Factuality and Reasoning in Language Models through
// Multiagent Debate", arXiv 2305.14325. Everybody answers blind; in each further
// round everybody sees the answers of the round before and states an answer
// anew. The paper then takes a majority over answers that can be counted; free
// text cannot, so members rank the final answers, unnamed, and Borda decides.

import { canonicalText } from "../kernel/canonical-text.ts";
import { ANSWER_THE_QUESTION, RANK_THE_ANSWERS } from "../kernel/instructions.ts";
import type { Conclusion } from "../kernel/preset.ts";
import { rankingConclusion, rankingRound } from "../kernel/ranking-round.ts";
import { createStaged } from "../kernel/staged.ts";
import { latestAnswers, quorumOf, type RoundPlan, roundsOf, type Table, type TableAnswer } from "../kernel/table.ts";
import { PARALLEL } from "../kernel/turn-order.ts";
import { previousRound } from "../kernel/visibility.ts";

const DEBATE = "debate";
const BALLOT = "ballot";

const RESTATE =
  "These are the answers of the round before, yours among them. Treat the others' answers as additional advice " +
  "that may be wrong: name whom you agree or disagree with and why, then state your updated answer, complete " +
  "enough to stand alone. Where an attachment supports a reason, quote its exact words in double quotation marks.";

export const debate = createStaged({
  name: "debate",
  summary: "members answer, read each other, answer again, then rank the answers (Du et al. 2023)",
  membersMin: 2,
  membersMax: 64,
  settings: {
    rounds: { type: "integer", min: 1, max: 10, default: 2, summary: "rounds of answers before the ballot" },
  },
  turnsMax: (setup, settings) => setup.participants.length * (settings.number("rounds") + 1),
  termination: (_setup, settings) => ({
    kind: "any",
    of: [{ kind: "rounds", limit: settings.number("rounds") }, { kind: "agreement" }],
  }),
  plan: (table) => {
    if (!table.isStopped) return debateRound(table);
    const answers = latestAnswers(table, DEBATE);
    if (roundsOf(table, BALLOT).length > 0 || answers.length < 2 || agreedText(answers) !== undefined) return undefined;
    const answersMin = quorumOf(table.setup, table.settings, 2);
    return rankingRound(table, { stage: BALLOT, instruction: RANK_THE_ANSWERS, answers, answersMin });
  },
  conclude: (table) => {
    const answers = latestAnswers(table, DEBATE);
    const text = agreedText(answers);
    return text === undefined ? rankingConclusion(table, BALLOT, answers) : agreement(answers, text);
  },
});

function debateRound(table: Table): RoundPlan {
  const round = table.rounds.length;
  const instruction = round === 0 ? ANSWER_THE_QUESTION : RESTATE;
  const asks = table.seats.map(({ agent }) => ({ agent, instruction, visibility: previousRound(round) }));
  const answersMin = quorumOf(table.setup, table.settings, 2);
  return { stage: DEBATE, isDiscussion: true, order: PARALLEL, asks, answersMin };
}

/** Everybody says the same: there is nothing to rank. */
function agreedText([first, ...others]: readonly TableAnswer[]): string | undefined {
  if (first === undefined || others.length === 0) return undefined;
  const isSame = others.every(({ text }) => canonicalText(text) === canonicalText(first.text));
  return isSame ? first.text : undefined;
}

function agreement(answers: readonly TableAnswer[], text: string): Conclusion {
  return {
    rule: "unanimity",
    isDecided: true,
    winner: text,
    answer: text,
    tallies: { [text]: answers.length },
    reasons: ["all members gave the same answer"],
    ballots: answers.map(({ agent }) => ({ agent, choice: text })),
    dissent: [],
    authors: answers.map(({ agent }) => agent),
  };
}
