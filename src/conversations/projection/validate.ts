// What the projection promises to every kind of agent, checked before a request
// leaves: turns alternate and say something, nobody else's calls, reasoning or
// opaque blocks are shown, and what is new is stated rightly. What only models
// refuse (calls without results, blocks of another vendor, no room for an answer)
// is checked where models are called, for every caller: the wire's own check.
import type { AgentRequest, HistoryTurn } from "../../agents/agent.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { Part } from "../../domain/part.ts";

/** Throws `PROJECTION_INVALID`: a fault of this program, never of a user or a model. */
export function validateProjection(request: AgentRequest): void {
  const { history, newTurns } = request;
  const fault = historyFault(history);
  if (fault !== undefined) throw invalid(request, fault);
  if (!Number.isInteger(newTurns) || newTurns < 1 || newTurns > history.length) {
    throw invalid(request, `${newTurns} of ${history.length} turns are said to be new`);
  }
}

function historyFault(history: readonly HistoryTurn[]): string | undefined {
  if (history.length === 0) return "the history is empty";
  for (const [index, { role, parts, opaque }] of history.entries()) {
    const expected = index % 2 === 0 ? "user" : "assistant";
    if (role !== expected) return `turn ${index} is ${role}, where ${expected} must stand`;
    if (parts.length === 0 || !parts.some(hasContent)) return `turn ${index} is empty`;
    if (opaque !== undefined && role === "user")
      return `turn ${index} carries opaque blocks that are not the recipient's own`;
    if (role === "user" && parts.some(({ type }) => type === "tool-call" || type === "reasoning")) {
      return `turn ${index} shows another's calls or reasoning`;
    }
  }
  return history.length % 2 === 1 ? undefined : "the history does not end on a user turn";
}

function hasContent(part: Part): boolean {
  return (part.type !== "text" && part.type !== "reasoning") || part.text.trim() !== "";
}

function invalid({ sessionKey }: AgentRequest, fault: string): PolylogueError {
  return new PolylogueError("PROJECTION_INVALID", {
    message: `The request for ${sessionKey} would not be accepted by a model: ${fault}.`,
    mend: "This is a fault of Polylogue; report it with `polylogue conversation export --format json`.",
  });
}
