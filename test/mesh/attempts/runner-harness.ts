// A turn runner on a real journal (SQLite in memory) in simulated time, with
// scripted agents: the stage of the runner's tests.
import type { Agent } from "../../../src/agents/agent.ts";
import { createScriptedAgent, type ScriptedAgent } from "../../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting, scriptedCard } from "../../../src/agents/scripted/scripted-card.ts";
import type { ScriptedReply, ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import type { AgentCard, Route } from "../../../src/domain/agent-card.ts";
import type { Failure, FailureClass } from "../../../src/domain/failure.ts";
import type { ConversationId } from "../../../src/domain/ids.ts";
import type { JournalEvent, JournalEventOf, JournalKind } from "../../../src/domain/journal-event.ts";
import { createJournal } from "../../../src/journal/create-journal.ts";
import type { Decision, Journal } from "../../../src/journal/journal.ts";
import { createTurnRunner, type TurnRunnerOptions } from "../../../src/mesh/attempts/create-turn-runner.ts";
import { createBudgetsProjection } from "../../../src/mesh/budgets/budgets-projection.ts";
import { createCostsProjection } from "../../../src/mesh/budgets/costs-projection.ts";
import type { Progress, TurnContext, TurnPolicy } from "../../../src/mesh/mesh.ts";
import { createTargets, type Targets } from "../../../src/mesh/selection/targets.ts";
import type { OpenTurn, PortHandle, TurnAnswer, TurnResult, TurnRunner } from "../../../src/mesh/turn-runner.ts";
import { createIdSource, type IdSource } from "../../../src/platform/ids.ts";
import { createSeededRandom, type Random } from "../../../src/platform/random.ts";
import { createVirtualClock, type VirtualClock } from "../../../src/platform/virtual-clock.ts";
import { createSqliteStore } from "../../../src/storage/sqlite/sqlite-store.ts";
import { conversationLease, type Lease, type Store } from "../../../src/storage/store.ts";

export interface Stage {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly store: Store;
  readonly journal: Journal;
  readonly targets: Targets;
  readonly runner: TurnRunner;
  readonly progress: Progress[];
  readonly conversationId: ConversationId;
  readonly lease: Lease;
  /** Another runner on the same journal, as another process would have. */
  anotherRunner(options?: Partial<TurnRunnerOptions>): TurnRunner;
  openTurn(agent: Agent, overrides?: Partial<OpenTurn>): Promise<OpenTurn>;
  /** Starts it; time stands still until somebody moves it. */
  start(turn: OpenTurn, options?: RunOptions): Promise<TurnResult>;
  /** Runs in simulated time until it has ended; several turns run side by side. */
  run(turn: OpenTurn, options?: RunOptions): Promise<TurnResult>;
  runAll(turns: readonly OpenTurn[]): Promise<TurnResult[]>;
  events<K extends JournalKind>(kind: K): Promise<JournalEventOf<K>[]>;
  all(): Promise<JournalEvent[]>;
  newConversation(
    budgetNanoUsd?: number,
    simulated?: boolean,
  ): Promise<{ readonly conversationId: ConversationId; readonly lease: Lease }>;
  close(): Promise<void>;
}

interface RunOptions {
  readonly signal?: AbortSignal;
  readonly runner?: TurnRunner;
  commit?(answer: TurnAnswer): Decision<void>;
}

/** Nano-USD a token, input and output: round numbers that add up by hand. */
const PRICES = { inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 10 };
const BUDGET_NANO_USD = 1_000_000_000;
const TTL_MS = 1_000_000_000;

/** Shows the request's turn id and the repair's instruction; accepts everything. */
export const acceptAll: TurnPolicy = {
  project: async (context) => ({ request: requestOf(context), context: { ranges: [[1, 2]], except: [] } }),
  interpret: (_context, parts) => ({ kind: "accept", parts }),
};

export function requestOf(context: TurnContext) {
  const text = context.repair === undefined ? "the question" : context.repair.instruction;
  return {
    system: "",
    history: [{ role: "user" as const, parts: [{ type: "text" as const, text }] }],
    newTurns: 1,
    sessionKey: context.conversationId,
    route: context.route,
    outputTokensMax: 100,
  };
}

export function scripted(
  clock: VirtualClock,
  steps: readonly ScriptedStep[],
  card: Partial<AgentCard> = {},
): ScriptedAgent {
  return createScriptedAgent({ clock, steps, card: scriptedCard(card.id ?? "ann", card) });
}

export function portOf(agent: Agent, prices = PRICES): PortHandle {
  return { agent, incarnation: 1, costing: () => createFlatCosting(prices) };
}

export async function createStage(seed = 1): Promise<Stage> {
  const clock = createVirtualClock();
  const random = createSeededRandom(seed);
  const ids = createIdSource(clock, random.fork("ids"));
  const store = await createSqliteStore({ path: ":memory:", clock });
  const projections = [createBudgetsProjection(), createCostsProjection()];
  const journal = await createJournal({ store, ids, clock, projections });
  const targets = createTargets({ clock, random: random.fork("targets") });
  const progress: Progress[] = [];
  const base = { journal, ids, clock, random, targets, onProgress: (event: Progress) => progress.push(event) };
  const runner = createTurnRunner(base);

  async function newConversation(budgetNanoUsd = BUDGET_NANO_USD, simulated = true) {
    const conversationId = ids.next();
    const request = { name: conversationLease(conversationId), owner: "test", ttlMs: TTL_MS, nowUs: clock.nowUs() };
    const lease = await store.acquireLease(request);
    if (lease === undefined) throw new Error("no lease");
    const question = journal.encodeBody("the question");
    await journal.append({
      stream: conversationId,
      simulated,
      decide: () => ({
        events: [
          {
            kind: "conversation.created",
            actor: "user",
            data: {
              question: question.ref,
              attachments: [],
              orchestration: "ask",
              settings: {},
              roster: [],
              seed,
              budgetNanoUsd,
              deadlineUs: clock.nowUs() + 3_600_000_000,
              configHash: "config",
            },
          },
        ],
        bodies: [question],
        result: undefined,
      }),
    });
    return { conversationId, lease };
  }
  const { conversationId, lease } = await newConversation();

  async function openTurn(agent: Agent, overrides: Partial<OpenTurn> = {}): Promise<OpenTurn> {
    const turnId = ids.next();
    const stream = overrides.conversationId ?? conversationId;
    const body = journal.encodeBody({ parts: [] });
    const { events } = await journal.append({
      stream,
      decide: () => ({
        events: [
          {
            kind: "message.accepted",
            actor: "coordinator",
            data: {
              envelope: {
                id: ids.next(),
                conversationId: stream,
                from: "coordinator",
                incarnation: 0,
                epoch: 1,
                to: { mode: "unicast", agent: agent.card.id },
                recipients: [agent.card.id],
                intent: "request",
                body: body.ref,
                trust: "user",
                deadlineUs: clock.nowUs() + 600_000_000,
                turnId,
                hops: 0,
                via: [],
                parents: [],
                messagesLeft: 64,
              },
              round: 2,
            },
          },
        ],
        bodies: [body],
        result: undefined,
      }),
    });
    return {
      conversationId: stream,
      turnId,
      request: events[0] as JournalEventOf<"message.accepted">,
      port: portOf(agent),
      lease,
      policy: acceptAll,
      budgets: {},
      configHash: "config",
      deadlineUs: clock.nowUs() + 600_000_000,
      attemptsBefore: 0,
      otherCandidates: 0,
      ...overrides,
    };
  }

  const all = async (): Promise<JournalEvent[]> => {
    const read: JournalEvent[] = [];
    for await (const event of journal.readAll(conversationId)) read.push(event);
    return read;
  };

  const start = (turn: OpenTurn, options: RunOptions = {}): Promise<TurnResult> =>
    (options.runner ?? runner).run(turn, {
      signal: options.signal ?? new AbortController().signal,
      commit: (answer) => options.commit?.(answer) ?? completion(turn, answer, journal),
    });

  return {
    clock,
    random,
    ids,
    store,
    journal,
    targets,
    runner,
    progress,
    conversationId,
    lease,
    anotherRunner: (options) => createTurnRunner({ ...base, ...options }),
    openTurn,
    newConversation,
    start,
    run: (turn, options) => clock.run(start(turn, options)),
    runAll: (turns) => clock.run(Promise.all(turns.map((turn) => start(turn)))),
    events: async (kind) => (await all()).filter((event): event is JournalEventOf<typeof kind> => event.kind === kind),
    all,
    close: () => store.close(),
  };
}

/** What deliveries write when a turn has its answer. */
function completion(turn: OpenTurn, answer: TurnAnswer, journal: Journal): Decision<void> {
  const body = journal.encodeBody({ parts: answer.interpretation.parts as never });
  return {
    events: [
      {
        kind: "turn.completed",
        actor: answer.agent,
        data: {
          turnId: turn.turnId,
          agent: answer.agent,
          messageId: turn.turnId,
          body: body.ref,
          attemptId: answer.attemptId,
          ...(answer.answeredBy === undefined ? {} : { answeredBy: answer.answeredBy }),
        },
      },
    ],
    bodies: [body],
    result: undefined,
  };
}

export function failureOf(kind: FailureClass, extra: Partial<Failure> = {}): Failure {
  return { class: kind, code: `VENDOR_${kind.toUpperCase()}`, reason: `the vendor said ${kind}`, ...extra };
}

/** A scripted call that fails before any content. */
export function fails(kind: FailureClass, extra?: Partial<Failure>): { readonly failure: Failure } {
  return { failure: failureOf(kind, extra) };
}

export const NORTH: Route = { vendor: "north", model: "n-1" };
export const SOUTH: Route = { vendor: "south", model: "s-1" };
/** Its own route is north; it may fall back to south. */
export const FALLS_BACK: Partial<AgentCard> = { fallback: true, routes: [NORTH, SOUTH] };

/** An agent that answers by route: one script for each model. */
export function byModel(clock: VirtualClock, scripts: Readonly<Record<string, readonly ScriptedReply[]>>) {
  const left = new Map(Object.entries(scripts).map(([model, replies]) => [model, [...replies]]));
  return (card: Partial<AgentCard> = FALLS_BACK): ScriptedAgent =>
    createScriptedAgent({
      clock,
      card: scriptedCard("ann", card),
      otherwise: (request) => {
        const reply = left.get(request.route.model)?.shift();
        if (reply === undefined) throw new Error(`${request.route.model} was asked too often`);
        return reply;
      },
    });
}
