// Every orchestration that comes with Polylogue keeps the contract.
import { expect, it } from "vitest";
import type { OrchestrationSetup } from "../../../src/conversations/orchestration.ts";
import { findOrchestration, ORCHESTRATIONS } from "../../../src/conversations/orchestrations/list.ts";
import { describeOrchestration } from "../../contracts/orchestration-contract.ts";
import type { OrchestrationCase } from "../../contracts/orchestration-plays.ts";

const SETTINGS: Record<string, readonly OrchestrationSetup["settings"][]> = {
  "round-robin": [{}, { rounds: 1 }, { rounds: 5, quorumMin: 1 }],
  debate: [{}, { rounds: 1 }, { rounds: 4, quorumMin: 1 }],
  council: [{}, { chairs: "agent-1,agent-0" }, { quorumMin: 1 }],
  vote: [
    {},
    { options: "yes|no" },
    { options: "red,green,blue", rule: "borda", discussionRounds: 1 },
    { options: ["a", "b"], rule: "majority" },
    { options: "a|b|c", rule: "supermajority", threshold: 0.5, quorumMin: 1 },
    { discussionRounds: 2 },
  ],
};

type AnswersMin = OrchestrationCase["answersMin"];

const majority: AnswersMin = ({ participants, refused, settings }) =>
  Number(settings.quorumMin ?? 0) || Math.max(2, Math.floor((participants.length + refused.length) / 2) + 1);

const ANSWERS_MIN: Record<string, AnswersMin> = {
  ask: () => 1,
  gather: ({ settings }) => Number(settings.quorumMin ?? 1),
  // The laps before stand, so a later one owes no more than it asked.
  "round-robin": (setup, { round, asked }) => Math.min(majority(setup, { round, asked }), round === 0 ? 64 : asked),
  // A chair who is silent leaves the ranking, which stands.
  council: (setup, { round, asked }) => (asked === 1 ? 0 : majority(setup, { round, asked })),
};

for (const orchestration of ORCHESTRATIONS) {
  describeOrchestration({
    orchestration,
    settings: SETTINGS[orchestration.name] ?? [{}, { quorumMin: 1 }, { quorumMin: 3 }],
    answersMin: ANSWERS_MIN[orchestration.name] ?? majority,
  });
}

it("does not make a majority of one ballot of five that came before the deadline", () => {
  const vote = findOrchestration("vote");
  const agents = ["ann", "bob", "cyd", "dan", "eve"];
  const participants = agents.map((agent) => ({ agent, name: agent, vendor: "v", model: "m", weight: 1 }));
  const settings = { options: "yes|no", rule: "majority" };
  const used = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };
  const voted = (answered: number) => {
    const setup = { question: "q", attachments: [], participants, seed: 1, settings, refused: [] };
    let { state } = vote.start(setup);
    for (const agent of agents.slice(0, answered)) {
      const turn = { turnId: agent, agent, round: 0, messageId: agent, text: "yes", degraded: false, tokens: 1 };
      ({ state } = vote.next(state, { type: "answered", ...turn, ballot: { agent, choice: "yes" } }, used));
    }
    const { commands } = vote.next(state, { type: "signal", signal: "deadline", reason: "late" }, used);
    const end = commands.find((command) => command.type === "end");
    return end?.type === "end" ? end.outcome : undefined;
  };
  expect(voted(1)).toMatchObject({
    status: "failed",
    answer: null,
    decision: { winner: null, tallies: { yes: 1, no: 0 }, reasons: ["nothing is decided: 1 of at least 3 answered"] },
    stopReasons: ["deadline: late", "quorum: 1 of at least 3 answered", "rounds(0)"],
  });
  expect(voted(3)).toMatchObject({ status: "degraded", answer: "yes", stopReasons: ["deadline: late", "rounds(0)"] });
});

it("finds an orchestration by name, and names those there are", () => {
  expect(findOrchestration("debate").name).toBe("debate");
  expect(() => findOrchestration("quarrel")).toThrow(
    expect.objectContaining({ code: "ORCHESTRATION_UNKNOWN", mend: expect.stringContaining("council") }),
  );
});
