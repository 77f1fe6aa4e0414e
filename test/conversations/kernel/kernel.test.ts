// The kernel over an orchestration that does what none of ours does: rounds that
// overlap, and an end while turns are still open.
import { describe, expect, it } from "vitest";
import { createKernel, type KernelInput, messageOf, turnOf } from "../../../src/conversations/kernel/kernel.ts";
import { undecidedOutcome } from "../../../src/conversations/lifecycle/undecided-outcome.ts";
import type {
  Orchestration,
  OrchestrationCommand,
  OrchestrationEvent,
  OrchestrationSetup,
} from "../../../src/conversations/orchestration.ts";
import { deriveId } from "../../../src/platform/ids.ts";
import { CAUSE } from "../../contracts/orchestration-plays.ts";

const ask = (agent: string, round: number): OrchestrationCommand => ({
  type: "ask",
  agent,
  round,
  instruction: "?",
  visibility: { kind: "blind" },
});
const close = (round: number): OrchestrationCommand => ({ type: "close-round", round, reason: "done" });
const end: OrchestrationCommand = {
  type: "end",
  outcome: undecidedOutcome({ status: "cancelled", failed: [], stopReason: "enough" }),
};
const setup: OrchestrationSetup = {
  question: "?",
  attachments: [],
  participants: [],
  seed: 1,
  settings: {},
  refused: [],
};

/** Issues the given commands, one list an event. */
function scripted(...steps: OrchestrationCommand[][]): Orchestration<number> {
  return {
    name: "scripted",
    summary: "",
    membersMin: 1,
    membersMax: 9,
    settings: {},
    turnsMax: () => 9,
    start: () => ({ state: 1, commands: steps[0] ?? [] }),
    next: (state) => ({ state: state + 1, commands: steps[state] ?? [] }),
  };
}

let counter = 0;
function input(event: OrchestrationEvent, ask?: string): KernelInput {
  const used = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };
  return { cause: deriveId(CAUSE, `input/${counter++}`), event, used, ...(ask === undefined ? {} : { ask }) };
}

const failed = (command: string): OrchestrationEvent => ({
  type: "failed",
  turnId: turnOf(command),
  agent: "a",
  round: 0,
  code: "SILENT",
  reason: "",
});

describe("the kernel", () => {
  it("closing a round gives up the turns of that round alone; late results go nowhere", () => {
    const orchestration = scripted([ask("a", 0), ask("b", 1)], [close(0)], [end]) as Orchestration;
    const kernel = createKernel({ orchestration, setup, cause: CAUSE });
    const [first, second] = kernel.issued;
    kernel.accept(input({ type: "round-deadline", round: 0, hard: true }));
    expect([...kernel.open.values()].map(({ agent }) => agent)).toEqual(["b"]);
    expect(kernel.accept(input(failed(first?.id ?? "")))).toEqual([]);
    expect(kernel.outcome).toBeUndefined();
    kernel.accept(input(failed(second?.id ?? "")));
    expect(kernel.outcome?.status).toBe("cancelled");
  });

  it("an end leaves nothing open, and after it nothing is heard", () => {
    const orchestration = scripted([ask("a", 0)], [end], [ask("b", 0)]) as Orchestration;
    const kernel = createKernel({ orchestration, setup, cause: CAUSE });
    kernel.accept(input({ type: "signal", signal: "cancelled", reason: "" }));
    expect(kernel.open.size).toBe(0);
    expect(kernel.accept(input({ type: "signal", signal: "deadline", reason: "" }))).toEqual([]);
  });

  it.each<{ event: OrchestrationEvent; command: OrchestrationCommand; code: string; reason: string }>([
    {
      event: { type: "round-deadline", round: 0, hard: false },
      command: close(0),
      code: "DEADLINE",
      reason: "no answer before round 0 closed",
    },
    {
      event: { type: "signal", signal: "cancelled", reason: "no more" },
      command: close(0),
      code: "CANCELLED",
      reason: "cancelled: no more",
    },
    {
      event: { type: "signal", signal: "deadline", reason: "late" },
      command: end,
      code: "DEADLINE",
      reason: "deadline: late",
    },
    { event: failed("another"), command: close(0), code: "CANCELLED", reason: "its round closed: done" },
    { event: failed("another"), command: end, code: "CANCELLED", reason: "the conversation has ended" },
  ])("after %j says which turns nobody waits for any more, and why", ({ event, command, code, reason }) => {
    const orchestration = scripted([ask("a", 0), ask("b", 0), ask("c", 0)], [command], [end]) as Orchestration;
    const kernel = createKernel({ orchestration, setup, cause: CAUSE });
    const [first, ...others] = kernel.issued.map(({ id }) => turnOf(id));
    const cause = event.type === "failed" ? { ...event, turnId: first ?? "" } : event;
    const turnIds = event.type === "failed" ? others : [first, ...others];
    expect(kernel.accept(input(cause))).toMatchObject([{ command, givenUp: { turnIds, code, reason } }]);
    const rest = kernel.accept(input({ type: "signal", signal: "deadline", reason: "" }));
    expect(rest.every((issued) => issued.givenUp === undefined)).toBe(true);
  });

  it("a deadline counted from an earlier ask says nothing of a later one", () => {
    const orchestration = scripted([ask("a", 0)], [ask("b", 0)], [end]) as Orchestration;
    const kernel = createKernel({ orchestration, setup, cause: CAUSE });
    const first = kernel.issued[0]?.id ?? "";
    kernel.accept(input(failed(first)));
    const deadline = { type: "round-deadline", round: 0, hard: true } as const;
    expect(kernel.accept(input(deadline, first))).toEqual([]);
    expect(kernel.accept(input(deadline, kernel.issued[1]?.id ?? ""))).toHaveLength(1);
  });

  it("ids follow from the cause and the place alone", () => {
    const orchestration = scripted([ask("a", 0), ask("b", 0)]) as Orchestration;
    const [one, two] = [1, 2].map(() => createKernel({ orchestration, setup, cause: CAUSE }).issued);
    expect(one).toEqual(two);
    const ids = (one ?? []).flatMap(({ id }) => [id, turnOf(id), messageOf(id)]);
    expect(new Set(ids).size).toBe(6);
  });
});
