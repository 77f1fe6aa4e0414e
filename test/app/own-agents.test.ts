// What a program brings along: agents and orchestrations of its own, through the
// public surface.
import { describe, expect, it } from "vitest";
import {
  type AgentEvent,
  createFlatCosting,
  createScriptedAgent,
  type Orchestration,
  type OwnAgent,
  scriptedCard,
} from "../../src/index.ts";
import { noNetwork, open, openSimulated } from "./open.ts";

const costing = createFlatCosting({ inputNanoUsdPerToken: 1_000, outputNanoUsdPerToken: 2_000 });

function own(id: string, text: string, simulated: boolean): OwnAgent & { readonly closed: () => boolean } {
  let closed = false;
  const scripted = createScriptedAgent({ card: scriptedCard(id), steps: [text], simulated });
  const agent = {
    ...scripted,
    close: async () => {
      closed = true;
    },
  };
  return { agent, costing: () => costing, closed: () => closed };
}

/** Asks the first member once, and ends with what it said. */
const once: Orchestration<null> = {
  name: "once",
  summary: "the first member answers",
  membersMin: 1,
  membersMax: 8,
  settings: {},
  turnsMax: () => 1,
  start: ({ participants }) => ({
    state: null,
    commands: participants.slice(0, 1).map(({ agent }) => ({
      type: "ask",
      agent,
      round: 0,
      instruction: "Answer in one sentence.",
      visibility: { kind: "blind" },
    })),
  }),
  next: (state, event) => {
    const text = event.type === "answered" ? event.text : null;
    const failed = event.type === "failed" ? [{ agent: event.agent, code: event.code, reason: event.reason }] : [];
    const outcome = {
      status: text === null ? ("failed" as const) : ("decided" as const),
      answer: text,
      decision: { rule: "none", winner: text, tallies: {}, reasons: [], evidence: [] },
      ballots: [],
      dissent: [],
      quorum: { asked: ["first"], answered: text === null ? [] : ["first"], failed },
      rounds: 1,
      turns: 1,
      stopReasons: ["answered"],
    };
    return { state, commands: [{ type: "end", outcome }] };
  },
};

describe("agents and orchestrations of a program's own", () => {
  it("hold a conversation without network or key, at the price they state", async () => {
    const first = own("first", "One writer.", false);
    const polylogue = await open({
      fetch: noNetwork,
      agents: [first],
      orchestrations: [once as Orchestration],
    });
    const request = { question: "One writer or many?", with: ["first"], as: "once" };
    const estimate = await polylogue.estimate(request);
    const result = await polylogue.ask(request);
    expect(result).toMatchObject({ status: "decided", answer: "One writer.", simulated: false });
    expect(result.costUsd).toBeGreaterThan(0);
    expect(estimate.costUsdMax).toBeGreaterThanOrEqual(result.costUsd);
    await polylogue.close();
    // It belongs to the program, which may want to go on with it.
    expect(first.closed()).toBe(false);
  });

  it("of the same route as a configured one, each has its own price", async () => {
    const route = { vendor: "anthropic", model: "claude-sonnet-5-5" };
    const scripted = createScriptedAgent({
      card: scriptedCard("double", { routes: [route] }),
      steps: ["One writer."],
      simulated: false,
    });
    const free = createFlatCosting({ inputNanoUsdPerToken: 0, outputNanoUsdPerToken: 0 });
    const polylogue = await open({ fetch: noNetwork, agents: [{ agent: scripted, costing: () => free }] });
    const request = { question: "One writer or many?", with: ["double", "claude"], as: "gather" };
    const { agents } = await polylogue.estimate(request);
    expect(agents.find(({ agent }) => agent === "double")?.costUsdMax).toBe(0);
    expect(agents.find(({ agent }) => agent === "claude")?.costUsdMax).toBeGreaterThan(0.05);
  });

  it("talk with simulated ones, are listed and tested beside the configured ones", async () => {
    const polylogue = await openSimulated({ agents: [own("mine", "Two writers.", true)] });
    const result = await polylogue.ask({
      question: "One writer or many?",
      with: ["mine", "claude", "mine"],
      as: "gather",
    });
    expect(result.quorum).toMatchObject({ answered: ["mine", "claude"], failed: [] });
    const { agents } = await polylogue.agents.list();
    expect(agents).toHaveLength(8);
    expect(agents.at(-1)).toMatchObject({ id: "mine", vendor: "scripted", state: "ready", inputUsdPerMillion: 1 });
    expect((await polylogue.agents.test(["mine"])).agents).toMatchObject([{ id: "mine", state: "ok" }]);
  });

  it("that play a simulation have no place in a real conversation", async () => {
    const events: AgentEvent["type"][] = [];
    const polylogue = await open({ agents: [own("first", "x", true)], orchestrations: [once as Orchestration] });
    const result = await polylogue.ask({
      question: "One writer or many?",
      with: ["first"],
      as: "once",
      onProgress: (progress) => {
        if (progress.type === "attempt-event") events.push(progress.event.type);
      },
    });
    expect(result).toMatchObject({ status: "failed", answer: null, simulated: false });
    expect(events).not.toContain("done");
  });
});
