// What no vendor would accept is refused before it is sent.
import { describe, expect, it } from "vitest";
import type { AgentRequest, HistoryTurn } from "../../../src/agents/agent.ts";
import { validateRequest } from "../../../src/agents/wire/validate-request.ts";
import { createBench, requestFor } from "../model-agent-bench.ts";
import { GRAMMARS } from "../vendor-replies.ts";

const said = (role: HistoryTurn["role"], text: string): HistoryTurn => ({ role, parts: [{ type: "text", text }] });
const called = (...ids: string[]): HistoryTurn => ({
  role: "assistant",
  parts: ids.map((callId) => ({ type: "tool-call", callId, tool: "look", input: {} })),
});
const answered = (...ids: string[]): HistoryTurn => ({
  role: "user",
  parts: ids.map((callId) => ({ type: "tool-result", callId, tool: "look", output: "x", isError: false })),
});
const opaque = (vendor: string, model: string) => ({ vendor, model, blocks: [{ type: "text", text: "Yes." }] });

const check =
  (history: readonly HistoryTurn[], more: Partial<AgentRequest> = {}) =>
  () =>
    validateRequest(requestFor(GRAMMARS.anthropic, { history, ...more }));

describe("validateRequest", () => {
  it("lets a sound history through", () => {
    expect(
      check([said("user", "a"), called("1", "2"), answered("2", "1"), said("assistant", "b"), said("user", "c")]),
    ).not.toThrow();
    const own = { ...said("assistant", "Yes."), opaque: opaque("anthropic", "claude-opus-5-5") };
    expect(check([said("user", "a"), own, said("user", "b")])).not.toThrow();
  });

  it.each<[string, readonly HistoryTurn[]]>([
    ["is empty", []],
    ["starts with the agent's own turn", [said("assistant", "a"), said("user", "b")]],
    ["ends on the agent's own turn", [said("user", "a"), said("assistant", "b")]],
    ["turn 0 says nothing", [said("user", "  ")]],
    ["turn 0 says nothing", [{ role: "user", parts: [] }]],
    ["without a result", [said("user", "a"), called("1"), said("user", "b")]],
    ["without a result", [said("user", "a"), called("1", "2"), answered("1")]],
    ["did not call", [said("user", "a"), said("assistant", "b"), answered("1")]],
    ["did not call", [answered("1")]],
    ["twice", [said("user", "a"), called("1"), answered("1", "1")]],
    ["(user) holds a tool-call", [{ role: "user", parts: called("1").parts }]],
    [
      "(assistant) holds a tool-result",
      [said("user", "a"), { role: "assistant", parts: answered("1").parts }, said("user", "b")],
    ],
    ["(user) carries opaque", [{ ...said("user", "a"), opaque: opaque("anthropic", "claude-opus-5-5") }]],
    ["unknown shape", [said("user", "a"), { ...said("assistant", "b"), opaque: "blob" }, said("user", "c")]],
    [
      "of google/gemini-3",
      [said("user", "a"), { ...said("assistant", "b"), opaque: opaque("google", "gemini-3") }, said("user", "c")],
    ],
    [
      "of anthropic/claude-opus-5,",
      [
        said("user", "a"),
        { ...said("assistant", "b"), opaque: opaque("anthropic", "claude-opus-5") },
        said("user", "c"),
      ],
    ],
  ])("refuses a history that %s", (message, history) => {
    expect(check(history)).toThrow(
      expect.objectContaining({ code: "PROJECTION_INVALID", message: expect.stringContaining(message) }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses an answer of %d tokens", (outputTokensMax) => {
    expect(check([said("user", "a")], { outputTokensMax })).toThrow(/outputTokensMax/);
  });

  it("becomes an error event, and nothing is sent", async () => {
    const { run, sent } = createBench(async () => new Response());
    const events = await run(requestFor(GRAMMARS.anthropic, { history: [] }));
    expect(events).toMatchObject([
      { type: "error", failure: { class: "request", code: "PROJECTION_INVALID" }, partial: [] },
    ]);
    expect(sent).toEqual([]);
  });
});
