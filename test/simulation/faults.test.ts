// Three vendors that all fail three times in ten: 3,000 people still get their
// answer, and few calls are made in vain.
import { describe, expect, it } from "vitest";
import { DEFAULT_FAULT_WEIGHTS, type FaultKind } from "../../src/simulators/index.ts";
import { verifies } from "../requirements.ts";
import { AGENTS, attemptsPerTurn, runFaults, unanswered } from "./fault-world.ts";

/** What a correct client survives without a second attempt; on top of the calls that fail. */
const HARMLESS: readonly FaultKind[] = ["latency", "slowDrip", "splitUtf8", "duplicateChunk"];
const KINDS = Object.keys(DEFAULT_FAULT_WEIGHTS) as FaultKind[];
const FAILING_SHARE = 0.3;
const FAULTY_SHARE = (FAILING_SHARE * KINDS.length) / (KINDS.length - HARMLESS.length);

describe("3,000 turns while 30 % of all calls at all three vendors fail", () => {
  it("all but three at most end with an answer, in at most 1.6 attempts each", { timeout: 300_000 }, async () => {
    verifies("R2.5", "R7.2", "R7.3");
    const { turns, events, faults } = await runFaults({
      seed: 20_261_122,
      turns: 3_000,
      faults: { probability: FAULTY_SHARE },
    });
    expect(turns).toHaveLength(3_000);
    expect(unanswered(turns).length).toBeLessThanOrEqual(3);
    expect(attemptsPerTurn(turns)).toBeLessThanOrEqual(1.6);
    expect(turns.every(({ results }) => results === 1)).toBe(true);

    // It was as bad as it should be: every vendor failed in every way, and often enough.
    for (const { vendor } of Object.values(AGENTS)) expect([...faults[vendor]].sort()).toEqual([...KINDS].sort());
    const settled = events.filter((event) => event.kind === "attempt.settled");
    const failed = settled.filter(({ data }) => data.outcome !== "succeeded");
    expect(failed.length / settled.length).toBeGreaterThan(FAILING_SHARE - 0.03);

    // Nobody carried it alone, and what one attempt had begun to say was never part of another's answer.
    for (const agent of Object.keys(AGENTS)) {
      expect(turns.filter(({ answeredBy }) => answeredBy === agent).length).toBeGreaterThan(300);
    }
    expect(failed.some(({ data }) => data.outcome === "aborted")).toBe(true);
  });

  it("repeats from its seed", { timeout: 60_000 }, async () => {
    verifies("R7.3");
    const run = { seed: 7, turns: 60, faults: { probability: FAULTY_SHARE } };
    const [first, second] = [await runFaults(run), await runFaults(run)];
    expect(second.events).toEqual(first.events);
    const other = await runFaults({ ...run, seed: 8 });
    expect(other.events).not.toEqual(first.events);
  });
});
