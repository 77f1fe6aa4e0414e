// From cards and a question to what an orchestration is told; used before a
// conversation exists (checks, estimates) and while it runs.
import { type AgentCard, ownRoute } from "../../domain/agent-card.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Orchestration, OrchestrationSetup, Participant, SetupAttachment } from "../orchestration.ts";

export function participantOf(card: AgentCard): Participant {
  const { vendor, model } = ownRoute(card);
  return { agent: card.id, name: card.name, vendor, model, weight: 1 };
}

/** What `turnsMax` needs before anything has started: everybody takes part. */
export function plannedSetup(plan: {
  readonly question: string;
  readonly attachments: readonly SetupAttachment[];
  readonly roster: readonly AgentCard[];
  readonly seed: number;
  readonly settings: JsonObject;
}): OrchestrationSetup {
  const { question, attachments, seed, settings } = plan;
  return { question, attachments, seed, settings, participants: plan.roster.map(participantOf), refused: [] };
}

/** Throws `MEMBERS_COUNT`. */
export function assertMembers(orchestration: Orchestration, roster: readonly AgentCard[]): void {
  const { name, membersMin, membersMax } = orchestration;
  const ids = new Set(roster.map(({ id }) => id));
  if (ids.size === roster.length && ids.size >= membersMin && ids.size <= membersMax) return;
  const wanted = membersMin === membersMax ? `exactly ${membersMin}` : `${membersMin} to ${membersMax}`;
  const given = ids.size === roster.length ? String(roster.length) : "some of them twice";
  throw new PolylogueError("MEMBERS_COUNT", {
    message: `The orchestration ${name} takes ${wanted} different agents; given: ${given}.`,
    mend:
      membersMax === 1 ? "Name one agent, or use gather, debate, council or vote." : "Name other agents with --with.",
  });
}
