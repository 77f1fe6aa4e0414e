// `vote`: blind, structured ballots over given options, or over the members'
// own proposals (rules and thresholds after MALLM, "Voting or Consensus?
// Decision-Making in Multi-Agent Debate", arXiv 2502.19130). Rounds of
// discussion may go before; the first of them is blind.

import { PolylogueError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import { canonicalText } from "../kernel/canonical-text.ts";
import { BALLOT_RULES, type BallotRuleName, ballotRule } from "../kernel/decision/rules.ts";
import { ANSWER_THE_QUESTION, RANK_THE_ANSWERS } from "../kernel/instructions.ts";
import type { Conclusion } from "../kernel/preset.ts";
import { rankingConclusion, rankingRound } from "../kernel/ranking-round.ts";
import type { Settings } from "../kernel/settings.ts";
import { createStaged } from "../kernel/staged.ts";
import {
  ballotsOf,
  latestAnswers,
  quorumOf,
  type RoundPlan,
  roundsOf,
  type Table,
  type TableAnswer,
  weightOf,
} from "../kernel/table.ts";
import { PARALLEL } from "../kernel/turn-order.ts";
import { verdictOf } from "../kernel/verdict.ts";
import { BLIND, previousRound, shuffledOptions } from "../kernel/visibility.ts";

const DISCUSSION = "discussion";
const BALLOT = "ballot";

const DISCUSS_AGAIN =
  "Read the other members' views. Say what convinces you and what does not, then give your view as it now stands.";
const CHOOSE = "Vote: choose exactly one of the options, and give your reason in one or two sentences.";
const RANK_OPTIONS =
  "Vote: rank the options from best to worst, and give the reason for your first choice in one or two sentences.";

export const vote = createStaged({
  name: "vote",
  summary: "members vote on given options, or propose and rank each other's proposals",
  membersMin: 2,
  membersMax: 64,
  settings: {
    options: {
      type: "list",
      itemsMax: 26,
      summary: "what to vote on, for example yes|no; the members propose unless told",
    },
    rule: {
      type: "choice",
      values: BALLOT_RULES,
      default: "plurality",
      summary: "how ballots over given options are counted; proposals are always ranked (borda)",
    },
    threshold: {
      type: "number",
      min: 0,
      max: 1,
      default: 0.66,
      summary: "share of the votes that a supermajority needs",
    },
    discussionRounds: {
      type: "integer",
      min: 0,
      max: 5,
      default: 0,
      summary: "rounds of discussion before the ballot",
    },
  },
  turnsMax: (setup, settings) => setup.participants.length * (discussionRounds(settings) + 1),
  termination: (_setup, settings) => ({ kind: "rounds", limit: discussionRounds(settings) }),
  plan: (table) => {
    if (!table.isStopped) return discussionRound(table);
    if (roundsOf(table, BALLOT).length > 0) return undefined;
    return optionsOf(table.settings).length > 0 ? ballotRound(table) : proposalRound(table);
  },
  conclude: (table) => (optionsOf(table.settings).length > 0 ? chosen(table) : proposed(table)),
});

function optionsOf(settings: Settings): readonly string[] {
  const options = settings.list("options");
  if (options.length !== 1) return options;
  throw new PolylogueError("USAGE", {
    message: `The setting options holds one option only (${JSON.stringify(options[0])}), so there is nothing to vote on.`,
    mend: "Give two or more with | between them, or none to let the members propose.",
  });
}

/** Proposals need a round in which they are made. */
function discussionRounds(settings: Settings): number {
  const wanted = settings.number("discussionRounds");
  return optionsOf(settings).length > 0 ? wanted : Math.max(1, wanted);
}

function discussionRound(table: Table): RoundPlan {
  const round = table.rounds.length;
  const instruction = round === 0 ? ANSWER_THE_QUESTION : DISCUSS_AGAIN;
  const asks = table.seats.map(({ agent }) => ({ agent, instruction, visibility: previousRound(round) }));
  const answersMin = quorumOf(table.setup, table.settings, 2);
  return { stage: DISCUSSION, isDiscussion: true, order: PARALLEL, asks, answersMin };
}

function ballotRound(table: Table): RoundPlan {
  const { settings, setup } = table;
  const isRanking = settings.choice("rule") === "borda";
  const heard = roundsOf(table, DISCUSSION).at(-1);
  const visibility = heard === undefined ? BLIND : { kind: "rounds" as const, rounds: [heard.round] };
  const asks = table.seats.map(({ agent }) => {
    const options = shuffledOptions(optionsOf(settings), { seed: setup.seed, viewer: agent, purpose: BALLOT });
    const ballot = { kind: isRanking ? ("ranking" as const) : ("choice" as const), options };
    return { agent, instruction: isRanking ? RANK_OPTIONS : CHOOSE, visibility, ballot };
  });
  const answersMin = quorumOf(setup, settings, 2);
  return { stage: BALLOT, isDiscussion: false, order: PARALLEL, asks, answersMin };
}

function proposalRound(table: Table): RoundPlan | undefined {
  const proposals = distinctProposals(table);
  if (proposals.length < 2) return undefined;
  const answersMin = quorumOf(table.setup, table.settings, 2);
  return rankingRound(table, { stage: BALLOT, instruction: RANK_THE_ANSWERS, answers: proposals, answersMin });
}

/** Equal proposals are one candidate, under the name of whoever sits first. */
function distinctProposals(table: Table): readonly TableAnswer[] {
  const byText = new Map<string, TableAnswer>();
  for (const answer of latestAnswers(table, DISCUSSION)) {
    const key = canonicalText(answer.text);
    if (!byText.has(key)) byText.set(key, answer);
  }
  return [...byText.values()];
}

function chosen(table: Table): Conclusion {
  const { settings } = table;
  const rule = ballotRule(settings.choice("rule") as BallotRuleName, settings.number("threshold"));
  const ballots = ballotsOf(table, BALLOT);
  const { tally, reasons, dissent } = verdictOf(rule, {
    options: optionsOf(settings),
    ballots,
    weightOf: weightOf(table),
  });
  const extra: JsonObject | undefined = tally.tied.length === 0 ? undefined : { tied: tally.tied };
  return {
    rule: rule.name,
    isDecided: tally.winner !== null,
    winner: tally.winner,
    answer: tally.winner,
    tallies: tally.tallies,
    reasons,
    ballots,
    dissent,
    authors: ballots
      .filter(({ choice, ranking }) => tally.winner !== null && tally.winner === (choice ?? ranking?.[0]))
      .map(({ agent }) => agent),
    ...(extra === undefined ? {} : { extra }),
  };
}

function proposed(table: Table): Conclusion {
  const proposals = distinctProposals(table);
  const [only] = proposals;
  const supporters = latestAnswers(table, DISCUSSION).length;
  if (proposals.length !== 1 || only === undefined || supporters < 2)
    return rankingConclusion(table, BALLOT, proposals);
  return {
    rule: "unanimity",
    isDecided: true,
    winner: only.agent,
    answer: only.text,
    tallies: { [only.agent]: supporters },
    reasons: ["all members proposed the same"],
    ballots: latestAnswers(table, DISCUSSION).map(({ agent }) => ({ agent, choice: only.agent })),
    dissent: [],
    authors: [only.agent],
  };
}
