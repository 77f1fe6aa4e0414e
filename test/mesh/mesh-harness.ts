// Meshes on one real store (SQLite in memory) in simulated time, with scripted
// agents and a scripted turn runner: the stage of the mesh's tests. A crash is a
// mesh whose store, bus and clock go dead for it alone.
import type { AgentProbe } from "../../src/agents/agent.ts";
import { createScriptedAgent, type ScriptedAgent } from "../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting, scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import type { AgentCard } from "../../src/domain/agent-card.ts";
import { isPolylogueError, PolylogueError } from "../../src/domain/errors.ts";
import type { Failure } from "../../src/domain/failure.ts";
import type { AgentId, ConversationId, StreamId } from "../../src/domain/ids.ts";
import type { JournalEvent, JournalEventOf, JournalKind } from "../../src/domain/journal-event.ts";
import type { Part } from "../../src/domain/part.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { createBudgetsProjection } from "../../src/mesh/budgets/budgets-projection.ts";
import type { Bus } from "../../src/mesh/bus/bus.ts";
import { createInProcessBus } from "../../src/mesh/bus/in-process-bus.ts";
import { createMesh, type LocalMesh } from "../../src/mesh/create-mesh.ts";
import type { ConversationService, Interpretation, Progress, SendRequest, ServeRequest } from "../../src/mesh/mesh.ts";
import type { MeshLimits } from "../../src/mesh/mesh-limits.ts";
import { MESH_PROJECTIONS } from "../../src/mesh/mesh-projections.ts";
import { createProgressHub } from "../../src/mesh/progress-hub.ts";
import type { OpenTurn, Selector, TurnRunner } from "../../src/mesh/turn-runner.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { sleep } from "../../src/platform/clock.ts";
import { createIdSource, type IdSource } from "../../src/platform/ids.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import { conversationLease, type Lease, type Store } from "../../src/storage/store.ts";

/** What an agent does with one turn. */
export type TurnAct =
  | { readonly say: string; readonly afterMs?: number; readonly accept?: Partial<Accept> }
  | { readonly fail: Failure; readonly afterMs?: number }
  /** Until it is aborted. */
  | { readonly hang: true }
  | { readonly throws: Error };
type Accept = Extract<Interpretation, { readonly kind: "accept" }>;

export type Script = (turn: OpenTurn) => TurnAct;

export interface ProcessOptions {
  readonly script?: Script;
  readonly selector?: Selector;
  readonly bus?: Bus;
  readonly simulated?: boolean;
  readonly limits?: Partial<MeshLimits>;
  /** Takes leases of crashed processes at once, as if their time had run out. */
  readonly takesOver?: boolean;
  readonly settleLost?: TurnRunner["settleLost"];
  /** Another runner than the scripted one. */
  runner?(parts: {
    readonly journal: Journal;
    readonly clock: Clock;
    readonly ids: IdSource;
    readonly progress: (progress: Progress) => void;
  }): TurnRunner;
}

/** One process: a mesh, what its runner was asked, and a way to die. */
export interface Process {
  readonly mesh: LocalMesh;
  readonly journal: Journal;
  readonly turns: OpenTurn[];
  join(...agents: (AgentId | AgentCard)[]): Promise<void>;
  /** Takes the conversation over and serves it. */
  serve(conversationId: ConversationId, overrides?: Partial<ServeRequest>): Promise<ConversationService>;
  lease(conversationId: ConversationId): Promise<Lease>;
  /** Shakes hands under a lease of this process. */
  shake(conversationId: ConversationId, members: readonly AgentId[]): ReturnType<LocalMesh["handshake"]>;
  /** Nothing of this process reaches the store, the bus or its timers any more. */
  crash(): void;
}

export interface World {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly ids: IdSource;
  process(options?: ProcessOptions): Promise<Process>;
  /** Runs in simulated time. */
  run<T>(work: Promise<T>): Promise<T>;
  /** Lets simulated time pass. */
  wait(ms: number): Promise<void>;
  events(stream: StreamId): Promise<JournalEvent[]>;
  kinds(stream: StreamId): Promise<JournalKind[]>;
  of<K extends JournalKind>(stream: StreamId, kind: K): Promise<JournalEventOf<K>[]>;
  conversation(): ConversationId;
  close(): Promise<void>;
}

const TTL_MS = 600_000;
const PROJECTIONS = [...MESH_PROJECTIONS, createBudgetsProjection()];

export async function createWorld(seed: number | string = 1): Promise<World> {
  const clock = createVirtualClock();
  const random = createSeededRandom(seed);
  const ids = createIdSource(clock, random);
  const store = await createSqliteStore({ path: ":memory:", clock });
  const alive: Process[] = [];
  const journal = await createJournal({ store, ids, clock, projections: PROJECTIONS });

  async function events(stream: StreamId): Promise<JournalEvent[]> {
    return journal.read({ stream, after: 0, limit: 100_000 });
  }

  return {
    clock,
    store,
    ids,
    async process(options = {}) {
      const made = await createProcess({ clock, store, ids, options });
      alive.push(made);
      return made;
    },
    run: (work) => clock.run(work),
    wait: (ms) => clock.run(sleep(clock, ms)),
    events,
    kinds: async (stream) => (await events(stream)).map((event) => event.kind),
    of: async <K extends JournalKind>(stream: StreamId, kind: K) =>
      (await events(stream)).filter((event): event is JournalEventOf<K> => event.kind === kind),
    conversation: () => ids.next(),
    async close() {
      await clock.run(Promise.all(alive.map((process) => process.mesh.close())));
      await clock.run(store.close());
    },
  };
}

interface ProcessParts {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly ids: IdSource;
  readonly options: ProcessOptions;
}

async function createProcess({ clock: realClock, store: realStore, ids, options }: ProcessParts): Promise<Process> {
  const life = { dead: false };
  const clock = mortalClock(realClock, life);
  const store = mortalStore(realStore, life);
  const bus = options.bus ?? createInProcessBus({ clock });
  const owner = ids.next();
  const turns: OpenTurn[] = [];
  const journal = await createJournal({ store, ids, clock, projections: PROJECTIONS });
  const progress = createProgressHub({ listenersMax: 8 });
  const own = options.runner?.({ journal, clock, ids, progress: progress.emit });
  const mesh = createMesh({
    journal,
    progress,
    store,
    ids,
    clock,
    bus,
    selector: options.selector ?? inOrder,
    turnRunner: own ?? {
      ...scriptedRunner({ journal, clock, ids, turns, script: options.script ?? echo }),
      ...(options.settleLost === undefined ? {} : { settleLost: options.settleLost }),
    },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.simulated === undefined ? {} : { simulated: options.simulated }),
  });

  async function lease(conversationId: ConversationId): Promise<Lease> {
    const name = conversationLease(conversationId);
    const held = options.takesOver === true ? await realStore.readLease(name) : undefined;
    const nowUs = Math.max(clock.nowUs(), (held?.expiresAtUs ?? 0) + 1);
    const taken = await store.acquireLease({ name, owner, ttlMs: TTL_MS, nowUs });
    if (taken === undefined) throw new PolylogueError("LEASE_HELD", { message: "another process drives it" });
    return taken;
  }

  return {
    mesh: { ...mesh, close: async () => (life.dead ? undefined : mesh.close()) },
    journal,
    turns,
    lease,
    async join(...agents) {
      for (const agent of agents) await joinScripted(mesh, agent);
    },
    async serve(conversationId, overrides = {}) {
      const service = mesh.serve({
        conversationId,
        lease: await lease(conversationId),
        policy: acceptAll,
        budgets: {},
        configHash: "config",
        ...overrides,
      });
      await service.recover();
      return service;
    },
    shake: async (conversationId, members) =>
      mesh.handshake({ conversationId, members, lease: await lease(conversationId) }),
    crash() {
      life.dead = true;
    },
  };
}

export function joinScripted(
  mesh: LocalMesh,
  agent: AgentId | AgentCard,
  probe?: AgentProbe,
): Promise<{ readonly incarnation: number }> {
  return mesh.join(scripted(agent, probe), {
    costing: () => createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 10, contextTokensMax: 100_000 }),
  });
}

export function scripted(agent: AgentId | AgentCard, probe?: AgentProbe): ScriptedAgent {
  const card = typeof agent === "string" ? scriptedCard(agent) : agent;
  return createScriptedAgent({ card, ...(probe === undefined ? {} : { probe }) });
}

export const acceptAll: ServeRequest["policy"] = {
  project: () => Promise.reject(new Error("the scripted runner projects nothing")),
  interpret: (_context, parts) => ({ kind: "accept", parts }),
};

/** Everybody, in the order given, always. */
export const inOrder: Selector = { order: (candidates) => [...candidates], nextChanceMs: () => undefined };

/** Answers at once, with its name. */
export const echo: Script = (turn) => ({ say: `${turn.port.agent.card.id} answers` });

export function text(words: string): Part[] {
  return [{ type: "text", text: words }];
}

/** A request of the orchestration to one agent, with a minute's time. */
export function ask(world: World, conversationId: ConversationId, to: AgentId | SendRequest["to"]): SendRequest {
  return {
    conversationId,
    from: "coordinator",
    to: typeof to === "string" ? { mode: "unicast", agent: to } : to,
    intent: "request",
    parts: text("what do you think?"),
    trust: "user",
    deadlineUs: world.clock.nowUs() + 60_000_000,
    turnId: world.ids.next(),
  };
}

export function cardOf(id: AgentId, overrides: Partial<AgentCard> = {}): AgentCard {
  return scriptedCard(id, overrides);
}

// ------------------------------------------------------------ the turn runner

interface RunnerParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly turns: OpenTurn[];
  readonly script: Script;
}

/** One attempt a run, as its script says; settles nothing, because no attempt is journalled. */
function scriptedRunner({ journal, clock, ids, turns, script }: RunnerParts): TurnRunner {
  return {
    settleLost: async () => 0,
    async run(turn, { signal, commit }) {
      turns.push(turn);
      const attempts = turn.attemptsBefore + 1;
      const act = script(turn);
      if ("throws" in act) throw act.throws;
      try {
        if ("hang" in act) await aborted(signal);
        else await sleep(clock, act.afterMs ?? 0, signal);
      } catch {
        return { kind: "stopped", attempts };
      }
      if ("fail" in act) return { kind: "failed", failure: act.fail, attempts };
      const parts = text("say" in act ? act.say : "");
      const interpretation = { kind: "accept" as const, parts, ...("say" in act ? act.accept : {}) };
      const answer = { attemptId: ids.next(), agent: turn.port.agent.card.id, interpretation };
      try {
        await journal.append({
          stream: turn.conversationId,
          lease: turn.lease,
          decide: (view) => commit(answer, view),
        });
        return { kind: "answered", attempts };
      } catch (error) {
        if (!isPolylogueError(error)) throw error;
        return { kind: "stopped", attempts };
      }
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

// ------------------------------------------------------------------ mortality

interface Life {
  dead: boolean;
}

function mortalClock(clock: Clock, life: Life): Clock {
  const whileAlive = (run: () => void) => () => {
    if (!life.dead) run();
  };
  return {
    ...clock,
    setTimer: (delayMs, wake) => clock.setTimer(delayMs, whileAlive(wake)),
    defer: (run) => clock.defer(whileAlive(run)),
  };
}

/** A dead process's calls never come back, as those of a killed one never do. */
function mortalStore(store: Store, life: Life): Store {
  const never = new Promise<never>(() => undefined);
  const alive =
    <A extends readonly unknown[], R>(call: (...parameters: A) => Promise<R>) =>
    async (...parameters: A): Promise<R> => {
      if (life.dead) return never;
      const result = await call(...parameters);
      return life.dead ? never : result;
    };
  return {
    ...store,
    // A transaction that was queued and not yet committed dies with its process.
    transact: (work) =>
      alive(() =>
        store.transact((transaction) => {
          if (life.dead) throw new Error("the process is dead");
          return work(transaction);
        }),
      )(),
    read: (work) => alive(() => store.read(work))(),
    events: alive(store.events),
    body: alive(store.body),
    acquireLease: alive(store.acquireLease),
    releaseLease: alive(store.releaseLease),
    readLease: alive(store.readLease),
  };
}
