// Two of three vendors are down: the third answers everybody who asked for the
// skill, and nobody speaks for an agent that was asked by name.
import { describe, expect, it } from "vitest";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import type { FaultPlan } from "../../src/simulators/index.ts";
import { verifies } from "../requirements.ts";
import { AGENTS, attemptsPerTurn, runFaults, unanswered } from "./fault-world.ts";

/** One refuses connections, the other answers that it is overloaded. */
const TWO_DOWN: FaultPlan = {
  vendors: { anthropic: { down: true }, google: { probability: 1, weights: { capacity: 1 } } },
};
const DOWN: readonly string[] = [AGENTS.claude.vendor, AGENTS.gemini.vendor];

/** Failures in a row that open a breaker. */
const FAILURES_TO_OPEN = 5;

/** Position after which the breakers of both are open. */
function breakersOpenAt(events: readonly JournalEvent[]): number {
  const left = new Map(DOWN.map((vendor) => [vendor, FAILURES_TO_OPEN]));
  for (const event of events) {
    if (event.kind !== "attempt.settled") continue;
    const { vendor } = event.data.route;
    left.set(vendor, (left.get(vendor) ?? 0) - 1);
    if (DOWN.every((name) => (left.get(name) ?? 0) <= 0)) return event.position;
  }
  throw new Error("the breakers never opened");
}

describe("while two vendors are down and one is healthy", () => {
  it("3,000 turns by skill are answered, in at most 1.1 attempts once the breakers are open", {
    timeout: 300_000,
  }, async () => {
    verifies("R2.5", "R7.2", "R7.3");
    const { turns, events } = await runFaults({ seed: 42, turns: 3_000, faults: TWO_DOWN });
    expect(turns).toHaveLength(3_000);
    expect(unanswered(turns).length).toBeLessThanOrEqual(3);
    expect(turns.every(({ results }) => results === 1)).toBe(true);
    expect(new Set(turns.map(({ answeredBy }) => answeredBy))).toEqual(new Set(["deepseek"]));

    const openAt = breakersOpenAt(events);
    const afterwards = turns.filter(({ from }) => from > openAt);
    expect(afterwards.length).toBeGreaterThan(2_900);
    expect(attemptsPerTurn(afterwards)).toBeLessThanOrEqual(1.1);
    // The vendors that were down are still tried now and then, or nobody would see that they are back.
    expect(afterwards.some(({ vendors }) => vendors.some((vendor) => DOWN.includes(vendor)))).toBe(true);
  });

  it("an agent that is asked by name fails with its reason and is never impersonated", {
    timeout: 60_000,
  }, async () => {
    verifies("R7.2");
    const to = { mode: "unicast", agent: "claude" } as const;
    const { turns, events } = await runFaults({ seed: 42, turns: 40, faults: TWO_DOWN, to });
    expect(turns).toHaveLength(40);
    for (const { failure, answeredBy, vendors, results } of turns) {
      expect(answeredBy).toBeUndefined();
      expect(results).toBe(1);
      expect(vendors.every((vendor) => vendor === AGENTS.claude.vendor)).toBe(true);
      expect(["VENDOR_TRANSIENT", "BREAKER_OPEN"]).toContain(failure?.code);
      expect(failure?.reason).toContain("ECONNREFUSED");
    }
    expect(events.some((event) => event.kind === "message.accepted" && event.data.envelope.intent === "reply")).toBe(
      false,
    );
  });
});
