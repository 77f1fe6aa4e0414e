// `gather`: everybody answers at once, blind; the replies are handed over as
// they are, without a vote (concurrent orchestration).
import { blindRound, NO_VOTE } from "../kernel/blind-round.ts";
import { ANSWER_THE_QUESTION } from "../kernel/instructions.ts";
import { createStaged } from "../kernel/staged.ts";
import { lastAnswers, type TableAnswer } from "../kernel/table.ts";

const STAGE = "answer";

export const gather = createStaged({
  name: "gather",
  summary: "all answer at once, nobody sees the others; every reply is kept",
  membersMin: 1,
  membersMax: 64,
  settings: {},
  turnsMax: (setup) => setup.participants.length,
  termination: () => ({ kind: "rounds", limit: 1 }),
  plan: (table) => {
    if (table.isStopped) return undefined;
    // One reply is worth having unless the caller asked for more.
    const answersMin = Math.max(1, table.settings.number("quorumMin"));
    return blindRound(table, { stage: STAGE, instruction: ANSWER_THE_QUESTION, answersMin });
  },
  conclude: (table) => {
    const answers = lastAnswers(table, STAGE);
    return {
      ...NO_VOTE,
      rule: "none",
      isDecided: answers.length > 0,
      winner: null,
      answer: answers.length === 0 ? null : joined(answers),
      authors: answers.map(({ agent }) => agent),
    };
  },
});

/** Each reply under its author's name; a single one alone. */
function joined(answers: readonly TableAnswer[]): string {
  const isAlone = answers.length === 1;
  return answers.map(({ agent, text }) => (isAlone ? text : `## ${agent}\n\n${text}`)).join("\n\n");
}
