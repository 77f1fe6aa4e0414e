// `council`: three stages, after A. Karpathy's llm-council (2025). Members
// answer blind; each ranks and criticises the others' answers, unnamed and in an
// order of their own; a chair writes the answer from answers, ranking and
// critiques. If no chair can, the best-ranked answer stands and says so.

import { PolylogueError } from "../../domain/errors.ts";
import { blindRound } from "../kernel/blind-round.ts";
import { ANSWER_THE_QUESTION, RANK_THE_ANSWERS } from "../kernel/instructions.ts";
import type { Conclusion } from "../kernel/preset.ts";
import { rankingConclusion, rankingRound } from "../kernel/ranking-round.ts";
import { createStaged } from "../kernel/staged.ts";
import { lastAnswers, quorumOf, type RoundPlan, roundsOf, type Table, type TableAnswer } from "../kernel/table.ts";
import { PARALLEL } from "../kernel/turn-order.ts";
import { anonymousView, type Review, withReviews } from "../kernel/visibility.ts";
import type { OrchestrationSetup } from "../orchestration.ts";

const ANSWER = "answer";
const REVIEW = "review";
const SYNTHESIS = "synthesis";

const REVIEW_INSTRUCTION = `${RANK_THE_ANSWERS} Criticise each answer in one sentence.`;

export const council = createStaged({
  name: "council",
  summary: "members answer, review each other unnamed, and a chair writes the answer",
  membersMin: 2,
  membersMax: 64,
  settings: {
    chairs: {
      type: "list",
      itemsMax: 64,
      summary: "who chairs, in order of failover; all members in turn unless told",
    },
  },
  // Every member may have to take the chair after the one before has failed.
  turnsMax: (setup, settings) => setup.participants.length * 2 + chairList(setup, settings.list("chairs")).length,
  termination: () => ({ kind: "rounds", limit: 1 }),
  plan: (table) => {
    if (!table.isStopped) {
      const answersMin = quorumOf(table.setup, table.settings, 2);
      return blindRound(table, { stage: ANSWER, instruction: ANSWER_THE_QUESTION, answersMin });
    }
    const answers = lastAnswers(table, ANSWER);
    // Of two answers a ranking says nothing that the chair cannot see; the chair compares.
    if (answers.length > 2 && roundsOf(table, REVIEW).length === 0) return review(table, answers);
    return synthesis(table, answers);
  },
  conclude: (table) => {
    const answers = lastAnswers(table, ANSWER);
    const ranking = rankingConclusion(table, REVIEW, answers);
    const chaired = lastAnswers(table, SYNTHESIS)[0];
    return chaired === undefined ? withoutChair(ranking) : withChair(ranking, chaired);
  },
});

function review(table: Table, answers: readonly TableAnswer[]): RoundPlan {
  const answersMin = quorumOf(table.setup, table.settings, 2);
  return rankingRound(table, { stage: REVIEW, instruction: REVIEW_INSTRUCTION, answers, answersMin, critiques: true });
}

/** Asks the next chair who has not failed; undefined when one has spoken or none is left. */
function synthesis(table: Table, answers: readonly TableAnswer[]): RoundPlan | undefined {
  if (lastAnswers(table, SYNTHESIS).length > 0) return undefined;
  const seated = table.seats.map(({ agent }) => agent);
  const chair = chairList(table.setup, table.settings.list("chairs")).find((id) => seated.includes(id));
  if (chair === undefined) return undefined;
  const by = { seed: table.setup.seed, viewer: chair, purpose: SYNTHESIS };
  const view = anonymousView({ ...by, answers, ownIncluded: true });
  const visibility = withReviews(view, reviewsOf(table), by);
  const ask = { agent: chair, instruction: chairInstruction(table, view.authors), visibility };
  // The chair's failure is not the council's: the next one is asked.
  return { stage: SYNTHESIS, isDiscussion: false, order: PARALLEL, asks: [ask], answersMin: 0 };
}

/** A chair who was refused in the handshake is passed over like one who failed. */
function chairList({ participants, refused }: OrchestrationSetup, wanted: readonly string[]): readonly string[] {
  const members = [...participants, ...refused].map(({ agent }) => agent);
  const stranger = wanted.find((agent) => !members.includes(agent));
  if (stranger === undefined) return wanted.length === 0 ? members : wanted;
  throw new PolylogueError("USAGE", {
    message: `The setting chairs names ${JSON.stringify(stranger)}, who is not a member of this council.`,
    mend: `Name members: ${members.join(", ")}.`,
  });
}

/** Which turns hold critiques, and whose answers they speak of. The words themselves are shown by the projection, as data. */
function reviewsOf(table: Table): readonly Review[] {
  return roundsOf(table, REVIEW).flatMap(({ plan, answers }) =>
    answers
      .filter(({ critiques }) => critiques !== undefined)
      .map(({ agent, turnId }) => {
        const asked = plan.asks.find((ask) => ask.agent === agent);
        return { agent, turnId, authors: asked?.options ?? {} };
      }),
  );
}

function chairInstruction(table: Table, authors: Readonly<Record<string, string>>): string {
  const head =
    "You chair this council. Write its answer to the question: complete, your own judgement, the best of the " +
    "answers above. Say where they disagree and what decides it. Where an attachment supports a reason, quote " +
    "its exact words in double quotation marks.";
  if (roundsOf(table, REVIEW).length === 0) return head;
  const { tallies } = rankingConclusion(table, REVIEW, lastAnswers(table, ANSWER));
  const lines = Object.entries(authors).map(
    ([label, author]) => `${label}: ${Number(tallies[author]).toFixed(2)} points of the reviewers`,
  );
  return `${head}\n\nHow the reviewers ranked them; what they said of each stands above:\n${lines.join("\n")}`;
}

/** The chair decides; ranking, winner and dissent stay on the record beside it. */
function withChair(ranking: Conclusion, chaired: TableAnswer): Conclusion {
  return {
    ...ranking,
    rule: "synthesis",
    isDecided: true,
    answer: chaired.text,
    authors: [chaired.agent, ...ranking.authors],
    extra: { ...ranking.extra, synthesisBy: chaired.agent },
  };
}

function withoutChair(ranking: Conclusion): Conclusion {
  if (!ranking.isDecided) return ranking;
  const degradedBecause = "no chair answered; this is the best-ranked answer, not a synthesis";
  return {
    ...ranking,
    reasons: [degradedBecause, ...ranking.reasons],
    degradedBecause,
    extra: { ...ranking.extra, synthesisBy: null },
  };
}
