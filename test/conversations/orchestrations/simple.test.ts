// The orchestrations without a vote, end to end.
import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { hold, request } from "../world.ts";

import { ended, FATAL, PARTY, saying, shownTo, table } from "./table.ts";

describe("ask and gather", () => {
  it("one agent answers", async () => {
    const { world, roster, process } = await table([{ id: "claude", step: "Yes, one." }]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "ask" }));
    expect(outcome).toMatchObject({ status: "decided", answer: "Yes, one.", turns: 1, rounds: 1 });
    expect(outcome.decision).toMatchObject({ rule: "none", winner: null });
    await ended(world);
  });

  it("one agent fails: the conversation has failed, and says why", async () => {
    const { world, roster, process } = await table([{ id: "claude", step: { failure: FATAL } }]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "ask" }));
    expect(outcome).toMatchObject({ status: "failed", answer: null });
    expect(outcome.quorum.failed).toEqual([{ agent: "claude", code: "VENDOR_AUTH", reason: expect.any(String) }]);
    expect(outcome.stopReasons[0]).toContain("quorum");
    await ended(world);
  });

  it("every reply of a gathering is kept, under its author's name; a failure degrades it", async () => {
    const { world, roster, process } = await table([
      { id: "claude", step: "alpha" },
      { id: "gemini", step: { failure: FATAL } },
      { id: "deepseek", step: "gamma" },
    ]);
    const { outcome } = await hold(world, process, request(roster, { orchestration: "gather" }));
    expect(outcome).toMatchObject({ status: "degraded", answer: "## claude\n\nalpha\n\n## deepseek\n\ngamma" });
    await ended(world);
  });
});

describe("round-robin", () => {
  it("everybody hears everybody before, and the last word stands", async () => {
    verifies("R2.4");
    const { world, roster, process } = await table(PARTY.map((id) => saying(id, "")));
    const { outcome } = await hold(
      world,
      process,
      request(roster, { orchestration: "round-robin", settings: { rounds: 2 } }),
    );
    expect(outcome).toMatchObject({ status: "decided", answer: "deepseek says 1", turns: 6 });
    expect(outcome.decision).toMatchObject({ rule: "last", winner: "deepseek" });
    expect(shownTo(process, "gemini", 0).last).toContain(
      '<message from="claude" round="0" trust="agent">\nclaude says 0',
    );
    const second = shownTo(process, "claude", 1);
    expect(second.request.history.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(second.last).toContain('<message from="gemini" round="0" trust="agent">');
    expect(second.last).toContain('<message from="deepseek" round="0" trust="agent">');
    expect(second.last).not.toContain('<message from="claude"');
    await ended(world);
  });

  it("a speaker who fails is passed over from then on", async () => {
    const { world, roster, process } = await table([
      saying("claude", ""),
      { id: "gemini", step: { failure: FATAL } },
      saying("deepseek", ""),
    ]);
    const { outcome } = await hold(
      world,
      process,
      request(roster, { orchestration: "round-robin", settings: { rounds: 2 } }),
    );
    expect(outcome).toMatchObject({ status: "degraded", answer: "deepseek says 1", turns: 5 });
    expect(process.agent("gemini").requests).toHaveLength(1);
    await ended(world);
  });
});
