// Hard budgets: refused before they could be overspent, under concurrency, over
// several routes, and across crashes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScriptedAgent } from "../../../src/agents/scripted/scripted-agent.ts";
import { scriptedCard } from "../../../src/agents/scripted/scripted-card.ts";
import type { ScriptedReply } from "../../../src/agents/scripted/scripted-step.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { refusedBudget } from "../../../src/mesh/budgets/reservation.ts";
import type { BudgetLimits } from "../../../src/mesh/mesh.ts";
import { verifies } from "../../requirements.ts";
import { createStage, failureOf, NORTH, SOUTH, type Stage, scripted } from "../attempts/runner-harness.ts";
import { usingStages } from "../attempts/stages.ts";
import { accountsAfterEach } from "./ledger-oracle.ts";

const stage = usingStages();
/** One call of the stage's policy reserves this much: about 20 tokens in, 100 out at 10. */
const ONE_CALL = 1_030;

describe("a budget", () => {
  it.each(["turn", "agent", "conversation", "day"] as const)(
    "of the %s refuses a call that does not fit",
    async (which) => {
      const s = await stage();
      const budgets: BudgetLimits = { [`${which}NanoUsd`]: ONE_CALL - 500 };
      const result = await s.run(await s.openTurn(scripted(s.clock, []), { budgets }));
      expect(result).toMatchObject({
        kind: "failed",
        attempts: 0,
        failure: { class: "budget", code: "BUDGET_EXHAUSTED" },
      });
      const refused = await s.events("budget.refused");
      expect(refused).toHaveLength(1);
      expect(refused[0]?.data).toMatchObject({ budget: which, leftNanoUsd: ONE_CALL - 500 });
      expect(await s.events("attempt.started")).toEqual([]);
    },
  );

  it("of the conversation holds as it was created, whatever the caller passes", async () => {
    const s = await stage();
    const { conversationId, lease } = await s.newConversation(ONE_CALL - 500);
    const turn = await s.openTurn(scripted(s.clock, []), { conversationId, lease, budgets: {} });
    expect(await s.run(turn)).toMatchObject({ failure: { code: "BUDGET_EXHAUSTED" } });
  });

  it("counts what is spent, not what was reserved, once a call has ended", async () => {
    const s = await stage();
    const cheap = { text: "ok", usage: { ...NO_USAGE, input: 10, output: 1 } };
    const budgets = { conversationNanoUsd: ONE_CALL + 100 };
    for (let call = 0; call < 5; call++) {
      expect(await s.run(await s.openTurn(scripted(s.clock, [cheap]), { budgets }))).toMatchObject({
        kind: "answered",
      });
    }
    const conversation = await s.journal.document("budgets", `conversation/${s.conversationId}`);
    expect(conversation?.value).toMatchObject({ reservedNanoUsd: 0, spentNanoUsd: 100, overrunNanoUsd: 0 });
  });

  it("lets one call of two start where only one fits", async () => {
    const s = await stage();
    const agents = ["ann", "bob"].map((id) => scripted(s.clock, [{ text: "ok", delayMs: 100 }], { id }));
    const budgets = { conversationNanoUsd: ONE_CALL + 100 };
    const turns = await Promise.all(agents.map((agent) => s.openTurn(agent, { budgets })));
    const kinds = (await s.runAll(turns)).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(["answered", "failed"]);
  });

  it("counts simulated days apart from real ones", async () => {
    const s = await stage();
    await s.run(await s.openTurn(scripted(s.clock, ["ok"])));
    const days = await s.journal.documents("budgets", { group: "days", limit: 10 });
    expect(days.map(({ key }) => key)).toEqual(["simulated-day/2026-11-22"]);
  });

  it("counts real money on real days", async () => {
    const s = await stage();
    const { conversationId, lease } = await s.newConversation(1_000_000, false);
    const agent = createScriptedAgent({ card: scriptedCard("ann"), steps: ["ok"], simulated: false });
    await s.run(await s.openTurn(agent, { conversationId, lease }));
    const days = await s.journal.documents("budgets", { group: "days", limit: 10 });
    expect(days.map(({ key }) => key)).toEqual(["day/2026-11-22"]);
  });

  it("ignores an outcome whose intent it never saw", async () => {
    const s = await stage();
    await s.run(await s.openTurn(scripted(s.clock, ["ok"])));
    const before = await s.journal.documents("budgets", { group: "days", limit: 10 });
    const [settled] = await s.events("attempt.settled");
    if (settled === undefined) throw new Error("nothing was settled");
    const { kind, actor, data } = settled;
    await s.journal.append({
      stream: s.conversationId,
      decide: () => ({ events: [{ kind, actor, data }], result: undefined }),
    });
    expect(await s.journal.documents("budgets", { group: "days", limit: 10 })).toEqual(before);
  });

  it("of a day is charged for what began on it, and holds on both sides of midnight", async () => {
    const s = await stage();
    const budgets = { dayNanoUsd: ONE_CALL + 100 };
    const toMidnightMs = 86_400_000 - ((s.clock.nowUs() / 1_000) % 86_400_000);
    await s.clock.advance(toMidnightMs - 60_000);
    const full = { text: "ok", delayMs: 58_000, usage: { ...NO_USAGE, output: 100 } };
    expect(await s.run(await s.openTurn(scripted(s.clock, [full]), { budgets }))).toMatchObject({ kind: "answered" });
    // Two seconds before midnight: the new day has room, but this one has none.
    const early = await s.run(await s.openTurn(scripted(s.clock, []), { budgets }));
    expect(early).toMatchObject({ kind: "failed", failure: { code: "BUDGET_EXHAUSTED" } });
    await s.clock.advance(2_000);
    expect(await s.run(await s.openTurn(scripted(s.clock, [full]), { budgets }))).toMatchObject({ kind: "answered" });
    const days = await s.journal.documents("budgets", { group: "days", limit: 10 });
    expect(days.map(({ value }) => value)).toEqual(
      [1_000, 1_000].map((spentNanoUsd) => ({ reservedNanoUsd: 0, spentNanoUsd, overrunNanoUsd: 0 })),
    );
  });

  it("of the new day must have room too, when a call begins moments before midnight", async () => {
    const s = await stage();
    const toMidnightMs = 86_400_000 - ((s.clock.nowUs() / 1_000) % 86_400_000);
    const ahead = { text: "ok", usage: { ...NO_USAGE, output: 100 } };
    await s.clock.advance(toMidnightMs + 1_000);
    await s.run(await s.openTurn(scripted(s.clock, [ahead])));
    const view = {
      lastSeq: () => 0,
      documents: () => [],
      document: (_collection: string, key: string) => days.get(key),
    };
    const stored = await s.journal.documents("budgets", { group: "days", limit: 10 });
    const days = new Map(stored.map((document) => [document.key, document]));
    const place = { conversationId: "c", turnId: "t", agent: "ann", simulated: true, askNanoUsd: 200 };
    const limits = { dayNanoUsd: 1_100 };
    const justBefore = s.clock.nowUs() - 2_000_000;
    expect(refusedBudget(view, { ...place, limits, nowUs: justBefore })).toMatchObject({
      budget: "day",
      leftNanoUsd: 100,
    });
    expect(refusedBudget(view, { ...place, limits, nowUs: justBefore - 60_000_000 })).toBeUndefined();
  });
});

interface Scene {
  readonly turns: readonly {
    readonly agent: number;
    readonly delayMs: number;
    readonly outputTokens: number;
    readonly fails: number;
    readonly crashes: boolean;
  }[];
  readonly limits: Required<BudgetLimits>;
  readonly seed: number;
}

const limit = fc.integer({ min: 1_000, max: 20_000 });
const scene: fc.Arbitrary<Scene> = fc.record({
  turns: fc.array(
    fc.record({
      agent: fc.nat(2),
      delayMs: fc.nat(3_000),
      outputTokens: fc.integer({ min: 1, max: 100 }),
      fails: fc.nat(4),
      crashes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  limits: fc.record({ turnNanoUsd: limit, agentNanoUsd: limit, conversationNanoUsd: limit, dayNanoUsd: limit }),
  seed: fc.nat(1_000),
});

/** Turns side by side, some on two routes, some in a process that dies; then recovery. */
async function play(s: Stage, { turns, limits }: Scene): Promise<void> {
  const doomed = s.anotherRunner();
  const survivors: Promise<unknown>[] = [];
  for (const { agent, delayMs, outputTokens, fails, crashes } of turns) {
    const card = scriptedCard(`agent-${agent}`, { fallback: true, routes: [NORTH, SOUTH] });
    const reply = (_request: unknown, call: number): ScriptedReply => {
      if (crashes) return { hang: true };
      const usage = { ...NO_USAGE, input: 5, output: outputTokens };
      return call < fails ? { failure: failureOf("transient"), usage, delayMs } : { text: "ok", usage, delayMs };
    };
    const turn = await s.openTurn(createScriptedAgent({ card, clock: s.clock, otherwise: reply }), { budgets: limits });
    const run = s.start(turn, crashes ? { runner: doomed } : {});
    if (!crashes) survivors.push(run);
  }
  await s.clock.run(Promise.all(survivors));
  // The next process: the doomed one's calls are unknown to it.
  await s.anotherRunner().settleLost(s.conversationId, s.lease);
}

describe("whatever runs at the same time", () => {
  it("no budget is ever overspent, and the documents equal the sums over the events", async () => {
    verifies("R7.4");
    let refusals = 0;
    let lost = 0;
    await fc.assert(
      fc.asyncProperty(scene, async (drawn) => {
        const s = await createStage(drawn.seed);
        await play(s, drawn);
        const events = await s.all();
        const { turnNanoUsd, agentNanoUsd, conversationNanoUsd, dayNanoUsd } = drawn.limits;
        const maxima = { turn: turnNanoUsd, agent: agentNanoUsd, conversation: conversationNanoUsd, day: dayNanoUsd };
        let last: ReadonlyMap<string, { readonly reserved: number; readonly spent: number }> = new Map();
        for (const accounts of accountsAfterEach(events)) {
          for (const [name, { reserved, spent }] of accounts) {
            const kind = name.split(" ")[0] as keyof typeof maxima;
            expect(reserved + spent).toBeLessThanOrEqual(maxima[kind]);
          }
          last = accounts;
        }
        refusals += events.filter(({ kind }) => kind === "budget.refused").length;
        lost += events.filter((event) => event.kind === "attempt.settled" && event.data.outcome === "lost").length;
        const documents = [
          ...(await s.journal.documents("budgets", { group: s.conversationId, limit: 1_000 })),
          ...(await s.journal.documents("budgets", { group: "days", limit: 1_000 })),
        ].filter(({ value }) => (value as { spentNanoUsd: number }).spentNanoUsd > 0);
        const spent = documents.map(({ value }) => (value as { spentNanoUsd: number }).spentNanoUsd).sort();
        const expected = [...last.values()].map((account) => account.spent).filter((sum) => sum > 0);
        expect(spent).toEqual(expected.sort());
        expect(documents.every(({ value }) => (value as { reservedNanoUsd: number }).reservedNanoUsd === 0)).toBe(true);
        await s.journal.rebuild("budgets");
        const rebuilt = await s.journal.documents("budgets", { group: s.conversationId, limit: 1_000 });
        expect(rebuilt.filter((document) => documents.some(({ key }) => key === document.key))).toEqual(
          documents.filter(({ group }) => group === s.conversationId),
        );
        await s.close();
      }),
      { numRuns: 40 },
    );
    // The scenes were not empty ones.
    expect(refusals).toBeGreaterThan(0);
    expect(lost).toBeGreaterThan(0);
  });
});
