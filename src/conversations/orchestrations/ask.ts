// `ask`: one request to one agent, and its reply. The baseline that every
// deliberation has to beat.
import { blindRound, NO_VOTE } from "../kernel/blind-round.ts";
import { ANSWER_THE_QUESTION } from "../kernel/instructions.ts";
import { createStaged } from "../kernel/staged.ts";
import { lastAnswers } from "../kernel/table.ts";

const STAGE = "answer";

export const ask = createStaged({
  name: "ask",
  summary: "one agent answers",
  membersMin: 1,
  membersMax: 1,
  settings: {},
  turnsMax: () => 1,
  termination: () => ({ kind: "rounds", limit: 1 }),
  plan: (table) =>
    table.isStopped ? undefined : blindRound(table, { stage: STAGE, instruction: ANSWER_THE_QUESTION, answersMin: 1 }),
  conclude: (table) => {
    const answer = lastAnswers(table, STAGE)[0];
    return {
      ...NO_VOTE,
      rule: "none",
      isDecided: answer !== undefined,
      winner: null,
      answer: answer?.text ?? null,
      authors: answer === undefined ? [] : [answer.agent],
    };
  },
});
