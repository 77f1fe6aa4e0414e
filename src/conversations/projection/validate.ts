// The last check before a request leaves: what every vendor refuses in one form
// or another is refused here, with a reason.
import type { AgentRequest, HistoryTurn } from "../../agents/agent.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { Part } from "../../domain/part.ts";

/** Throws `PROJECTION_INVALID`: a fault of this program, never of a user or a model. */
export function validateProjection(request: AgentRequest): void {
  const { history, newTurns } = request;
  const fault = historyFault(history) ?? pairingFault(history);
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

/** Every call is answered in the turn after it, and every result answers a call of the turn before it. */
function pairingFault(history: readonly HistoryTurn[]): string | undefined {
  for (const [index, turn] of history.entries()) {
    if (turn.role !== "user") continue;
    const called = idsOf(history[index - 1]?.parts ?? [], "tool-call");
    const answered = idsOf(turn.parts, "tool-result");
    const open = called.find((id) => !answered.includes(id));
    if (open !== undefined) return `the call ${open} of turn ${index - 1} has no result`;
    const stray = answered.find((id, place) => !called.includes(id) || answered.indexOf(id) !== place);
    if (stray !== undefined) return `the result ${stray} of turn ${index} answers no open call`;
  }
  return undefined;
}

function idsOf(parts: readonly Part[], type: "tool-call" | "tool-result"): readonly string[] {
  return parts.flatMap((part) => (part.type === type ? [part.callId] : []));
}

function invalid({ sessionKey }: AgentRequest, fault: string): PolylogueError {
  return new PolylogueError("PROJECTION_INVALID", {
    message: `The request for ${sessionKey} would not be accepted by a model: ${fault}.`,
    mend: "This is a fault of Polylogue; report it with `polylogue conversation export --format json`.",
  });
}
