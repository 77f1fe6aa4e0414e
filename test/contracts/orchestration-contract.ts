// What every orchestration must keep, whatever members answer, fail or keep
// silent about, and in whatever order it arrives.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createKernel,
  type Kernel,
  type KernelInput,
  type OpenAsk,
  turnOf,
} from "../../src/conversations/kernel/kernel.ts";
import type {
  BallotForm,
  Consumption,
  Orchestration,
  OrchestrationEvent,
  OrchestrationSetup,
} from "../../src/conversations/orchestration.ts";
import type { Ballot, Outcome } from "../../src/domain/decision.ts";
import { deriveId } from "../../src/platform/ids.ts";
import { createSeededRandom, shuffled } from "../../src/platform/random.ts";
import { verifies } from "../requirements.ts";

export interface OrchestrationCase {
  readonly orchestration: Orchestration;
  /** Settings that must be accepted; each is run. */
  readonly settings: readonly OrchestrationSetup["settings"][];
}

export const CAUSE = "01920000-0000-7000-8000-000000000000";

/** One random history: sizes, and a seed from which every choice of the play follows. */
interface Play {
  readonly members: number;
  readonly refused: number;
  readonly setting: number;
  readonly seed: number;
  /** Percent of turns that fail, of ballots that are abstentions, of answers that repeat one text. */
  readonly failing: number;
  readonly abstaining: number;
  readonly agreeing: number;
  /** Percent of steps at which a deadline passes. */
  readonly late: number;
}

const plays = fc.record<Play>({
  members: fc.integer({ min: 1, max: 7 }),
  refused: fc.integer({ min: 0, max: 2 }),
  setting: fc.nat(),
  seed: fc.integer(),
  failing: fc.constantFrom(0, 0, 15, 60, 100),
  abstaining: fc.constantFrom(0, 0, 30, 100),
  agreeing: fc.constantFrom(0, 0, 50, 100),
  late: fc.constantFrom(0, 0, 10),
});

export function setupOf({ orchestration, settings }: OrchestrationCase, play: Play): OrchestrationSetup {
  const count = Math.min(Math.max(play.members, orchestration.membersMin), orchestration.membersMax);
  const participants = Array.from({ length: count }, (_, index) => ({
    agent: `agent-${index}`,
    name: `Agent ${index}`,
    vendor: `vendor-${index % 3}`,
    model: `model-${index}`,
    weight: 1,
  }));
  const refused = Array.from({ length: play.refused }, (_, index) => ({
    agent: `refused-${index}`,
    code: "AUTH",
    reason: "the key is refused",
  }));
  return {
    question: "Which one?",
    attachments: [{ name: "notes.md", text: "The quick brown fox jumps over the lazy dog." }],
    participants,
    seed: play.seed,
    settings: settings[play.setting % settings.length] ?? {},
    refused,
  };
}

interface Played {
  readonly kernel: Kernel;
  readonly inputs: readonly KernelInput[];
  readonly setup: OrchestrationSetup;
}

/** Plays to the end; stops after `inputsMax` so that an endless orchestration is seen, not waited for. */
function playOut(tested: OrchestrationCase, play: Play, inputsMax = 2_000): Played {
  const setup = setupOf(tested, play);
  const random = createSeededRandom(play.seed).fork("play");
  const kernel = createKernel({ orchestration: tested.orchestration, setup, cause: CAUSE });
  const inputs: KernelInput[] = [];
  let used: Consumption = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };
  while (kernel.outcome === undefined && inputs.length < inputsMax) {
    const event = nextEvent(kernel, play, random);
    const isTurn = event.type !== "round-deadline";
    used = {
      elapsedUs: used.elapsedUs + 1_000,
      costNanoUsd: used.costNanoUsd + 5,
      tokens: used.tokens + 10,
      turns: used.turns + (isTurn ? 1 : 0),
    };
    const input = { cause: deriveId(CAUSE, `input/${inputs.length}`), event, used };
    inputs.push(input);
    kernel.accept(input);
  }
  return { kernel, inputs, setup };
}

function nextEvent(kernel: Kernel, play: Play, random: ReturnType<typeof createSeededRandom>): OrchestrationEvent {
  const chance = (percent: number): boolean => random.integer(100) < percent;
  const [turnId, ask] = shuffled(random, [...kernel.open])[0] ?? [];
  if (turnId === undefined || ask === undefined) throw new Error("nobody is waited for, and there is no outcome");
  if (chance(play.late)) return { type: "round-deadline", round: ask.round, hard: chance(50) };
  const turn = { turnId, agent: ask.agent, round: ask.round };
  if (chance(play.failing)) return { type: "failed", ...turn, code: "VENDOR_TRANSIENT", reason: "it broke" };
  const command = kernel.issued.find(({ id }) => id === ask.id)?.command;
  const form = command?.type === "ask" ? command.ballot : undefined;
  const ballot =
    form === undefined || chance(play.late)
      ? undefined
      : ballotFor(form, ask.agent, { random, abstains: chance(play.abstaining) });
  const words = chance(play.agreeing) ? "we all agree" : `answer ${random.integer(1_000_000)} of ${ask.agent}`;
  // Members say nothing at all, now and then.
  const text = chance(play.late) ? " " : words;
  return {
    type: "answered",
    ...turn,
    messageId: deriveId(turnId, "reply"),
    text,
    degraded: false,
    tokens: 10,
    ...(ballot === undefined ? {} : { ballot }),
  };
}

function ballotFor(
  form: BallotForm,
  agent: string,
  { random, abstains }: { random: ReturnType<typeof createSeededRandom>; abstains: boolean },
): Ballot {
  if (abstains) return { agent, abstained: true, reason: "unreadable" };
  const ranking = shuffled(random, form.options);
  return form.kind === "ranking"
    ? { agent, ranking, reason: "because" }
    : { agent, choice: ranking[0] ?? "", reason: "because" };
}

export function describeOrchestration(tested: OrchestrationCase): void {
  const { orchestration } = tested;
  describe(`orchestration ${orchestration.name}`, () => {
    it("has finite members, and defaults for every setting", () => {
      expect(orchestration.membersMin).toBeGreaterThanOrEqual(1);
      expect(orchestration.membersMax).toBeGreaterThanOrEqual(orchestration.membersMin);
      expect(Number.isFinite(orchestration.membersMax)).toBe(true);
      const setup = setupOf(tested, { ...QUIET, members: 3 });
      expect(orchestration.turnsMax({ ...setup, settings: {} })).toBeGreaterThanOrEqual(1);
    });

    it("refuses a setting that does not exist", () => {
      const setup = { ...setupOf(tested, QUIET), settings: { surprise: 1 } };
      expect(() => orchestration.turnsMax(setup)).toThrow(expect.objectContaining({ code: "USAGE" }));
      expect(() => orchestration.start(setup)).toThrow(expect.objectContaining({ code: "USAGE" }));
    });

    it("ends within its bound of turns, for any answers, failures, deadlines and order", () => {
      verifies("R7.4");
      property(tested, ({ kernel, setup }) => {
        expect(kernel.outcome).toBeDefined();
        const asks = kernel.issued.filter(({ command }) => command.type === "ask");
        expect(asks.length).toBeLessThanOrEqual(orchestration.turnsMax(setup));
        expect(kernel.open.size).toBe(0);
      });
    });

    it("is pure: the same events lead to the same commands with the same ids", () => {
      verifies("R7.3");
      property(tested, ({ kernel, inputs, setup }) => {
        const again = createKernel({ orchestration, setup, cause: CAUSE });
        for (const input of inputs) again.accept(input);
        expect(again.issued).toEqual(kernel.issued);
        expect(new Set(kernel.issued.map(({ id }) => id)).size).toBe(kernel.issued.length);
      });
    });

    it("changes neither its state nor what it was given", () => {
      property(tested, ({ inputs, setup }) => {
        const first = orchestration.start(deepFrozen(setup));
        let state = deepFrozen(first.state);
        for (const { event, used } of inputs) {
          state = deepFrozen(orchestration.next(state, deepFrozen(event), used).state);
        }
        // After the end nothing leads to anything.
        for (const { event, used } of inputs) expect(orchestration.next(state, event, used).commands).toEqual([]);
      });
    });

    it("goes on from every boundary between events with the same end", () => {
      property(
        tested,
        ({ kernel, inputs, setup }) => {
          for (let cut = 0; cut <= inputs.length; cut += Math.max(1, Math.floor(inputs.length / 6))) {
            const resumed = createKernel({ orchestration, setup, cause: CAUSE });
            for (const input of inputs.slice(0, cut)) resumed.accept(input);
            for (const input of inputs.slice(cut)) resumed.accept(input);
            expect(resumed.outcome).toEqual(kernel.outcome);
          }
        },
        40,
      );
    });

    it("counts a repeated result once, and one of a closed round not at all", () => {
      property(tested, ({ kernel, inputs, setup }) => {
        const again = createKernel({ orchestration, setup, cause: CAUSE });
        for (const [index, input] of inputs.entries()) {
          const elsewhere: OrchestrationEvent = { type: "round-deadline", round: 999, hard: true };
          expect(again.accept({ ...input, cause: deriveId(input.cause, "elsewhere"), event: elsewhere })).toEqual([]);
          again.accept(input);
          const earlier = inputs[Math.floor(index / 2)];
          if (earlier !== undefined && earlier.event.type !== "round-deadline") {
            expect(again.accept({ ...earlier, cause: deriveId(input.cause, "repeat") })).toEqual([]);
          }
        }
        expect(again.outcome).toEqual(kernel.outcome);
      });
    });

    it("accounts for everybody asked or refused, each once, among the answered or the failed", () => {
      property(tested, ({ kernel, setup }) => {
        const { quorum } = outcomeOf(kernel);
        const asked = new Set(kernel.issued.flatMap(({ command }) => (command.type === "ask" ? [command.agent] : [])));
        expect(new Set(quorum.asked)).toEqual(new Set([...asked, ...setup.refused.map(({ agent }) => agent)]));
        const accounted = [...quorum.answered, ...quorum.failed.map(({ agent }) => agent)];
        expect(accounted.toSorted()).toEqual([...quorum.asked].toSorted());
      });
    });

    it("never calls a result better than it is", () => {
      property(tested, ({ kernel }) => {
        const { status, quorum, answer, decision, stopReasons } = outcomeOf(kernel);
        expect(["decided", "degraded", "no_decision", "failed"]).toContain(status);
        expect(stopReasons.length).toBeGreaterThan(0);
        if (status === "decided") expect(quorum.failed).toEqual([]);
        if (status === "decided" || status === "degraded") expect(answer).not.toBeNull();
        if (status === "no_decision") expect(decision.winner).toBeNull();
      });
    });

    it("does not depend on the order of seats: nothing is won by standing first", () => {
      property(tested, ({ kernel }) => {
        const { status, decision } = outcomeOf(kernel);
        const points = Object.values(decision.tallies);
        const isCounted = decision.rule !== "unanimity" && decision.rule !== "synthesis" && points.length > 1;
        if (!isCounted || decision.winner === null || (status !== "decided" && status !== "degraded")) return;
        const best = Math.max(...points);
        expect(points.filter((value) => Math.abs(value - best) < 1e-9)).toHaveLength(1);
        expect(decision.tallies[decision.winner]).toBe(best);
      });
    });

    it("stops at once when it is cancelled or its deadline passes, and says so", () => {
      for (const signal of ["cancelled", "deadline"] as const) {
        property(
          tested,
          ({ inputs, setup }) => {
            const kernel = createKernel({ orchestration, setup, cause: CAUSE });
            const cut = Math.floor(inputs.length / 2);
            for (const input of inputs.slice(0, cut)) kernel.accept(input);
            if (kernel.outcome !== undefined) return;
            kernel.accept(signalInput(signal, inputs[cut]));
            const { status, stopReasons } = outcomeOf(kernel);
            expect(stopReasons[0]).toBe(`${signal}: enough`);
            if (signal === "cancelled") expect(status).toBe("cancelled");
            else expect(status).not.toBe("decided");
          },
          30,
        );
      }
    });

    it("interrupted, waits for the running turns, asks nobody else, and ends with them", () => {
      property(
        tested,
        ({ inputs, setup }) => {
          const kernel = createKernel({ orchestration, setup, cause: CAUSE });
          const cut = Math.floor(inputs.length / 2);
          for (const input of inputs.slice(0, cut)) kernel.accept(input);
          if (kernel.outcome !== undefined) return;
          const asksBefore = askedTurns(kernel);
          const openBefore = [...kernel.open.keys()];
          kernel.accept(signalInput("interrupted", inputs[cut]));
          expect([...kernel.open.keys()]).toEqual(openBefore);
          for (const input of inputs.slice(cut)) kernel.accept(input);
          for (const turnId of kernel.open.keys()) kernel.accept(silentInput(kernel, turnId));
          expect(askedTurns(kernel)).toEqual(asksBefore);
          expect(outcomeOf(kernel).status).not.toBe("budget_exhausted");
        },
        30,
      );
    });

    it("asks nobody any more once the budget is spent, and ends when the running turns have", () => {
      property(
        tested,
        ({ inputs, setup }) => {
          const kernel = createKernel({ orchestration, setup, cause: CAUSE });
          const cut = Math.floor(inputs.length / 2);
          for (const input of inputs.slice(0, cut)) kernel.accept(input);
          if (kernel.outcome !== undefined) return;
          const asksBefore = askedTurns(kernel);
          kernel.accept(signalInput("budget-exhausted", inputs[cut]));
          for (const [index, turnId] of [...kernel.open.keys()].entries()) {
            const ask = kernel.open.get(turnId);
            if (ask === undefined) continue;
            const event: OrchestrationEvent = {
              type: "failed",
              turnId,
              ...ask,
              code: "BUDGET_EXHAUSTED",
              reason: "spent",
            };
            kernel.accept({ cause: deriveId(CAUSE, `spent/${index}`), event, used: NOTHING });
          }
          expect(askedTurns(kernel)).toEqual(asksBefore);
          expect(outcomeOf(kernel).status).toBe("budget_exhausted");
        },
        30,
      );
    });
  });
}

const QUIET: Play = { members: 3, refused: 0, setting: 0, seed: 1, failing: 0, abstaining: 0, agreeing: 0, late: 0 };
const NOTHING: Consumption = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };

function property(tested: OrchestrationCase, check: (played: Played) => void, numRuns = 60): void {
  fc.assert(
    fc.property(plays, (play) => check(playOut(tested, play))),
    { numRuns },
  );
}

function outcomeOf(kernel: Kernel): Outcome {
  if (kernel.outcome === undefined) throw new Error("it has not ended");
  return kernel.outcome;
}

function askedTurns(kernel: Kernel): readonly string[] {
  return kernel.issued.flatMap(({ id, command }) => (command.type === "ask" ? [turnOf(id)] : []));
}

function silentInput(kernel: Kernel, turnId: string): KernelInput {
  const { agent, round } = kernel.open.get(turnId) as OpenAsk;
  const event: OrchestrationEvent = { type: "failed", turnId, agent, round, code: "SILENT", reason: "it said nothing" };
  return { cause: deriveId(CAUSE, `silent/${turnId}`), event, used: NOTHING };
}

type Signal = Extract<OrchestrationEvent, { readonly type: "signal" }>["signal"];

function signalInput(signal: Signal, at: KernelInput | undefined): KernelInput {
  const event: OrchestrationEvent = { type: "signal", signal, reason: "enough" };
  return { cause: deriveId(CAUSE, "signal"), event, used: at?.used ?? NOTHING };
}

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFrozen(member);
  }
  return value;
}
