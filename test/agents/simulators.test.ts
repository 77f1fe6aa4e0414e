// Every built-in vendor against its simulator: answers, tools, JSON, free
// probes, and every fault that can be played, in simulated time.
import { describe, expect, it } from "vitest";
import type { AgentEvent, AgentRequest, HistoryTurn } from "../../src/agents/agent.ts";
import { createModelAgent } from "../../src/agents/model-agent.ts";
import { createPriceTable } from "../../src/agents/prices/price-table.ts";
import builtIn from "../../src/agents/prices/prices.json" with { type: "json" };
import { scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import { createTokenCounter, roughTokens } from "../../src/agents/tokens/token-count.ts";
import { createTokenEstimator } from "../../src/agents/tokens/token-estimate.ts";
import { VENDORS } from "../../src/agents/vendors/list.ts";
import { vendorTable } from "../../src/agents/vendors/vendor.ts";
import type { Route } from "../../src/domain/agent-card.ts";
import { textOf } from "../../src/domain/part.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import {
  createSimulators,
  FAULT_KINDS,
  type FaultKind,
  type FaultPlan,
  SIMULATED_VENDORS,
} from "../../src/simulators/index.ts";
import { verifies } from "../requirements.ts";

const prices = createPriceTable();

function stage(faults: FaultPlan = {}, seed = 1) {
  const clock = createVirtualClock();
  const { fetch } = createSimulators({ clock, seed, faults });
  const agent = createModelAgent({
    card: scriptedCard("a"),
    vendors: vendorTable(VENDORS),
    fetch,
    key: () => "a-simulated-key",
    clock,
    prices,
    estimator: createTokenEstimator(createTokenCounter(async () => roughTokens)),
  });
  const collect = async (request: AgentRequest): Promise<AgentEvent[]> => {
    const events: AgentEvent[] = [];
    for await (const event of agent.call(request, { signal: new AbortController().signal })) events.push(event);
    return events;
  };
  const run = (request: AgentRequest) => clock.run(collect(request));
  const done = async (request: AgentRequest) => {
    const last = (await run(request)).at(-1);
    if (last?.type !== "done") throw new Error(`${request.route.model}: ${JSON.stringify(last)}`);
    return last;
  };
  return { agent, clock, run, done };
}

const QUESTION: HistoryTurn = {
  role: "user",
  parts: [
    { type: "text", text: "Should the log use one writer thread?" },
    {
      type: "attachment",
      name: "a.md",
      mediaType: "text/markdown",
      text: "One writer thread keeps the order. It limits the rate.",
    },
  ],
};
const LOOK = {
  name: "look_up",
  description: "Looks up the weather of a city.",
  inputSchema: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
const BALLOT = {
  name: "ballot",
  schema: {
    type: "object",
    properties: { choice: { type: "string", enum: ["A", "B"] }, reason: { type: "string" } },
    required: ["choice", "reason"],
    additionalProperties: false,
  },
};

function requestTo(route: Route, more: Partial<AgentRequest> = {}): AgentRequest {
  return {
    system: "Be brief.",
    history: [QUESTION],
    newTurns: 1,
    sessionKey: "s",
    route,
    outputTokensMax: 800,
    temperature: 0.3,
    seed: 3,
    ...more,
  };
}

const ROUTES: readonly Route[] = [
  ...builtIn.rows
    .filter((row) => (SIMULATED_VENDORS as readonly string[]).includes(row.vendor))
    .map(({ vendor, model }) => ({ vendor, model })),
  { vendor: "deepseek-anthropic", model: "deepseek-flash" },
  { vendor: "deepseek-anthropic", model: "deepseek-v4-pro" },
];

describe.each(ROUTES)("$vendor $model", (route) => {
  it("answers, streamed and whole, and goes on with its own turn", async () => {
    verifies("R2.2", "R7.2");
    for (const stream of [true, false]) {
      const { done } = stage();
      const first = await done(requestTo(route, { stream }));
      expect(first).toMatchObject({ simulated: true, usageEstimated: false });
      expect(textOf(first.parts).length).toBeGreaterThan(10);
      const own: HistoryTurn = {
        role: "assistant",
        parts: first.parts,
        ...(first.opaque === undefined ? {} : { opaque: first.opaque }),
      };
      const history: HistoryTurn[] = [
        QUESTION,
        own,
        { role: "user", parts: [{ type: "text", text: "And if it fails?" }] },
      ];
      expect(await done(requestTo(route, { stream, history }))).toMatchObject({ finishReason: "stop" });
    }
  });

  it("calls a tool, takes its result, and survives losing the opaque blocks", async () => {
    const { done } = stage();
    const asked: HistoryTurn = {
      role: "user",
      parts: [{ type: "text", text: "Use the look_up tool to look up the weather in Paris." }],
    };
    for (const toolChoice of ["auto", "required"] as const) {
      const called = await done(requestTo(route, { history: [asked], tools: [LOOK], toolChoice }));
      expect(called.finishReason).toBe("tool-calls");
      const results = called.parts.flatMap((part) =>
        part.type === "tool-call"
          ? [
              {
                type: "tool-result" as const,
                callId: part.callId,
                tool: part.tool,
                output: { sky: "blue" },
                isError: false,
              },
            ]
          : [],
      );
      const own: HistoryTurn = { role: "assistant", parts: called.parts };
      const kept = called.opaque === undefined ? own : { ...own, opaque: called.opaque };
      for (const turn of [kept, own]) {
        await done(requestTo(route, { history: [asked, turn, { role: "user", parts: results }], tools: [LOOK] }));
      }
    }
  });

  it("answers in the JSON it is asked for", async () => {
    const { done } = stage();
    const { parts } = await done(requestTo(route, { answerFormat: BALLOT }));
    expect(JSON.parse(textOf(parts))).toMatchObject({
      choice: expect.stringMatching(/^[AB]$/),
      reason: expect.any(String),
    });
  });

  it("passes its probe by free calls", async () => {
    const { agent, clock } = stage();
    const probe = await clock.run(agent.probe(route, { signal: new AbortController().signal }));
    expect(probe).toMatchObject({ ok: true, failures: [], simulated: true });
  });
});

/** What each fault must come to: these classes, or `done` where a correct client need not notice. */
const OUTCOMES: Readonly<Record<FaultKind, readonly string[]>> = {
  latency: ["done"],
  rate429: ["rate"],
  rate429Silent: ["rate"],
  spendLimit: ["budget"],
  capacity: ["capacity"],
  server500: ["transient"],
  server502: ["transient"],
  server504: ["transient"],
  server520: ["transient"],
  server524: ["transient"],
  htmlBody: ["transient"],
  truncatedStream: ["transient"],
  reset: ["transient"],
  stall: ["transient"],
  slowDrip: ["done"],
  malformedEvent: ["transient"],
  splitUtf8: ["done"],
  duplicateChunk: ["done", "transient"],
  errorAfter200: ["capacity", "transient", "rate"],
  firstEventError: ["capacity", "transient", "rate"],
  // DeepSeek says that it ran out of resources.
  emptyAnswer: ["transient", "capacity"],
  refusal: ["policy"],
  down: ["transient"],
};
/** The first simulated model of each vendor. */
const ONE_EACH = SIMULATED_VENDORS.map((vendor) => ROUTES.find((route) => route.vendor === vendor)).filter(
  (route) => route !== undefined,
);

describe.each(FAULT_KINDS)("fault %s", (kind) => {
  it.each(ONE_EACH)("at $vendor comes to its class, and ends exactly once", async (route) => {
    for (const stream of [true, false]) {
      for (const seed of [1, 2]) {
        const { run } = stage({ script: [kind] }, seed);
        const events = await run(requestTo(route, { stream }));
        const ends = events.filter((event) => event.type === "done" || event.type === "error");
        expect(ends).toEqual([events.at(-1)]);
        const [end] = ends;
        expect(OUTCOMES[kind], `${stream ? "streamed" : "whole"}, seed ${seed}: ${JSON.stringify(end)}`).toContain(
          end?.type === "error" ? end.failure.class : "done",
        );
        if (kind === "rate429" && end?.type === "error") expect(end.failure.retryAfterMs).toBe(2_000);
      }
    }
  });
});
