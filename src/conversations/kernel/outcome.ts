// From a conclusion to the outcome: who was asked, who answered, who failed,
// and the one status that says so.
import type { ConversationOutcome, Outcome, Quorum, QuorumFailure } from "../../domain/decision.ts";
import type { AgentId } from "../../domain/ids.ts";
import { evidenceIn } from "./evidence.ts";
import type { Conclusion } from "./preset.ts";
import type { Table, TableAnswer } from "./table.ts";

/** Why the conversation stopped before its end; absent when it did not. */
export type Cut =
  | { readonly kind: "cancelled" | "budget-exhausted" | "deadline"; readonly reason: string }
  | { readonly kind: "quorum"; readonly reason: string };

export interface Closing {
  readonly table: Table;
  readonly conclusion: Conclusion;
  readonly turns: number;
  readonly stopReasons: readonly string[];
  readonly cut?: Cut;
  /** How many answered of how many that had to. */
  readonly quorumMissed?: string;
}

export function outcomeOf(closing: Closing): Outcome {
  const { table, turns, stopReasons, quorumMissed } = closing;
  const conclusion = quorumMissed === undefined ? closing.conclusion : belowQuorum(closing.conclusion, quorumMissed);
  const quorum = quorumOfTable(table);
  return {
    status: statusOf(closing, quorum),
    answer: conclusion.answer,
    decision: {
      rule: conclusion.rule,
      winner: conclusion.winner,
      tallies: conclusion.tallies,
      reasons: conclusion.reasons,
      evidence: evidenceIn(authorsFirst(table, conclusion.authors), table.setup.attachments),
    },
    ballots: conclusion.ballots,
    dissent: conclusion.dissent,
    quorum,
    rounds: table.rounds.length,
    turns,
    stopReasons,
    ...(conclusion.extra === undefined ? {} : { extra: conclusion.extra }),
  };
}

/** The ballots that came stay on the record and their count with them; they decide nothing. */
function belowQuorum({ rule, tallies, ballots, authors }: Conclusion, reason: string): Conclusion {
  const reasons = [`nothing is decided: ${reason}`];
  return { rule, tallies, ballots, authors, reasons, isDecided: false, winner: null, answer: null, dissent: [] };
}

function statusOf({ cut, conclusion, table, quorumMissed }: Closing, quorum: Quorum): ConversationOutcome {
  if (cut?.kind === "cancelled") return "cancelled";
  if (cut?.kind === "budget-exhausted") return "budget_exhausted";
  if (quorumMissed !== undefined) return "failed";
  if (!conclusion.isDecided) return cut?.kind === "deadline" ? "failed" : "no_decision";
  const hasFallback = table.rounds.some((round) => round.answers.some((answer) => answer.degraded));
  const isLesser = conclusion.degradedBecause !== undefined || cut !== undefined;
  return quorum.failed.length > 0 || hasFallback || isLesser ? "degraded" : "decided";
}

/** Everybody who was asked or refused, each exactly once among the answered or the failed. */
function quorumOfTable(table: Table): Quorum {
  const failures = new Map<AgentId, QuorumFailure>(
    table.setup.refused.map(({ agent, code, reason }) => [agent, { agent, code, reason }]),
  );
  const asked = new Set<AgentId>();
  for (const round of table.rounds) {
    for (const agent of round.asked) asked.add(agent);
    for (const { agent, code, reason } of round.failures) failures.set(agent, { agent, code, reason });
  }
  const inOrder = table.setup.participants.map(({ agent }) => agent).filter((agent) => asked.has(agent));
  const refused = table.setup.refused.map(({ agent }) => agent);
  return {
    asked: [...inOrder, ...refused],
    answered: inOrder.filter((agent) => !failures.has(agent)),
    failed: [...failures.values()],
  };
}

/** Final answers, the result's authors before the others. */
function authorsFirst(table: Table, authors: readonly AgentId[]): readonly TableAnswer[] {
  const answers = table.rounds
    .toReversed()
    .flatMap((round) => round.answers.filter((answer) => answer.ballot === undefined));
  const rank = (answer: TableAnswer): number => {
    const place = authors.indexOf(answer.agent);
    return place < 0 ? authors.length : place;
  };
  return answers.sort((a, b) => rank(a) - rank(b));
}
