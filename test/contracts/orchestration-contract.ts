// What every orchestration must keep, whatever members answer, fail or keep
// silent about, and in whatever order it arrives.
import { describe, expect, it } from "vitest";
import { createKernel } from "../../src/conversations/kernel/kernel.ts";
import type { OrchestrationEvent } from "../../src/conversations/orchestration.ts";
import { deriveId } from "../../src/platform/ids.ts";
import { verifies } from "../requirements.ts";
import {
  askedTurns,
  CAUSE,
  deepFrozen,
  hardInput,
  isBlank,
  NOTHING,
  type OrchestrationCase,
  outcomeOf,
  property,
  QUIET,
  SAID,
  setupOf,
  signalInput,
  silentInput,
} from "./orchestration-plays.ts";

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

    it("puts no member's words into what it asks of another: they are shown as data, by reference", () => {
      property(tested, ({ kernel }) => {
        const asks = kernel.issued.filter(({ command }) => command.type === "ask");
        expect(JSON.stringify(asks)).not.toMatch(SAID);
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

    it.each(["cancelled", "interrupted", "deadline", "budget-exhausted", "round-deadline"] as const)(
      "decides nothing on fewer answers than it needs, when cut short by %s",
      (end) => {
        verifies("R7.4");
        property(
          tested,
          ({ inputs, setup }) => {
            for (let cut = 0; cut <= inputs.length; cut += Math.max(1, Math.floor(inputs.length / 8))) {
              const kernel = createKernel({ orchestration, setup, cause: CAUSE });
              for (const input of inputs.slice(0, cut)) kernel.accept(input);
              if (kernel.outcome !== undefined) return;
              const [{ round } = { round: 0 }] = kernel.open.values();
              const asks = askedTurns(kernel, round);
              const asksBefore = askedTurns(kernel);
              const answers = inputs
                .slice(0, cut)
                .filter(({ event }) => event.type === "answered" && asks.includes(event.turnId) && !isBlank(event));
              kernel.accept(end === "round-deadline" ? hardInput(round) : signalInput(end, inputs[cut]));
              for (const turnId of kernel.open.keys()) kernel.accept(silentInput(kernel, turnId));
              // A speaker who is given up is followed by the next one, and a failed chair by another.
              if (askedTurns(kernel).length > asksBefore.length) continue;
              if (answers.length >= tested.answersMin(setup, { round, asked: asks.length })) continue;
              const { status, answer, decision, dissent, stopReasons } = outcomeOf(kernel);
              expect(["decided", "degraded"]).not.toContain(status);
              expect([answer, decision.winner, dissent]).toEqual([null, null, []]);
              expect(stopReasons).toContainEqual(expect.stringMatching(/^quorum: \d+ of at least \d+ answered$/));
            }
          },
          30,
        );
      },
    );

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
