// Three agents of three vendors over their real wires, against simulators with
// faults, behind a real mesh on a real journal, all in simulated time: users who
// ask for a skill, again and again.
import { createModelAgent } from "../../src/agents/model-agent.ts";
import { createPriceTable } from "../../src/agents/prices/price-table.ts";
import { createRouteCosting } from "../../src/agents/route-costing.ts";
import { createTokenCounter } from "../../src/agents/tokens/token-count.ts";
import { createTokenEstimator } from "../../src/agents/tokens/token-estimate.ts";
import { VENDORS } from "../../src/agents/vendors/list.ts";
import { type VendorRecord, vendorTable } from "../../src/agents/vendors/vendor.ts";
import type { AgentCard, Route } from "../../src/domain/agent-card.ts";
import type { Address } from "../../src/domain/envelope.ts";
import type { Failure } from "../../src/domain/failure.ts";
import type { AgentId, ConversationId, TurnId } from "../../src/domain/ids.ts";
import type { JournalEvent } from "../../src/domain/journal-event.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import { createTurnRunner } from "../../src/mesh/attempts/create-turn-runner.ts";
import { createBudgetsProjection } from "../../src/mesh/budgets/budgets-projection.ts";
import { createMesh } from "../../src/mesh/create-mesh.ts";
import type { TurnPolicy } from "../../src/mesh/mesh.ts";
import { MESH_PROJECTIONS } from "../../src/mesh/mesh-projections.ts";
import { createSelector } from "../../src/mesh/selection/selector.ts";
import { STRATEGY_DEFAULT } from "../../src/mesh/selection/strategies.ts";
import { createTargets } from "../../src/mesh/selection/targets.ts";
import { sleep } from "../../src/platform/clock.ts";
import { createIdSource } from "../../src/platform/ids.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import {
  createSimulators,
  type FaultKind,
  type FaultPlan,
  type SimulatedVendor,
  type Simulators,
} from "../../src/simulators/index.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import { conversationLease, type Lease } from "../../src/storage/store.ts";

export interface FaultRun {
  readonly seed: number;
  readonly faults: FaultPlan;
  readonly turns: number;
  /** Whom every turn asks; an anycast by skill unless told. */
  readonly to?: Address;
}

export interface TurnRecord {
  readonly turnId: TurnId;
  /** Vendors of its attempts, in order. */
  readonly vendors: readonly string[];
  /** Whose answer it is; undefined where there was none. */
  readonly answeredBy: AgentId | undefined;
  readonly failure: Failure | undefined;
  /** How many results it had; exactly one is right. */
  readonly results: number;
  /** Position of its request in the whole journal. */
  readonly from: number;
}

export interface FaultOutcome {
  readonly turns: readonly TurnRecord[];
  readonly events: readonly JournalEvent[];
  /** Faults that each vendor's simulator played, by kind. */
  readonly faults: Readonly<Record<SimulatedVendor, ReadonlySet<FaultKind>>>;
  readonly simulatedSeconds: number;
}

export const AGENTS = {
  claude: { vendor: "anthropic", model: "claude-sonnet-5-5" },
  gemini: { vendor: "google", model: "gemini-3.8-flash" },
  deepseek: { vendor: "deepseek", model: "deepseek-v4-pro" },
} as const satisfies Record<AgentId, Route>;

/** People who ask at the same time; each waits for the answer, then thinks a while. */
const USERS = 8;
const THINK_MS_MAX = 1_000;
const TURN_DEADLINE_US = 600_000_000;
const BUDGET_NANO_USD = 1_000_000_000_000;

export async function runFaults(run: FaultRun): Promise<FaultOutcome> {
  const clock = createVirtualClock();
  const random = createSeededRandom(run.seed);
  const ids = createIdSource(clock, random.fork("ids"));
  const store = await createSqliteStore({ path: ":memory:", clock });
  const projections = [...MESH_PROJECTIONS, createBudgetsProjection()];
  const journal = await createJournal({ store, ids, clock, projections });
  const simulators = createSimulators({
    clock,
    seed: run.seed,
    faults: run.faults,
    latency: { firstContentMs: 400, perTokenMs: 0, jitterShare: 0.5 },
    requestLogMax: 2 * run.turns,
  });
  const targets = createTargets({ clock, random: random.fork("targets") });
  const mesh = createMesh({
    journal,
    store,
    ids,
    clock,
    turnRunner: createTurnRunner({
      journal,
      ids,
      clock,
      random: random.fork("runner"),
      targets,
      onProgress: () => undefined,
    }),
    selector: createSelector({ strategy: STRATEGY_DEFAULT, targets, clock, random: random.fork("selector") }),
  });
  const vendors = vendorTable(VENDORS);
  const prices = createPriceTable();
  const estimator = createTokenEstimator(createTokenCounter());
  const agents = Object.entries(AGENTS).map(([id, route]) =>
    createModelAgent({
      card: cardOf(id, route),
      vendors,
      fetch: simulators.fetch,
      key: () => "simulated",
      clock,
      prices,
      estimator,
      simulated: true,
    }),
  );
  const costing = (route: Route) =>
    createRouteCosting({ route, vendor: vendors.get(route.vendor) as VendorRecord, prices, estimator, clock });

  const waiting = new Map<TurnId, () => void>();

  async function openConversation(): Promise<{ readonly conversationId: ConversationId; readonly lease: Lease }> {
    const conversationId = ids.next();
    const name = conversationLease(conversationId);
    const lease = await store.acquireLease({ name, owner: "test", ttlMs: 1e9, nowUs: clock.nowUs() });
    if (lease === undefined) throw new Error("no lease");
    const question = journal.encodeBody("the question");
    const data = {
      question: question.ref,
      attachments: [],
      orchestration: "none",
      settings: {},
      roster: [],
      seed: run.seed,
      budgetNanoUsd: BUDGET_NANO_USD,
      deadlineUs: clock.nowUs() + 1_000 * TURN_DEADLINE_US,
      configHash: "default",
    };
    await journal.append({
      stream: conversationId,
      simulated: true,
      decide: () => ({
        events: [{ kind: "conversation.created", actor: "user", data }],
        bodies: [question],
        result: undefined,
      }),
    });
    return { conversationId, lease };
  }

  async function user(conversationId: ConversationId, index: number): Promise<void> {
    const thinking = random.fork(`user/${index}`);
    for (let turn = index; turn < run.turns; turn += USERS) {
      await sleep(clock, thinking.next() * THINK_MS_MAX);
      const turnId = ids.next();
      const ended = new Promise<void>((resolve) => waiting.set(turnId, resolve));
      await mesh.send({
        conversationId,
        from: "coordinator",
        to: run.to ?? { mode: "anycast", skill: "answer" },
        intent: "request",
        parts: [{ type: "text", text: `Question ${turn}: one writer thread, or several?` }],
        trust: "user",
        deadlineUs: clock.nowUs() + TURN_DEADLINE_US,
        turnId,
      });
      await ended;
    }
  }

  /** One reader for all users: resolves each turn that has its result. */
  async function watch(signal: AbortSignal): Promise<void> {
    for await (const event of journal.tail({ after: 0, signal })) {
      if (event.kind === "turn.completed" || event.kind === "turn.failed") waiting.get(event.data.turnId)?.();
    }
  }

  async function everybody(): Promise<void> {
    const stop = new AbortController();
    const watching = watch(stop.signal);
    for (const agent of agents) await mesh.join(agent, { costing });
    const conversation = await openConversation();
    const service = mesh.serve({ ...conversation, policy, budgets: {}, configHash: "default" });
    await service.recover();
    await Promise.all(Array.from({ length: USERS }, (_, index) => user(conversation.conversationId, index)));
    await service.drain(0);
    stop.abort();
    await watching;
    await mesh.close();
  }
  await clock.run(everybody());
  const events: JournalEvent[] = [];
  for (let page = await journal.read({ after: 0, limit: 10_000 }); page.length > 0; ) {
    events.push(...page);
    page = await journal.read({ after: events.at(-1)?.position ?? 0, limit: 10_000 });
  }
  await store.close();
  return {
    events,
    turns: recordsOf(events),
    faults: faultsPlayed(simulators),
    simulatedSeconds: clock.monotonicUs() / 1_000_000,
  };
}

function faultsPlayed({ vendors }: Simulators): FaultOutcome["faults"] {
  const played = (vendor: SimulatedVendor): ReadonlySet<FaultKind> =>
    new Set(
      vendors[vendor]
        .requests()
        .recent.map(({ fault }) => fault)
        .filter((fault) => fault !== undefined),
    );
  return {
    anthropic: played("anthropic"),
    google: played("google"),
    deepseek: played("deepseek"),
    openai: played("openai"),
  };
}

function cardOf(id: AgentId, route: Route): AgentCard {
  return {
    id,
    name: id,
    description: `${id} answers questions`,
    port: "driven",
    skills: ["answer"],
    capabilities: { streaming: true, tools: true, structuredOutput: true },
    limits: {},
    routes: [route],
    fallback: false,
    outputTokensMax: 512,
    quality: 0.5,
  };
}

const policy: TurnPolicy = {
  project: async ({ request, route, conversationId }) => ({
    request: {
      system: "You answer in one sentence.",
      history: [{ role: "user", parts: [{ type: "text", text: `Is request ${request.seq} a good one?` }] }],
      newTurns: 1,
      sessionKey: conversationId,
      route,
      outputTokensMax: 512,
    },
    context: { ranges: [[request.seq, request.seq]], except: [] },
  }),
  interpret: (_context, parts) => ({ kind: "accept", parts }),
};

function recordsOf(events: readonly JournalEvent[]): TurnRecord[] {
  const records = new Map<TurnId, { -readonly [K in keyof TurnRecord]: TurnRecord[K] }>();
  for (const event of events) {
    if (event.kind === "message.accepted" && event.data.envelope.intent === "request") {
      const turnId = String(event.data.envelope.turnId);
      const nothing = { vendors: [], answeredBy: undefined, failure: undefined, results: 0 };
      records.set(turnId, { turnId, from: event.position, ...nothing });
    }
    if (event.kind !== "attempt.started" && event.kind !== "turn.completed" && event.kind !== "turn.failed") continue;
    const record = records.get(event.data.turnId);
    if (record === undefined) throw new Error("a turn without a request");
    if (event.kind === "attempt.started") record.vendors = [...record.vendors, event.data.route.vendor];
    else record.results++;
    if (event.kind === "turn.completed") record.answeredBy = event.data.agent;
    if (event.kind === "turn.failed") record.failure = event.data.failure;
  }
  return [...records.values()];
}

export const unanswered = (turns: readonly TurnRecord[]): TurnRecord[] =>
  turns.filter((turn) => turn.answeredBy === undefined);

export const attemptsPerTurn = (turns: readonly TurnRecord[]): number =>
  turns.reduce((sum, turn) => sum + turn.vendors.length, 0) / turns.length;
