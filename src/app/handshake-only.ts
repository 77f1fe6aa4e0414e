// The orchestration of a bare handshake: its members shake hands, and nobody is
// asked anything. It makes the record of a handshake one that ends.

import type { Orchestration, OrchestrationSetup } from "../conversations/orchestration.ts";
import type { Outcome } from "../domain/decision.ts";

export const HANDSHAKE = "handshake";
export const HANDSHAKE_MEMBERS_MAX = 64;

export const handshakeOnly: Orchestration<null> = {
  name: HANDSHAKE,
  summary: "members shake hands; nobody is asked anything",
  membersMin: 1,
  membersMax: HANDSHAKE_MEMBERS_MAX,
  settings: {},
  turnsMax: () => 0,
  start: (setup) => ({ state: null, commands: [{ type: "end", outcome: handshakeOutcome(setup) }] }),
  next: (state) => ({ state, commands: [] }),
};

export function handshakeOutcome({
  participants,
  refused,
}: Pick<OrchestrationSetup, "participants" | "refused">): Outcome {
  const agents = participants.map(({ agent }) => agent);
  return {
    status: refused.length === 0 ? "decided" : "degraded",
    answer: null,
    decision: { rule: "none", winner: null, tallies: {}, reasons: [], evidence: [] },
    ballots: [],
    dissent: [],
    quorum: { asked: [...agents, ...refused.map(({ agent }) => agent)], answered: agents, failed: refused },
    rounds: 0,
    turns: 0,
    stopReasons: ["the handshake is over"],
  };
}
