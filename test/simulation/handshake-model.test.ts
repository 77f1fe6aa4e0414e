// The handshake's invariants over the reachable states of the product's own
// machines; and wrong variants of them, each of which the checker must catch.
import { describe, expect, it } from "vitest";
import type {
  CoordinatorInput,
  CoordinatorState,
  CoordinatorStep,
} from "../../src/mesh/handshake/coordinator-machine.ts";
import { memberOf } from "../../src/mesh/handshake/view.ts";
import { verifies } from "../requirements.ts";
import { handshakeModel, type Mutation } from "./handshake-model.ts";
import { checkModel } from "./model-checker.ts";

const NO_FAULTS = { crashes: 0, suspicions: 0, restarts: 0, leaves: 0 };

describe("every reachable state keeps the invariants, and convergence stays possible", () => {
  it.each([
    ["two ports, a crash and a departure", 2, { crashes: 1, leaves: 1 }],
    ["two ports and a false suspicion", 2, { suspicions: 1 }],
    ["two ports, a crash and a false suspicion", 2, { crashes: 1, suspicions: 1 }],
    ["two ports and a coordinator that restarts", 2, { restarts: 1 }],
    ["three ports and a departure", 3, { leaves: 1 }],
  ])(
    "%s",
    (_name, members, faults) => {
      verifies("R7.4");
      const result = checkModel(handshakeModel({ members, faults: { ...NO_FAULTS, ...faults }, statesMax: 200_000 }));
      expect(result.violation).toBeUndefined();
      expect(result).toMatchObject({ complete: true });
      expect(result.stuck).toBeUndefined();
      expect(result.states).toBeGreaterThan(1_000);
    },
    120_000,
  );
});

describe("the first states keep the invariants", () => {
  it.each([
    ["two ports with all faults at once", 2, { crashes: 1, suspicions: 1, restarts: 1, leaves: 1 }],
    ["three ports with a crash, a false suspicion and a restart", 3, { crashes: 1, suspicions: 1, restarts: 1 }],
  ])("%s", (_name, members, faults) => {
    const statesMax = 30_000;
    const result = checkModel(handshakeModel({ members, faults: { ...NO_FAULTS, ...faults }, statesMax }));
    expect(result.violation).toBeUndefined();
    expect(result.states).toBe(statesMax);
  });
});

/** Takes any CONFIRM for one of the proposal at hand. */
function confirmAnyEpoch(state: CoordinatorState, input: CoordinatorInput): CoordinatorInput {
  if (input.type !== "message" || input.message.type !== "CONFIRM" || state.proposal === undefined) return input;
  const { agent } = input.message.from;
  const incarnation = memberOf(state.proposal, agent)?.incarnation ?? 0;
  const { epoch, digest } = state.proposal;
  return { type: "message", message: { type: "CONFIRM", from: { agent, incarnation }, epoch, digest } };
}

/** Installs as soon as more than half have confirmed. */
function installOnMajority(step: CoordinatorStep): CoordinatorStep {
  const { proposal, confirmed, phase } = step.state;
  if (phase !== "proposed" || proposal === undefined || confirmed.length * 2 <= proposal.members.length) return step;
  return {
    state: { ...step.state, phase: "installed", installed: proposal },
    facts: [...step.facts, { type: "installed", view: proposal }],
    sends: proposal.members.map((to) => ({ type: "INSTALL", to, epoch: proposal.epoch, digest: proposal.digest })),
  };
}

interface Mutant {
  readonly name: string;
  readonly breaks: string;
  readonly members: number;
  readonly faults: Partial<typeof NO_FAULTS>;
  readonly mutation: Mutation;
}

const MUTANTS: readonly Mutant[] = [
  {
    name: "CONFIRM counts for any epoch",
    breaks: "I4",
    members: 2,
    faults: { suspicions: 1 },
    mutation: { input: confirmAnyEpoch },
  },
  { name: "a majority installs", breaks: "I4", members: 3, faults: {}, mutation: { step: installOnMajority } },
  {
    name: "the epoch is not durable",
    breaks: "I2",
    members: 1,
    faults: { crashes: 1, restarts: 1 },
    mutation: { durable: () => ({ epoch: 0, installed: undefined }) },
  },
  {
    name: "the incarnation is not durable",
    breaks: "I1",
    members: 2,
    faults: { crashes: 1, suspicions: 1 },
    mutation: { incarnation: (before) => before },
  },
];

describe("a wrong variant is caught", () => {
  it.each(MUTANTS)("$name: $breaks", ({ breaks, members, faults, mutation }) => {
    const model = { members, faults: { ...NO_FAULTS, ...faults }, statesMax: 60_000 };
    const wrong = checkModel(handshakeModel({ ...model, mutation, only: breaks }));
    expect(wrong.violation?.invariant).toBe(breaks);
    expect(wrong.violation?.trace.length).toBeGreaterThan(3);
    // The right machine keeps it with the same faults, so it is the mutation that is caught.
    const right = checkModel(handshakeModel({ ...model, statesMax: 10_000, only: breaks }));
    expect(right.violation).toBeUndefined();
  });
});
