// What the projection promises to every kind of agent.
import { describe, expect, it } from "vitest";
import type { AgentRequest, HistoryTurn } from "../../../src/agents/agent.ts";
import { validateProjection } from "../../../src/conversations/projection/validate.ts";
import type { Part } from "../../../src/domain/part.ts";

const text = (words: string): Part => ({ type: "text", text: words });
const user = (...parts: Part[]): HistoryTurn => ({ role: "user", parts });
const own = (...parts: Part[]): HistoryTurn => ({ role: "assistant", parts });
const call: Part = { type: "tool-call", callId: "c1", tool: "look", input: {} };
const result: Part = { type: "tool-result", callId: "c1", tool: "look", output: 1, isError: false };

function validate(history: readonly HistoryTurn[], newTurns = 1): void {
  const request: AgentRequest = {
    system: "",
    history,
    newTurns,
    sessionKey: "conversation/ann",
    route: { vendor: "v", model: "m" },
    outputTokensMax: 100,
  };
  validateProjection(request);
}

describe("a request that breaks the promise is refused", () => {
  it.each<[string, readonly HistoryTurn[], string]>([
    ["nothing at all", [], "empty"],
    ["an own turn first", [own(text("a")), user(text("b"))], "turn 0 is assistant"],
    ["two of one role in a row", [user(text("a")), user(text("b"))], "turn 1 is user"],
    ["an own turn last", [user(text("a")), own(text("b"))], "does not end on a user turn"],
    ["an empty turn", [user(text(" "))], "turn 0 is empty"],
    ["a turn without parts", [user()], "turn 0 is empty"],
    ["opaque blocks of another", [{ ...user(text("a")), opaque: {} }], "not the recipient's own"],
    ["another's reasoning", [user({ type: "reasoning", text: "hm" })], "another's calls or reasoning"],
    ["another's calls", [user(call)], "another's calls or reasoning"],
  ])("%s", (_what, history, fault) => {
    expect(() => validate(history)).toThrow(
      expect.objectContaining({ code: "PROJECTION_INVALID", message: expect.stringContaining(fault) }),
    );
  });

  it.each([0, 2, 0.5])("%s new turns of one", (newTurns) => {
    expect(() => validate([user(text("a"))], newTurns)).toThrow(
      expect.objectContaining({ code: "PROJECTION_INVALID" }),
    );
  });

  it("what is right passes, tools and opaque blocks too", () => {
    expect(() => validate([user(text("a")), { ...own(call), opaque: { signature: "s" } }, user(result)])).not.toThrow();
  });
});
