// The turn runner: attempts, retries, routes and what is written about them.
import { afterEach, describe, expect, it } from "vitest";
import { PolylogueError } from "../../../src/domain/errors.ts";
import type { Failure, FailureClass } from "../../../src/domain/failure.ts";
import { verifies } from "../../requirements.ts";
import { acceptAll, createStage, PRICES, portOf, requestOf, type Stage, scripted, textPart } from "./runner-harness.ts";

const stages: Stage[] = [];
async function stage(seed?: number): Promise<Stage> {
  const created = await createStage(seed);
  stages.push(created);
  return created;
}
afterEach(async () => {
  for (const opened of stages.splice(0)) await opened.close();
});

const failure = (kind: FailureClass, extra: Partial<Failure> = {}): Failure => ({
  class: kind,
  code: `VENDOR_${kind.toUpperCase()}`,
  reason: `the vendor said ${kind}`,
  ...extra,
});
const fails = (kind: FailureClass, extra?: Partial<Failure>) => ({ failure: failure(kind, extra) });
const TWO_ROUTES = {
  fallback: true,
  routes: [
    { vendor: "north", model: "n-1" },
    { vendor: "south", model: "s-1" },
  ],
};

describe("an attempt that succeeds", () => {
  it("is written before and after its call, with the answer in the transaction of its outcome", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [{ text: "yes", opaque: { signature: "x" } }]);
    const result = await s.run(await s.openTurn(agent));
    expect(result).toEqual({ kind: "answered", attempts: 1 });
    const [started] = await s.events("attempt.started");
    const [settled] = await s.events("attempt.settled");
    const [completed] = await s.events("turn.completed");
    expect(started?.data).toMatchObject({ step: 0, attempt: 1, wire: "scripted", outputTokensMax: 100 });
    expect(started?.data.hashes).toEqual({ config: "config", prices: "flat-1-10", policy: "scripted" });
    expect(started?.data.context).toEqual({ ranges: [[1, 2]], except: [] });
    expect(settled?.data).toMatchObject({ outcome: "succeeded", finishReason: "stop", usageEstimated: false });
    expect(settled?.simulated).toBe(true);
    expect(completed?.seq).toBe((settled?.seq ?? 0) + 1);
    expect(completed?.data.attemptId).toBe(started?.data.attemptId);
    const body = settled?.data.privateBody;
    expect(body === undefined ? undefined : await s.journal.body(body)).toEqual({ signature: "x" });
    agent.assertComplete();
  });
});
