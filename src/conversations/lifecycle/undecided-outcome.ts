// The outcome of a conversation that ended before its orchestration could start.
import type { ConversationOutcome, Outcome, QuorumFailure } from "../../domain/decision.ts";

export function undecidedOutcome(end: {
  readonly status: ConversationOutcome;
  readonly failed: readonly QuorumFailure[];
  readonly stopReason: string;
}): Outcome {
  const { status, failed, stopReason } = end;
  return {
    status,
    answer: null,
    decision: {
      rule: "none",
      winner: null,
      tallies: {},
      reasons: failed.map(({ agent, reason }) => `${agent}: ${reason}`),
      evidence: [],
    },
    ballots: [],
    dissent: [],
    quorum: { asked: failed.map(({ agent }) => agent), answered: [], failed },
    rounds: 0,
    turns: 0,
    stopReasons: [stopReason],
  };
}
