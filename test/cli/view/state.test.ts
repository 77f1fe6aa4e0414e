// What a watcher is shown follows from what happened, and only from that.
import { describe, expect, it } from "vitest";
import {
  ballotText,
  nextView,
  startView,
  totalOf,
  type ViewInput,
  type ViewState,
} from "../../../src/cli/view/state.ts";
import type { JournalEvent } from "../../../src/domain/journal-event.ts";
import type { Progress } from "../../../src/mesh/mesh.ts";
import {
  attemptEnded,
  ballotCast,
  created,
  done,
  ended,
  installed,
  journal,
  of,
  says,
  started,
  turnFailed,
  turnStarted,
} from "../sample-conversation.ts";

const START = startView({ question: "q", orchestration: "debate", simulated: true, startedMs: 0 });

function viewAfter(...steps: readonly (Progress | JournalEvent)[]): ViewState {
  return steps.reduce((state, step, index): ViewState => {
    const input: ViewInput =
      "kind" in step
        ? { kind: "journal", event: step, atMs: index * 100 }
        : { kind: "progress", progress: step, atMs: index * 100 };
    return nextView(state, input);
  }, START);
}

function lane(state: ViewState, agent: string) {
  return state.lanes.find((candidate) => candidate.agent === agent);
}

describe("the view's state", () => {
  it("takes the orchestration from the record, whatever was asked for", () => {
    const before = { ...START, orchestration: "" };
    expect(nextView(before, { kind: "journal", event: created(), atMs: 0 }).orchestration).toBe("debate");
  });

  it("seats the roster in its order, with vendor and model", () => {
    const state = viewAfter(created(), installed());
    expect(state.lanes.map(({ agent, state: now }) => `${agent} ${now}`)).toEqual([
      "claude waiting",
      "gemini waiting",
      "deepseek waiting",
    ]);
    expect(lane(state, "gemini")).toMatchObject({ vendor: "google", model: "gemini-3.8-flash" });
    expect(state.handshake).toEqual({ epoch: 1, digest: "ab12cd34".repeat(8), members: 3 });
  });

  it("a member without a route has empty names", () => {
    const [first] = viewAfter(
      created(1, [
        {
          ...(created() as Extract<JournalEvent, { kind: "conversation.created" }>).data.roster[0],
          id: "ghost",
          routes: [],
        } as never,
      ]),
    ).lanes;
    expect(first).toMatchObject({ agent: "ghost", vendor: "", model: "" });
  });

  it("follows one attempt through thinking, writing and its end", () => {
    const thinking = {
      type: "attempt-event" as const,
      ...of("claude", 1),
      event: { type: "reasoning-delta" as const, text: "h" },
    };
    expect(lane(viewAfter(started("claude", 1)), "claude")?.state).toBe("asked");
    expect(lane(viewAfter(started("claude", 1), thinking), "claude")).toMatchObject({ state: "thinking", text: "" });
    const writing = viewAfter(
      started("claude", 1),
      thinking,
      says("claude", 1, "One "),
      says("claude", 1, "writer"),
      thinking,
    );
    expect(lane(writing, "claude")).toMatchObject({ state: "writing", text: "One writer", attemptStartedMs: 0 });
    const over = viewAfter(
      started("claude", 1),
      says("claude", 1, "x"),
      done("claude", 1, "x"),
      attemptEnded("claude", 1),
    );
    expect(lane(over, "claude")).toMatchObject({
      state: "done",
      inputTokens: 900,
      outputTokens: 100,
      costNanoUsd: 4_200_000,
      spentMs: 300,
      attemptStartedMs: null,
    });
    expect(totalOf(over)).toEqual({ costNanoUsd: 4_200_000, tokens: 1_000 });
  });

  it("never joins the text of two attempts, nor lets a late word of the first in", () => {
    const state = viewAfter(
      started("claude", 1, 1),
      says("claude", 1, "first"),
      {
        type: "attempt-event",
        ...of("claude", 1, 1),
        event: {
          type: "error",
          failure: { class: "transient", code: "VENDOR_TRANSIENT", reason: "reset" },
          partial: [],
          simulated: true,
        },
      },
      attemptEnded("claude", 1, { outcome: "aborted" }),
    );
    expect(lane(state, "claude")).toMatchObject({ state: "retrying", reason: "reset" });
    const second = [started("claude", 1, 2), says("claude", 1, " late")].reduce(
      (view, progress) => nextView(view, { kind: "progress", progress, atMs: 500 }),
      state,
    );
    expect(lane(second, "claude")).toMatchObject({
      state: "asked",
      text: "",
      reason: "",
      attemptId: "attempt-claude-1-2",
    });
  });

  it("tells who was refused and who failed, and why", () => {
    const state = viewAfter(
      created(),
      journal(2, "handshake.refused", { agent: "gemini", code: "AUTH", reason: "bad key" }),
      started("claude", 1),
      turnFailed(4, "claude", 1),
    );
    expect(lane(state, "gemini")).toMatchObject({ state: "refused", reason: "bad key" });
    expect(lane(state, "claude")).toMatchObject({ state: "failed", reason: "too many requests" });
  });

  it("does not let an old fact paint over the present turn", () => {
    const state = viewAfter(
      created(),
      started("claude", 2),
      says("claude", 2, "now"),
      turnFailed(4, "claude", 1),
      ballotCast(5, { agent: "claude", choice: "A" }, 1),
    );
    expect(lane(state, "claude")).toMatchObject({ state: "writing", text: "now" });
    expect(lane(viewAfter(created(), turnFailed(2, "gemini", 1)), "gemini")?.state).toBe("failed");
  });

  it("shows a ballot as a sentence", () => {
    const state = viewAfter(
      started("claude", 3),
      says("claude", 3, '{"ranking":["A"'),
      ballotCast(4, { agent: "claude", ranking: ["A", "B"] }, 3),
    );
    expect(lane(state, "claude")?.text).toBe("Votes: A > B");
    expect(ballotText({ agent: "a", choice: "B", reason: "It is." })).toBe("Votes: B\nIt is.");
    expect(ballotText({ agent: "a", abstained: true, reason: "" })).toBe("Abstains.");
    expect(ballotText({ agent: "a" })).toBe("Votes: ");
  });

  it("rounds only go up", () => {
    expect(viewAfter(turnStarted(1, "claude", 2), turnStarted(2, "gemini", 1)).round).toBe(2);
    expect(viewAfter(started("claude", 3)).round).toBe(3);
    const { round: _, ...unnumbered } = started("claude", 1) as Extract<Progress, { type: "attempt-started" }>;
    expect(viewAfter(unnumbered).round).toBeNull();
    expect(viewAfter(journal(1, "turn.started", { turnId: "t", agent: "claude", messageId: "m" })).round).toBeNull();
  });

  it("keeps only the end of a very long text", () => {
    const state = viewAfter(started("claude", 1), says("claude", 1, "a".repeat(20_000)), says("claude", 1, "end"));
    expect(lane(state, "claude")?.text).toHaveLength(16_000);
    expect(lane(state, "claude")?.text.endsWith("end")).toBe(true);
  });

  it("is untouched by what it does not show", () => {
    const byte = { type: "attempt-event" as const, ...of("claude", 1), event: { type: "byte" as const } };
    const before = viewAfter(started("claude", 1));
    expect(nextView(before, { kind: "progress", progress: byte, atMs: 1 })).toBe(before);
    expect(nextView(before, { kind: "progress", progress: { type: "journal", conversationId: "c" }, atMs: 1 })).toBe(
      before,
    );
    expect(nextView(before, { kind: "journal", event: ended(9), atMs: 1 })).toBe(before);
    expect(nextView(before, { kind: "draining" }).isDraining).toBe(true);
  });

  it("an attempt whose start was missed has an end without a time", () => {
    expect(lane(viewAfter(attemptEnded("claude", 1)), "claude")).toMatchObject({ spentMs: 0, costNanoUsd: 4_200_000 });
  });
});
