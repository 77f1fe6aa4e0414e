// The scripted agent keeps the agent contract, records what it was asked, and
// says so when the script and the calls do not match.
import { describe, expect, it } from "vitest";
import type { AgentEvent, AgentRequest } from "../../../src/agents/agent.ts";
import { createScriptedAgent, type ScriptedAgentOptions } from "../../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting, scriptedCard } from "../../../src/agents/scripted/scripted-card.ts";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";

const REQUEST: AgentRequest = {
  system: "Be brief.",
  history: [{ role: "user", parts: [{ type: "text", text: "Is two prime?" }] }],
  newTurns: 1,
  sessionKey: "s",
  route: { vendor: "scripted", model: "m" },
  outputTokensMax: 100,
};

async function eventsOf(options: Partial<ScriptedAgentOptions>, signal = new AbortController().signal) {
  const agent = createScriptedAgent({ card: scriptedCard("a"), ...options });
  const events: AgentEvent[] = [];
  for await (const event of agent.call(REQUEST, { signal })) events.push(event);
  return { agent, events, last: events.at(-1) };
}

describe("replies", () => {
  it("streams a text and counts its tokens", async () => {
    const { events } = await eventsOf({ steps: ["Yes, it is."] });
    expect(events.map((event) => event.type)).toEqual(["byte", "text-delta", "done"]);
    expect(events.at(-1)).toMatchObject({
      finishReason: "stop",
      parts: [{ type: "text", text: "Yes, it is." }],
      usage: { output: 3, reasoning: 0 },
      simulated: true,
    });
  });

  it("answers with JSON, parts, tool calls and whatever detail the step gives", async () => {
    const json = await eventsOf({ steps: [{ json: { choice: "A" } }] });
    expect(json.last).toMatchObject({ parts: [{ type: "text", text: '{"choice":"A"}' }] });
    const usage = { input: 1, cacheRead: 2, cacheWrite: 3, output: 4, reasoning: 1 };
    const rich = await eventsOf({
      steps: [
        {
          parts: [
            { type: "reasoning", text: "Hm." },
            { type: "tool-call", callId: "c1", tool: "look", input: { at: 1 } },
          ],
          usage,
          opaque: { kept: true },
          rateLimits: { requestsRemaining: 3 },
        },
      ],
      simulated: false,
    });
    expect(rich.events.map((event) => event.type)).toEqual(["byte", "reasoning-delta", "tool-call", "done"]);
    expect(rich.last).toMatchObject({
      finishReason: "tool-calls",
      usage,
      opaque: { kept: true },
      rateLimits: { requestsRemaining: 3 },
      simulated: false,
    });
  });

  it("computes a reply from the request and the number of the call", async () => {
    const step: ScriptedStep = (request, call) => `${request.route.model} ${call}`;
    expect((await eventsOf({ otherwise: step })).last).toMatchObject({ parts: [{ text: "m 0" }] });
  });

  it("waits in simulated time", async () => {
    const clock = createVirtualClock();
    await clock.run(eventsOf({ clock, steps: [{ text: "late", delayMs: 5_000 }] }));
    expect(clock.monotonicUs()).toBe(5_000_000);
  });
});

describe("failures", () => {
  it("streams what came before and then ends in the failure", async () => {
    const failure = { class: "capacity", code: "VENDOR_CAPACITY", reason: "busy" } as const;
    const usage = { input: 9, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
    const { events, last } = await eventsOf({
      steps: [{ failure, partial: [{ type: "text", text: "Half" }], usage }],
    });
    expect(events.map((event) => event.type)).toEqual(["byte", "text-delta", "error"]);
    expect(last).toMatchObject({ failure, usage, partial: [{ type: "text", text: "Half" }] });
    expect((await eventsOf({ steps: [{ failure }] })).last).toMatchObject({ failure, partial: [] });
  });

  it("ends a stream without an end as interrupted, with neighbouring deltas joined", async () => {
    const { last } = await eventsOf({
      steps: [
        {
          stream: [
            { event: { type: "reasoning-delta", text: "r" } },
            { event: { type: "text-delta", text: "a" } },
            { event: { type: "text-delta", text: "b" } },
            { event: { type: "tool-call", callId: "c", tool: "t", input: {} } },
          ],
        },
      ],
    });
    expect(last).toMatchObject({
      type: "error",
      failure: { class: "transient" },
      partial: [
        { type: "reasoning", text: "r" },
        { type: "text", text: "ab" },
        { type: "tool-call", callId: "c" },
      ],
    });
  });

  it("turns whatever a responder throws, and a delay without a clock, into an error event", async () => {
    const thrown = await eventsOf({ steps: [() => Promise.reject(new Error("boom"))] });
    expect(thrown.last).toMatchObject({ type: "error", failure: { code: "INTERNAL" } });
    const text = await eventsOf({
      steps: [
        () => {
          throw "no error object";
        },
      ],
    });
    expect(text.last).toMatchObject({ failure: { reason: expect.stringContaining("no error object") } });
    const noClock = await eventsOf({ steps: [{ text: "x", delayMs: 1 }] });
    expect(noClock.last).toMatchObject({ failure: { reason: expect.stringContaining("clock") } });
  });

  it("is cancelled before, between and in the middle of a wait", async () => {
    const before = await eventsOf({ steps: ["never"] }, AbortSignal.abort());
    expect(before.events).toMatchObject([{ type: "error", failure: { code: "CANCELLED", class: "transient" } }]);
    const hung = await eventsOf({ steps: [{ hang: true }] }, AbortSignal.abort());
    expect(hung.last).toMatchObject({ failure: { code: "CANCELLED" } });
    const clock = createVirtualClock();
    for (const step of [{ hang: true } as const, { text: "x", delayMs: 60_000 }]) {
      const controller = new AbortController();
      clock.setTimer(1_000, () => controller.abort());
      const { last } = await clock.run(eventsOf({ clock, steps: [step] }, controller.signal));
      expect(last).toMatchObject({ failure: { code: "CANCELLED" } });
    }
    expect(clock.monotonicUs()).toBe(2_000_000);
  });
});

describe("the record", () => {
  it("freezes the requests and passes when every step was played", async () => {
    const { agent } = await eventsOf({ steps: ["one"] });
    expect(agent.requests).toEqual([REQUEST]);
    expect(Object.isFrozen(agent.requests[0]?.history[0]?.parts)).toBe(true);
    expect(() => agent.assertComplete()).not.toThrow();
  });

  it("refuses steps left over and calls beyond the script", async () => {
    const unused = createScriptedAgent({ card: scriptedCard("a"), steps: ["one"] });
    expect(() => unused.assertComplete()).toThrow(/1 of 1 steps were never played/);
    const { agent, last } = await eventsOf({ steps: [] });
    expect(last).toMatchObject({ type: "error", failure: { code: "INTERNAL", class: "request" } });
    expect(() => agent.assertComplete()).toThrow(/1 calls came after the last of 0 steps/);
    const endless = await eventsOf({ otherwise: "again" });
    expect(() => endless.agent.assertComplete()).not.toThrow();
  });

  it("probes as told and knows when it was closed", async () => {
    const options = { signal: new AbortController().signal };
    const agent = createScriptedAgent({ card: scriptedCard("a") });
    expect(await agent.probe(REQUEST.route, options)).toEqual({ ok: true, failures: [], simulated: true });
    const probe = { ok: false, failures: [{ code: "AUTH", reason: "no" }], simulated: true } as const;
    const refused = createScriptedAgent({ card: scriptedCard("b", { fallback: true }), probe });
    expect(await refused.probe(REQUEST.route, options)).toEqual(probe);
    expect(refused.card).toMatchObject({ id: "b", fallback: true });
    await refused.close();
    expect(refused.isClosed).toBe(true);
    expect(agent.isClosed).toBe(false);
  });
});

describe("flat costing", () => {
  it("prices every token alike", () => {
    const costing = createFlatCosting({ inputNanoUsdPerToken: 2, outputNanoUsdPerToken: 5 });
    const tokens = costing.estimateInputTokens(REQUEST);
    expect(tokens).toBeGreaterThan(10);
    expect(costing.costMaxNanoUsd(10, 4)).toBe(40);
    const usage = { input: 1, cacheRead: 2, cacheWrite: 3, output: 4, reasoning: 1 };
    expect(costing.costNanoUsd(usage)).toBe(32);
    costing.calibrate(REQUEST, usage);
    expect(costing.estimateInputTokens(REQUEST)).toBe(tokens);
  });
});
