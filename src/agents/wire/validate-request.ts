// Refuses, before a cent is spent, what every vendor would refuse, whoever calls
// the model. That turns alternate and show nothing of others is the promise of
// whoever built the history, and checked there; here alone are checked pairs of
// calls and results, whose opaque blocks they are, and that there is room to answer.
import { PolylogueError } from "../../domain/errors.ts";
import type { ToolCallPart, ToolResultPart } from "../../domain/part.ts";
import type { AgentRequest, HistoryTurn } from "../agent.ts";
import { readOpaque } from "./opaque.ts";

/**
 * Throws `PROJECTION_INVALID` unless the history starts and ends on `user`, no
 * turn is empty, each tool call is answered in the very next turn and each
 * result answers a call, opaque blocks are of the route's vendor and model, and
 * an answer of at least one token is allowed.
 */
export function validateRequest(request: AgentRequest): void {
  const { history, outputTokensMax } = request;
  if (history.length === 0) throw invalid("the history is empty");
  if (history[0]?.role !== "user") throw invalid("the history starts with the agent's own turn");
  if (history.at(-1)?.role !== "user") throw invalid("the history ends on the agent's own turn, not on a user turn");
  if (!Number.isInteger(outputTokensMax) || outputTokensMax < 1) {
    throw invalid(`outputTokensMax is ${outputTokensMax}, not an integer above 0`);
  }
  history.forEach((turn, index) => {
    checkTurn(turn, index);
    checkOpaque(turn, index, request);
    checkPairs(turn, index, history[index - 1]);
  });
}

function checkTurn(turn: HistoryTurn, index: number): void {
  const hasContent = turn.parts.some((part) => ("text" in part ? part.text.trim() !== "" : true));
  if (!hasContent && turn.opaque === undefined) throw invalid(`turn ${index} says nothing`);
  const stranger = turn.role === "user" ? "tool-call" : "tool-result";
  if (turn.parts.some((part) => part.type === stranger)) {
    throw invalid(`turn ${index} (${turn.role}) holds a ${stranger}`);
  }
}

function checkOpaque(turn: HistoryTurn, index: number, { route }: AgentRequest): void {
  if (turn.opaque === undefined) return;
  if (turn.role === "user") throw invalid(`turn ${index} (user) carries opaque blocks`);
  const opaque = readOpaque(turn.opaque);
  if (opaque === undefined) throw invalid(`turn ${index} carries opaque blocks of an unknown shape`);
  if (opaque.vendor !== route.vendor || opaque.model !== route.model) {
    throw invalid(
      `turn ${index} carries opaque blocks of ${opaque.vendor}/${opaque.model}, the call goes to ${route.vendor}/${route.model}`,
    );
  }
}

/** The last turn is a user turn, so looking back from every turn finds every call. */
function checkPairs(turn: HistoryTurn, index: number, before: HistoryTurn | undefined): void {
  const results = idsOf(turn, "tool-result");
  const calls = before === undefined ? [] : idsOf(before, "tool-call");
  for (const id of calls) {
    if (!results.includes(id)) throw invalid(`turn ${index} leaves the tool call ${id} without a result`);
  }
  for (const id of results) {
    if (!calls.includes(id)) throw invalid(`turn ${index} has a result for ${id}, which the turn before did not call`);
  }
  if (new Set(results).size !== results.length) throw invalid(`turn ${index} answers one tool call twice`);
}

function idsOf(turn: HistoryTurn, type: "tool-call" | "tool-result"): string[] {
  return turn.parts
    .filter((part): part is ToolCallPart | ToolResultPart => part.type === type)
    .map((part) => part.callId);
}

function invalid(message: string): PolylogueError {
  return new PolylogueError("PROJECTION_INVALID", {
    message: `the request cannot be sent: ${message}`,
    mend: "this is a defect of the projection; report it with the conversation's export",
  });
}
