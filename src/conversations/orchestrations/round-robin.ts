// `round-robin`: members speak one after another and see everything said so
// far; the last word is the answer (AutoGen's RoundRobinGroupChat).
import { NO_VOTE } from "../kernel/blind-round.ts";
import { ANSWER_THE_QUESTION } from "../kernel/instructions.ts";
import { createStaged } from "../kernel/staged.ts";
import { quorumOf, roundsOf } from "../kernel/table.ts";
import { SEQUENTIAL } from "../kernel/turn-order.ts";
import { ALL } from "../kernel/visibility.ts";

const STAGE = "lap";

const CONTINUE =
  "Read what has been said so far. Correct what is wrong, add what is missing, and state the answer as it now " +
  "stands, complete enough to stand alone. Where an attachment supports a reason, quote its exact words in " +
  "double quotation marks.";

export const roundRobin = createStaged({
  name: "round-robin",
  summary: "members speak in turn and see all before them; the last word stands",
  membersMin: 2,
  membersMax: 64,
  settings: {
    rounds: { type: "integer", min: 1, max: 20, default: 3, summary: "how often everybody speaks" },
  },
  turnsMax: (setup, settings) => setup.participants.length * settings.number("rounds"),
  termination: (_setup, settings) => ({
    kind: "any",
    of: [
      { kind: "rounds", limit: settings.number("rounds") },
      { kind: "stability", limit: 1 },
      { kind: "repetition", limit: 3 },
    ],
  }),
  plan: (table) => {
    if (table.isStopped) return undefined;
    const isFirstLap = table.rounds.length === 0;
    const asks = table.seats.map(({ agent }, seat) => ({
      agent,
      instruction: isFirstLap && seat === 0 ? ANSWER_THE_QUESTION : CONTINUE,
      visibility: ALL,
    }));
    const answersMin = quorumOf(table.setup, table.settings, 2);
    return { stage: STAGE, isDiscussion: true, order: SEQUENTIAL, asks, answersMin };
  },
  conclude: (table) => {
    const last = roundsOf(table, STAGE)
      .flatMap(({ answers }) => answers)
      .at(-1);
    return {
      ...NO_VOTE,
      rule: "last",
      isDecided: last !== undefined,
      winner: last?.agent ?? null,
      answer: last?.text ?? null,
      authors: last === undefined ? [] : [last.agent],
    };
  },
});
