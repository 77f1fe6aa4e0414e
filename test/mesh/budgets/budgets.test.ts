// Hard budgets: refused before they could be overspent, under concurrency, over
// several routes, and across crashes.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScriptedAgent } from "../../../src/agents/scripted/scripted-agent.ts";
import { scriptedCard } from "../../../src/agents/scripted/scripted-card.ts";
import type { ScriptedReply } from "../../../src/agents/scripted/scripted-step.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { budgetObstacle } from "../../../src/mesh/budgets/reservation.ts";
import type { BudgetLimits, TurnPolicy } from "../../../src/mesh/mesh.ts";
import { verifies } from "../../requirements.ts";
import { acceptAll, createStage, failureOf, NORTH, SOUTH, type Stage, scripted } from "../attempts/runner-harness.ts";
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

  it("lets a call that only others' reservations keep out wait for them", async () => {
    verifies("R7.4");
    const s = await stage();
    const cheap = { text: "ok", delayMs: 100, usage: { ...NO_USAGE, input: 10, output: 1 } };
    const agents = ["ann", "bob", "eve"].map((id) => scripted(s.clock, [cheap], { id }));
    const budgets = { conversationNanoUsd: ONE_CALL + 100 };
    const turns = await Promise.all(agents.map((agent) => s.openTurn(agent, { budgets })));
    const before = s.clock.monotonicUs();
    expect((await s.runAll(turns)).map(({ kind }) => kind)).toEqual(["answered", "answered", "answered"]);
    // One after the other, and each as soon as it can.
    expect(s.clock.monotonicUs() - before).toBeLessThan(400_000);
    expect(await s.events("budget.refused")).toEqual([]);
  });

  it("gives a call up as soon as what was spent leaves too little for it", async () => {
    const s = await stage();
    const dear = { text: "ok", delayMs: 100, usage: { ...NO_USAGE, input: 10, output: 100 } };
    const agents = ["ann", "bob"].map((id) => scripted(s.clock, id === "ann" ? [dear] : [], { id }));
    const budgets = { conversationNanoUsd: ONE_CALL + 100 };
    const turns = await Promise.all(agents.map((agent) => s.openTurn(agent, { budgets })));
    const [first, second] = await s.runAll(turns);
    expect(first).toMatchObject({ kind: "answered" });
    expect(second).toMatchObject({ kind: "failed", attempts: 0, failure: { code: "BUDGET_EXHAUSTED" } });
    expect((await s.events("budget.refused")).map(({ data }) => [data.agent, data.leftNanoUsd])).toEqual([
      ["bob", 120],
    ]);
  });

  it("is waited for no longer than to the turn's deadline, and not after a stop", async () => {
    const s = await stage();
    const hanging = await s.openTurn(scripted(s.clock, [{ hang: true }]), {
      budgets: { dayNanoUsd: ONE_CALL + 100 },
      deadlineUs: s.clock.nowUs() + 60_000_000,
    });
    const budgets = { dayNanoUsd: ONE_CALL + 100 };
    const late = await s.openTurn(scripted(s.clock, [], { id: "bob" }), {
      budgets,
      deadlineUs: s.clock.nowUs() + 5_000_000,
    });
    const stopped = await s.openTurn(scripted(s.clock, [], { id: "eve" }), { budgets });
    const stop = new AbortController();
    s.clock.setTimer(2_000, () => stop.abort());
    const before = s.clock.monotonicUs();
    const runs = [s.start(hanging), s.start(late), s.start(stopped, { signal: stop.signal })];
    expect(await s.clock.run(runs[2] as Promise<unknown>)).toEqual({ kind: "stopped", attempts: 0 });
    expect(s.clock.monotonicUs() - before).toBe(2_000_000);
    expect(await s.clock.run(runs[1] as Promise<unknown>)).toEqual({ kind: "stopped", attempts: 0 });
    expect(s.clock.monotonicUs() - before).toBe(5_000_000);
    await s.clock.run(Promise.all(runs));
  });

  it("that calls of another process hold is looked at again from time to time", async () => {
    const s = await stage();
    const budgets = { conversationNanoUsd: ONE_CALL + 100 };
    const slow = { text: "ok", delayMs: 3_000, usage: { ...NO_USAGE, output: 1 } };
    const elsewhere = s.start(await s.openTurn(scripted(s.clock, [slow]), { budgets }), { runner: s.anotherRunner() });
    await s.clock.advance(10);
    const here = await s.run(await s.openTurn(scripted(s.clock, ["ok"], { id: "bob" }), { budgets }));
    expect(here).toMatchObject({ kind: "answered" });
    expect(await elsewhere).toMatchObject({ kind: "answered" });
  });

  it("with no room for the largest answer buys a shorter one, and says so in the intent", async () => {
    const s = await stage();
    const agent = scripted(s.clock, ["ok", "ok"]);
    const policy: TurnPolicy = {
      ...acceptAll,
      project: async (context) => {
        const projected = await acceptAll.project(context);
        return { ...projected, request: { ...projected.request, outputTokensMax: 8_192 } };
      },
    };
    const asked = async (conversationNanoUsd: number) =>
      s.run(await s.openTurn(agent, { policy, budgets: { conversationNanoUsd } }));
    expect(await asked(20_045)).toMatchObject({ kind: "answered" });
    const [started] = await s.events("attempt.started");
    const { outputTokensMax = 0, reservedNanoUsd = 0, inputTokensEstimated = 0 } = started?.data ?? {};
    expect(agent.requests[0]?.outputTokensMax).toBe(outputTokensMax);
    // The longest that fits: one token more would not.
    expect(reservedNanoUsd).toBe(inputTokensEstimated + outputTokensMax * 10);
    expect(20_045 - reservedNanoUsd).toBeGreaterThanOrEqual(0);
    expect(20_045 - reservedNanoUsd).toBeLessThan(10);
    // Below a thousand tokens it is not worth its prompt.
    expect(await asked(10_200)).toMatchObject({ kind: "failed", failure: { code: "BUDGET_EXHAUSTED" } });
    const [refused] = await s.events("budget.refused");
    expect(refused?.data.askedNanoUsd).toBe(inputTokensEstimated + 1_024 * 10);
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
    expect(budgetObstacle(view, { ...place, limits, nowUs: justBefore })).toMatchObject({
      kind: "spent",
      budget: "day",
      leftNanoUsd: 100,
    });
    expect(budgetObstacle(view, { ...place, limits, nowUs: justBefore - 60_000_000 })).toBeUndefined();
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
    const turn = await s.openTurn(createScriptedAgent({ card, clock: s.clock, otherwise: reply }), {
      budgets: limits,
      // What the doomed process holds is waited for in vain.
      deadlineUs: s.clock.nowUs() + 30_000_000,
    });
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

  it("every turn comes to an end, and only budgets that are spent refuse one", async () => {
    verifies("R7.4");
    const waiting = fc.record({
      turns: fc.array(fc.record({ delayMs: fc.nat(3_000), outputTokens: fc.integer({ min: 1, max: 100 }) }), {
        minLength: 2,
        maxLength: 12,
      }),
      limitNanoUsd: fc.integer({ min: ONE_CALL, max: 8 * ONE_CALL }),
      seed: fc.nat(1_000),
    });
    let waits = 0;
    await fc.assert(
      fc.asyncProperty(waiting, async ({ turns, limitNanoUsd, seed }) => {
        const s = await createStage(seed);
        const budgets = { conversationNanoUsd: limitNanoUsd };
        const open = await Promise.all(
          turns.map(({ delayMs, outputTokens }, index) => {
            const usage = { ...NO_USAGE, output: outputTokens };
            return s.openTurn(scripted(s.clock, [{ text: "ok", delayMs, usage }], { id: `agent-${index}` }), {
              budgets,
            });
          }),
        );
        const results = await s.runAll(open);
        const spentNanoUsd = turns.reduce(
          (sum, { outputTokens }, index) => sum + (results[index]?.kind === "answered" ? outputTokens * 10 : 0),
          0,
        );
        expect(spentNanoUsd).toBeLessThanOrEqual(limitNanoUsd);
        for (const result of results) {
          if (result.kind !== "answered") expect(result).toMatchObject({ failure: { code: "BUDGET_EXHAUSTED" } });
        }
        const refused = results.filter(({ kind }) => kind === "failed").length;
        if (refused > 0) expect(spentNanoUsd).toBeGreaterThan(limitNanoUsd - ONE_CALL - 20);
        if (refused === 0 && turns.length * ONE_CALL > limitNanoUsd) waits++;
        await s.close();
      }),
      { numRuns: 40 },
    );
    expect(waits).toBeGreaterThan(0);
  });
});
