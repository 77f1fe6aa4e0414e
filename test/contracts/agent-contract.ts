// The agent contract as one suite, for every implementation: a call is a
// stream that ends exactly once, never throws, and says the same thing in its
// deltas and in its end.
import { describe, expect, it } from "vitest";
import type { Agent, AgentEvent, AgentRequest } from "../../src/agents/agent.ts";
import { isErrorCode } from "../../src/domain/errors.ts";
import { FAILURE_CLASSES } from "../../src/domain/failure.ts";
import type { Part } from "../../src/domain/part.ts";
import type { TokenUsage } from "../../src/domain/usage.ts";
import type { VirtualClock } from "../../src/platform/virtual-clock.ts";

/** What the agent under test is made to do. */
export type Scene =
  /** Says "Yes, it is." */
  | "answers"
  /** Thinks, then says "Yes, it is." */
  | "thinks"
  /** Calls the tool `look` with `{"at":1}`. */
  | "calls-tool"
  /** Fails before anything is said. */
  | "fails-early"
  /** Says "Half" and fails. */
  | "fails-midway"
  /** Says nothing, for ever. */
  | "hangs";

export interface AgentOnStage {
  readonly agent: Agent;
  readonly request: AgentRequest;
  readonly clock: VirtualClock;
}

export interface AgentSubject {
  readonly name: string;
  readonly stage: (scene: Scene) => AgentOnStage;
  /** Whether its reasoning can be seen. */
  readonly showsReasoning: boolean;
}

const SCENES: readonly Scene[] = ["answers", "thinks", "calls-tool", "fails-early", "fails-midway", "hangs"];
const ANSWER = "Yes, it is.";

async function eventsOf({ agent, request, clock }: AgentOnStage, signal = new AbortController().signal) {
  const events: AgentEvent[] = [];
  const collect = async (): Promise<void> => {
    for await (const event of agent.call(request, { signal })) events.push(event);
  };
  await clock.run(collect());
  return events;
}

function isEnd(event: AgentEvent): event is Extract<AgentEvent, { type: "done" | "error" }> {
  return event.type === "done" || event.type === "error";
}

/** What the deltas say, joined as parts are. */
function partsInDeltas(events: readonly AgentEvent[]): Part[] {
  const parts: Part[] = [];
  for (const event of events) {
    const last = parts.at(-1);
    if (event.type === "tool-call") {
      parts.push({ type: "tool-call", callId: event.callId, tool: event.tool, input: event.input });
    } else if (event.type === "text-delta" || event.type === "reasoning-delta") {
      const type = event.type === "text-delta" ? "text" : "reasoning";
      if (last?.type === type) parts[parts.length - 1] = { type, text: last.text + event.text };
      else parts.push({ type, text: event.text });
    }
  }
  return parts;
}

function expectSoundUsage(usage: TokenUsage): void {
  for (const count of Object.values(usage)) {
    expect(Number.isInteger(count)).toBe(true);
    expect(count).toBeGreaterThanOrEqual(0);
  }
  expect(usage.reasoning).toBeLessThanOrEqual(usage.output);
}

export function describeAgentContract({ name, stage, showsReasoning }: AgentSubject): void {
  describe(`agent contract: ${name}`, () => {
    it.each(SCENES)("ends exactly once, at the end, and repeats its deltas (%s)", async (scene) => {
      const events = await eventsOf(stage(scene), scene === "hangs" ? AbortSignal.abort() : undefined);
      expect(events.filter(isEnd)).toHaveLength(1);
      const last = events.at(-1);
      if (last === undefined || !isEnd(last)) throw new Error("the stream did not end in done or error");
      expect(last.type === "done" ? last.parts : last.partial).toEqual(partsInDeltas(events));
      if (last.usage !== undefined) expectSoundUsage(last.usage);
      expect(last.simulated).toBe(true);
    });

    it("answers with its usage", async () => {
      const last = (await eventsOf(stage("answers"))).at(-1);
      expect(last).toMatchObject({ type: "done", finishReason: "stop", parts: [{ type: "text", text: ANSWER }] });
      if (last?.type === "done") expect(last.usage.output).toBeGreaterThan(0);
    });

    it("keeps reasoning apart from the answer", async () => {
      const last = (await eventsOf(stage("thinks"))).at(-1);
      if (last?.type !== "done") throw new Error("not done");
      expect(last.parts.filter((part) => part.type === "text")).toEqual([{ type: "text", text: ANSWER }]);
      expect(last.parts.some((part) => part.type === "reasoning")).toBe(showsReasoning);
    });

    it("hands over a tool call with its arguments parsed", async () => {
      const events = await eventsOf(stage("calls-tool"));
      const call = events.find((event) => event.type === "tool-call");
      expect(call).toMatchObject({ tool: "look", input: { at: 1 } });
      expect(call?.callId).not.toBe("");
      expect(events.at(-1)).toMatchObject({ type: "done", finishReason: "tool-calls" });
    });

    it.each(["fails-early", "fails-midway"] as const)("ends in an error of the catalogue (%s)", async (scene) => {
      const last = (await eventsOf(stage(scene))).at(-1);
      if (last?.type !== "error") throw new Error("not an error");
      expect(FAILURE_CLASSES).toContain(last.failure.class);
      expect(isErrorCode(last.failure.code)).toBe(true);
      expect(last.failure.reason).not.toBe("");
      expect(last.partial).toEqual(scene === "fails-early" ? [] : [{ type: "text", text: "Half" }]);
    });

    it("is cancelled before it starts and while it waits", async () => {
      const early = await eventsOf(stage("answers"), AbortSignal.abort());
      expect(early).toMatchObject([{ type: "error", failure: { class: "transient", code: "CANCELLED" } }]);
      const waiting = stage("hangs");
      const controller = new AbortController();
      waiting.clock.setTimer(1_000, () => controller.abort());
      const late = await eventsOf(waiting, controller.signal);
      expect(late.at(-1)).toMatchObject({ type: "error", failure: { class: "transient", code: "CANCELLED" } });
    });

    it("leaves the request as it was, and may be left early", async () => {
      const { agent, request, clock } = stage("thinks");
      const before = structuredClone(request);
      const leave = async (): Promise<string> => {
        for await (const event of agent.call(request, { signal: new AbortController().signal })) return event.type;
        return "nothing";
      };
      expect(await clock.run(leave())).not.toBe("nothing");
      expect(request).toEqual(before);
    });

    it("keeps two calls at once apart", async () => {
      const on = stage("answers");
      const both = await on.clock.run(Promise.all([collect(on), collect(on)]));
      for (const events of both) expect(events.at(-1)).toMatchObject({ type: "done", parts: [{ text: ANSWER }] });
    });

    it("probes without throwing and closes", async () => {
      const { agent, request, clock } = stage("fails-early");
      const probe = await clock.run(agent.probe(request.route, { signal: new AbortController().signal }));
      expect(probe.ok).toBe(probe.failures.length === 0);
      await agent.close();
    });
  });
}

async function collect({ agent, request }: AgentOnStage): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  for await (const event of agent.call(request, { signal: new AbortController().signal })) events.push(event);
  return events;
}
