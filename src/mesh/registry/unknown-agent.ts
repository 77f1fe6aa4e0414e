// The refusal of a name that no agent ever registered, with the names it may mean.
import { PolylogueError } from "../../domain/errors.ts";
import type { AgentId } from "../../domain/ids.ts";
import { nearNames } from "../../domain/near-names.ts";
import type { DecisionView } from "../../journal/journal.ts";

import { AGENTS_COLLECTION, REGISTRY_GROUP } from "./registry-documents.ts";

/** Throws `AGENT_UNKNOWN` for a name that no agent ever registered. */
export function assertKnown(view: DecisionView, agent: AgentId, namesMax: number): void {
  if (view.document(AGENTS_COLLECTION, agent) !== undefined) return;
  const known = view.documents(AGENTS_COLLECTION, { group: REGISTRY_GROUP, limit: namesMax });
  throw unknownAgent(
    agent,
    known.map((document) => document.key),
  );
}

export function unknownAgent(agent: AgentId, known: readonly AgentId[]): PolylogueError {
  const near = nearNames(agent, known);
  return new PolylogueError("AGENT_UNKNOWN", {
    message: `there is no agent "${agent}"`,
    mend:
      near.length > 0 ? `did you mean ${near.join(" or ")}?` : "see the registered ones with: polylogue agents list",
  });
}
