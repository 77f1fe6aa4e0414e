// The turn runner: what one attempt is, what is written about it, and what
// becomes of its answer.
import { describe, expect, it } from "vitest";
import type { Agent } from "../../../src/agents/agent.ts";
import { createScriptedAgent } from "../../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting, scriptedCard } from "../../../src/agents/scripted/scripted-card.ts";
import { PolylogueError } from "../../../src/domain/errors.ts";
import { NO_USAGE, type TokenUsage } from "../../../src/domain/usage.ts";
import type { TurnPolicy } from "../../../src/mesh/mesh.ts";
import { createLog } from "../../../src/platform/log.ts";
import { createRedactor } from "../../../src/platform/redaction.ts";
import { verifies } from "../../requirements.ts";
import { acceptAll, failureOf, requestOf, scripted } from "./runner-harness.ts";
import { usingStages } from "./stages.ts";

const stage = usingStages();

describe("an attempt that succeeds", () => {
  it("is written before and after its call, with the answer in the transaction of its outcome", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [{ text: "yes", opaque: { signature: "x" } }]);
    expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 1 });
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

  it("is measured: first byte, first content, gaps between contents, total", async () => {
    const s = await stage();
    const delta = (text: string, afterMs: number) => ({ event: { type: "text-delta", text } as const, afterMs });
    const done = {
      type: "done",
      finishReason: "stop",
      parts: [{ type: "text", text: "abc" }],
      usage: { ...NO_USAGE, input: 10, output: 3 },
      usageEstimated: false,
      simulated: true,
    } as const;
    const stream = [
      { event: { type: "byte" } as const, afterMs: 40 },
      delta("a", 160),
      delta("b", 5),
      delta("c", 20_000),
      { event: done, afterMs: 1 },
    ];
    const agent = scripted(s.clock, [{ stream }]);
    await s.run(await s.openTurn(agent));
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data.timings).toEqual({
      totalUs: 20_206_000,
      firstByteUs: 40_000,
      firstContentUs: 200_000,
      gapCounts: [1, 0, 0, 0, 0, 0, 0, 1],
    });
  });

  it("is reported while it runs, with its attempt, route and round", async () => {
    const s = await stage();
    await s.run(await s.openTurn(scripted(s.clock, ["yes"])));
    expect(s.progress.map(({ type }) => type)).toEqual([
      "attempt-started",
      "attempt-event",
      "attempt-event",
      "attempt-event",
      "attempt-ended",
    ]);
    expect(s.progress[0]).toMatchObject({ agent: "ann", attempt: 1, round: 2, route: { vendor: "scripted" } });
    expect(s.progress.at(-1)).toMatchObject({ outcome: "succeeded" });
  });

  it("goes on counting where earlier agents of the turn stopped", async () => {
    const s = await stage();
    await s.run(await s.openTurn(scripted(s.clock, ["yes"]), { attemptsBefore: 4 }));
    expect((await s.events("attempt.started")).map((event) => event.data.attempt)).toEqual([5]);
  });
});

describe("an answer that will not do", () => {
  const wantsJson: TurnPolicy = {
    ...acceptAll,
    interpret: (_context, parts) => {
      const text = parts[0]?.type === "text" ? parts[0].text : "";
      if (text.startsWith("{")) return { kind: "accept", parts };
      return { kind: "repair", instruction: `${text} is no JSON` };
    },
  };

  it("is paid for, and the next step tells the model why", async () => {
    const s = await stage();
    const agent = scripted(s.clock, ["prose", "{}"]);
    expect(await s.run(await s.openTurn(agent, { policy: wantsJson }))).toEqual({ kind: "answered", attempts: 2 });
    const started = await s.events("attempt.started");
    expect(started.map(({ data }) => [data.step, data.attempt])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    const settled = await s.events("attempt.settled");
    expect(settled.map(({ data }) => data.outcome)).toEqual(["succeeded", "succeeded"]);
    expect(settled.every(({ data }) => data.costNanoUsd > 0)).toBe(true);
    expect(agent.requests[1]?.history[0]?.parts).toEqual([{ type: "text", text: "prose is no JSON" }]);
  });

  it("is asked again only so often", async () => {
    const s = await stage();
    const agent = scripted(
      s.clock,
      Array.from({ length: 8 }, () => "prose"),
    );
    const result = await s.run(await s.openTurn(agent, { policy: wantsJson }));
    expect(result).toMatchObject({ kind: "failed", attempts: 8, failure: { code: "STEPS_SPENT" } });
    agent.assertComplete();
  });

  it("is tried again when it is empty, and what it cost is charged", async () => {
    const s = await stage();
    const thoughts = { parts: [{ type: "reasoning", text: "hm" }] } as const;
    const agent = scripted(s.clock, [{ text: "  " }, thoughts, "yes"]);
    expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 3 });
    const settled = await s.events("attempt.settled");
    expect(settled.map(({ data }) => data.failure?.code)).toEqual(["ANSWER_EMPTY", "ANSWER_EMPTY", undefined]);
    expect(settled[0]?.data.costNanoUsd).toBeGreaterThan(0);
  });

  it.each([
    ["refusal", "VENDOR_POLICY", 1],
    ["interrupted", "VENDOR_TRANSIENT", 3],
    ["error", "VENDOR_TRANSIENT", 3],
  ] as const)("is no answer when it finished by %s", async (finishReason, code, attempts) => {
    const s = await stage();
    const agent = scripted(
      s.clock,
      Array.from({ length: 3 }, () => ({ text: "half", finishReason })),
    );
    const result = await s.run(await s.openTurn(agent));
    expect(result).toMatchObject({ kind: "failed", attempts, failure: { code } });
    const settled = await s.events("attempt.settled");
    expect(settled[0]?.data).toMatchObject({ outcome: "aborted", finishReason });
  });

  it("is not accepted from a real vendor in a simulated conversation", async () => {
    const s = await stage();
    const agent = createScriptedAgent({ card: scriptedCard("ann"), steps: ["yes"], simulated: false });
    const result = await s.run(await s.openTurn(agent));
    expect(result).toMatchObject({ kind: "failed", failure: { code: "CONVERSATION_SIMULATED" } });
  });
});

it("is not accepted from a simulator in a real conversation, and says so", async () => {
  const s = await stage();
  const { conversationId, lease } = await s.newConversation(1_000_000, false);
  const turn = await s.openTurn(scripted(s.clock, ["yes"]), { conversationId, lease });
  expect(await s.run(turn)).toMatchObject({ kind: "failed", failure: { code: "CONVERSATION_NOT_SIMULATED" } });
});

describe("what is charged", () => {
  it("is nothing when the vendor failed before it worked", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [{ failure: failureOf("policy") }]);
    await s.run(await s.openTurn(agent));
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({ outcome: "failed", usage: NO_USAGE, costNanoUsd: 0, usageEstimated: false });
  });

  it("is what the vendor counted before it failed", async () => {
    const s = await stage();
    const usage = { ...NO_USAGE, input: 7, output: 2 };
    await s.run(await s.openTurn(scripted(s.clock, [{ failure: failureOf("policy"), usage }])));
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({ usage, costNanoUsd: 27, usageEstimated: false });
  });

  it.each([
    ["a silence of which nothing is known", { failure: failureOf("policy", { code: "TIMEOUT_FIRST_CONTENT" }) }, 1_017],
    ["a wire that says so", { failure: failureOf("policy"), outcomeUnknown: true }, 1_017],
    [
      "a wire that says so, whatever it had seen",
      { failure: failureOf("policy"), usage: { ...NO_USAGE, input: 1 }, usageEstimated: true, outcomeUnknown: true },
      1_017,
    ],
    [
      "an estimate of all that was to be seen",
      { failure: failureOf("policy"), usage: { ...NO_USAGE, input: 7, output: 2 }, usageEstimated: true },
      27,
    ],
    [
      "an estimate beyond the reservation",
      { failure: failureOf("policy"), usage: { ...NO_USAGE, output: 9_000 }, usageEstimated: true },
      1_017,
    ],
  ] as const)("of %s is an estimate, marked as one, within the reservation", async (_what, error, costNanoUsd) => {
    verifies("R7.4");
    const s = await stage();
    const event = { type: "error", partial: [], simulated: true, ...error } as const;
    await s.run(await s.openTurn(scripted(s.clock, [{ stream: [{ event }] }])));
    const [started] = await s.events("attempt.started");
    const [settled] = await s.events("attempt.settled");
    expect(started?.data.reservedNanoUsd).toBe(1_017);
    expect(settled?.data).toMatchObject({ costNanoUsd, usageEstimated: true });
    const [conversation] = await s.journal.documents("costs", { group: "conversations", limit: 1 });
    expect(conversation?.value).toMatchObject({ attempts: 1, attemptsEstimated: 1, costNanoUsd });
  });

  it("of an answer that the wire could only estimate stays within the reservation", async () => {
    const s = await stage();
    const event = {
      type: "done",
      finishReason: "stop",
      parts: [{ type: "text", text: "yes" }],
      usage: { ...NO_USAGE, output: 9_000 },
      usageEstimated: true,
      simulated: true,
    } as const;
    await s.run(await s.openTurn(scripted(s.clock, [{ stream: [{ event }] }])));
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({ outcome: "succeeded", costNanoUsd: 1_017, usageEstimated: true });
  });

  it("of an agent that breaks its contract is the reservation", async () => {
    const s = await stage();
    const agent: Agent = {
      ...scripted(s.clock, []),
      // biome-ignore lint/correctness/useYield: it throws before it says anything.
      call: async function* () {
        throw new Error("a bug");
      },
    };
    await s.run(await s.openTurn(agent, { otherCandidates: 1 }));
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({ costNanoUsd: 1_017, usageEstimated: true });
  });

  it("is priced by the time at which the call began", async () => {
    const s = await stage();
    const asked: (number | undefined)[] = [];
    const flat = createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 10 });
    const costing = () => ({
      ...flat,
      costNanoUsd: (usage: TokenUsage, startedAtUs?: number) => {
        asked.push(startedAtUs);
        return flat.costNanoUsd(usage);
      },
    });
    const agent = scripted(s.clock, [{ text: "yes", delayMs: 60_000 }]);
    await s.run(await s.openTurn(agent, { port: { agent, incarnation: 1, costing } }));
    const [started] = await s.events("attempt.started");
    expect(asked).toEqual([started?.atUs]);
  });

  it("is the reservation when text came and no count", async () => {
    const s = await stage();
    const partial = [
      { type: "text", text: "x".repeat(4_000) },
      { type: "tool-call", callId: "1", tool: "look", input: { at: "that" } },
    ] as const;
    await s.run(await s.openTurn(scripted(s.clock, [{ failure: failureOf("policy"), partial }])));
    const [started] = await s.events("attempt.started");
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data).toMatchObject({ outcome: "aborted", usageEstimated: true, usage: { output: 100 } });
    expect(settled?.data.costNanoUsd).toBe(started?.data.reservedNanoUsd);
  });

  it("is the truth, and is logged, when a vendor bills more than was reserved", async () => {
    const s = await stage();
    const lines: string[] = [];
    const log = createLog({
      level: "warn",
      sink: (line) => lines.push(line),
      clock: s.clock,
      redactor: createRedactor([]),
    });
    const usage = { ...NO_USAGE, input: 7, output: 1_000 };
    const turn = await s.openTurn(scripted(s.clock, [{ text: "long", usage }]));
    await s.run(turn, { runner: s.anotherRunner({ log }) });
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data.costNanoUsd).toBe(10_007);
    expect(lines.join()).toContain("budget.overrun");
    const budget = await s.journal.document("budgets", `turn/${turn.turnId}`);
    const [started] = await s.events("attempt.started");
    const overrunNanoUsd = 10_007 - (started?.data.reservedNanoUsd ?? 0);
    expect(budget?.value).toEqual({ reservedNanoUsd: 0, spentNanoUsd: 10_007, overrunNanoUsd });
  });

  it("is the whole reservation where the usage cannot be priced", async () => {
    const s = await stage();
    const agent = scripted(s.clock, ["yes"]);
    const flat = createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 1 });
    const port = { agent, incarnation: 1, costing: () => ({ ...flat, costNanoUsd: () => undefined }) };
    await s.run(await s.openTurn(agent, { port }));
    const [started] = await s.events("attempt.started");
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data.costNanoUsd).toBe(started?.data.reservedNanoUsd);
  });

  it("teaches the estimate what the vendor counted", async () => {
    const s = await stage();
    const agent = scripted(s.clock, [{ text: "yes", usage: { ...NO_USAGE, input: 77, output: 1 } }]);
    const seen: number[] = [];
    const flat = createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 1 });
    const calibrate = (_request: unknown, usage: { readonly input: number }) => void seen.push(usage.input);
    await s.run(await s.openTurn(agent, { port: { agent, incarnation: 1, costing: () => ({ ...flat, calibrate }) } }));
    expect(seen).toEqual([77]);
  });
});

describe("what cannot be asked", () => {
  it("fails when the agent has no route", async () => {
    const s = await stage();
    const result = await s.run(await s.openTurn(scripted(s.clock, [], { routes: [] })));
    expect(result).toMatchObject({ kind: "failed", attempts: 0, failure: { code: "NO_CANDIDATE" } });
  });

  it("fails without a call when the price is unknown", async () => {
    const s = await stage();
    const agent = scripted(s.clock, []);
    const flat = createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 1 });
    const port = { agent, incarnation: 1, costing: () => ({ ...flat, costMaxNanoUsd: () => undefined }) };
    const result = await s.run(await s.openTurn(agent, { port }));
    expect(result).toMatchObject({ kind: "failed", attempts: 0, failure: { code: "PRICE_UNKNOWN" } });
    expect(await s.events("attempt.started")).toEqual([]);
  });

  it("fails with the policy's own code when the request cannot be built", async () => {
    const s = await stage();
    const project = async () => {
      throw new PolylogueError("CONTEXT_TOO_LARGE", { message: "too much text" });
    };
    const result = await s.run(await s.openTurn(scripted(s.clock, []), { policy: { ...acceptAll, project } }));
    expect(result).toMatchObject({ kind: "failed", attempts: 0, failure: { code: "CONTEXT_TOO_LARGE" } });
  });

  it("does not hide a fault of the program", async () => {
    const s = await stage();
    const project = async () => {
      throw new TypeError("a bug");
    };
    const turn = await s.openTurn(scripted(s.clock, []), { policy: { ...acceptAll, project } });
    await expect(s.run(turn)).rejects.toThrow("a bug");
  });
});

describe("an agent that breaks its contract", () => {
  const broken = (call: Agent["call"]): Agent => ({ ...scripted({} as never, []), card: scriptedCard("ann"), call });

  it("has failed when it throws, and the call is tried again", async () => {
    const s = await stage();
    let calls = 0;
    const good = scripted(s.clock, ["yes"]);
    const agent = broken(async function* (request, options) {
      if (calls++ === 0) throw new Error("socket gone");
      yield* good.call(request, options);
    });
    expect(await s.run(await s.openTurn(agent))).toEqual({ kind: "answered", attempts: 2 });
    const [settled] = await s.events("attempt.settled");
    expect(settled?.data.failure).toMatchObject({ code: "INTERNAL", reason: "the agent threw: socket gone" });
  });

  it("has failed when it throws what is no error, or ends without an end", async () => {
    const s = await stage();
    let calls = 0;
    const agent = broken(async function* () {
      if (calls++ === 0) throw "text";
      yield { type: "byte" };
    });
    const result = await s.run(await s.openTurn(agent));
    expect(result).toMatchObject({ kind: "failed", attempts: 3, failure: { code: "INTERNAL" } });
    const reasons = (await s.events("attempt.settled")).map(({ data }) => data.failure?.reason);
    expect(reasons[0]).toBe("the agent threw: text");
    expect(reasons[1]).toContain("without an end");
  });
});

it("asks each retry exactly the same", async () => {
  const s = await stage();
  let projections = 0;
  const policy: TurnPolicy = {
    ...acceptAll,
    project: async (context) => {
      projections++;
      return { request: requestOf(context), context: { ranges: [], except: [] } };
    },
  };
  const agent = scripted(s.clock, [{ failure: failureOf("transient") }, "yes"]);
  await s.run(await s.openTurn(agent, { policy }));
  expect(projections).toBe(1);
  expect(agent.requests[0]).toEqual(agent.requests[1]);
});
