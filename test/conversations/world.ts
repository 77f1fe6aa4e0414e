// A home in simulated time: a real journal on SQLite in memory, a real mesh,
// scripted agents, and processes that can be killed at any event.
import { createScriptedAgent, type ScriptedAgent } from "../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting, scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import type { ScriptedStep } from "../../src/agents/scripted/scripted-step.ts";
import type { CreateRequest } from "../../src/conversations/lifecycle/create.ts";
import {
  type Conversations,
  type ConversationsOptions,
  createConversations,
} from "../../src/conversations/lifecycle/create-conversations.ts";
import { conversationsProjection } from "../../src/conversations/reading/conversations-projection.ts";
import type { AgentCard } from "../../src/domain/agent-card.ts";
import type { Outcome } from "../../src/domain/decision.ts";
import type { ConversationId } from "../../src/domain/ids.ts";
import type { JournalEvent, JournalEventOf, JournalKind } from "../../src/domain/journal-event.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { createTurnRunner } from "../../src/mesh/attempts/create-turn-runner.ts";
import { createBudgetsProjection } from "../../src/mesh/budgets/budgets-projection.ts";
import { createCostsProjection } from "../../src/mesh/budgets/costs-projection.ts";
import { createMesh } from "../../src/mesh/create-mesh.ts";
import type { Mesh } from "../../src/mesh/mesh.ts";
import { MESH_PROJECTIONS } from "../../src/mesh/mesh-projections.ts";
import { createProgressHub } from "../../src/mesh/progress-hub.ts";
import { createSelector } from "../../src/mesh/selection/selector.ts";
import { createTargets } from "../../src/mesh/selection/targets.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { createIdSource } from "../../src/platform/ids.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";
import type { Store } from "../../src/storage/store.ts";

export interface Process {
  readonly conversations: Conversations;
  readonly mesh: Mesh;
  readonly journal: Journal;
  readonly agents: readonly ScriptedAgent[];
  agent(id: string): ScriptedAgent;
  /** From now on nothing it does takes effect, and nothing it waits for happens. */
  kill(): void;
  close(): Promise<void>;
}

export interface ProcessOptions {
  readonly agents: readonly {
    readonly card: AgentCard;
    readonly steps?: readonly ScriptedStep[];
    readonly otherwise?: ScriptedStep;
    readonly probeFails?: boolean;
  }[];
  readonly conversations?: Partial<ConversationsOptions>;
  /** Killed as soon as the journal holds so many events. */
  readonly killAtPosition?: number;
  readonly prices?: { readonly inputNanoUsdPerToken: number; readonly outputNanoUsdPerToken: number };
}

export interface World {
  readonly clock: VirtualClock;
  readonly store: Store;
  start(options: ProcessOptions): Promise<Process>;
  events(id: ConversationId): Promise<JournalEvent[]>;
  eventsOf<K extends JournalKind>(id: ConversationId, kind: K): Promise<JournalEventOf<K>[]>;
  close(): Promise<void>;
}

export async function createWorld(seed = 1): Promise<World> {
  const clock = createVirtualClock();
  const store = await createSqliteStore({ path: ":memory:", clock });
  const random = createSeededRandom(seed);
  let processes = 0;

  async function start(options: ProcessOptions): Promise<Process> {
    const life = { isAlive: true };
    const own = random.fork(`process/${processes++}`);
    const mortalClock = mortalTime(clock, life);
    const mortal = mortalStore(store, life, options.killAtPosition);
    const ids = createIdSource(mortalClock, own.fork("ids"));
    const journal = await createJournal({
      store: mortal,
      ids,
      clock: mortalClock,
      projections: [...MESH_PROJECTIONS, createBudgetsProjection(), createCostsProjection(), conversationsProjection],
    });
    const targets = createTargets({ clock: mortalClock, random: own.fork("targets") });
    const progress = createProgressHub({ listenersMax: 16 });
    const base = { journal, store: mortal, ids, clock: mortalClock };
    const turnRunner = createTurnRunner({ ...base, random: own.fork("runner"), targets, onProgress: progress.emit });
    const selector = createSelector({ strategy: "score", clock: mortalClock, random: own.fork("selector"), targets });
    const mesh = createMesh({ ...base, turnRunner, selector, progress });
    const agents = options.agents.map(({ card, steps, otherwise, probeFails }) =>
      createScriptedAgent({
        card,
        clock: mortalClock,
        ...(steps === undefined ? {} : { steps }),
        ...(otherwise === undefined ? {} : { otherwise }),
        ...(probeFails === true
          ? {
              probe: {
                ok: false,
                simulated: true,
                failures: [{ code: "AUTH" as const, reason: "the key is refused" }],
              },
            }
          : {}),
      }),
    );
    const costing = createFlatCosting(options.prices ?? { inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 10 });
    await clock.run(Promise.all(agents.map((agent) => mesh.join(agent, { costing: () => costing }))));
    return {
      conversations: createConversations({ ...base, mesh, ...options.conversations }),
      mesh,
      journal,
      agents,
      agent: (id) => {
        const found = agents.find(({ card }) => card.id === id);
        if (found === undefined) throw new Error(`no agent ${id}`);
        return found;
      },
      kill: () => {
        life.isAlive = false;
      },
      close: () => clock.run(mesh.close()),
    };
  }

  async function events(id: ConversationId): Promise<JournalEvent[]> {
    return store.events({ stream: id, after: 0, limit: 10_000 });
  }

  return {
    clock,
    store,
    start,
    events,
    eventsOf: async (id, kind) =>
      (await events(id)).filter((event): event is JournalEventOf<typeof kind> => event.kind === kind),
    close: () => store.close(),
  };
}

interface Life {
  isAlive: boolean;
}

const never = <T>(): Promise<T> => new Promise(() => undefined);

/** A dead process's calls neither change anything nor come back. */
function mortalStore(store: Store, life: Life, killAtPosition = Number.POSITIVE_INFINITY): Store {
  const guard =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (!life.isAlive) return never();
      const result = await call(...args);
      if (life.isAlive && (await store.read((reader) => reader.lastPosition())) >= killAtPosition) life.isAlive = false;
      return life.isAlive ? result : never();
    };
  return {
    transact: guard((work) => store.transact(work as never)) as Store["transact"],
    read: guard((work) => store.read(work as never)) as Store["read"],
    events: guard(store.events),
    body: guard(store.body),
    acquireLease: guard(store.acquireLease),
    releaseLease: guard(store.releaseLease),
    assertLease: store.assertLease,
    readLease: guard(store.readLease),
    onChange: (wake) => store.onChange(() => life.isAlive && wake()),
    close: store.close,
  };
}

function mortalTime(clock: Clock, life: Life): Clock {
  return {
    nowUs: clock.nowUs,
    monotonicUs: clock.monotonicUs,
    setTimer: (delayMs, wake) => clock.setTimer(delayMs, () => life.isAlive && wake()),
    defer: (run) => clock.defer(() => life.isAlive && run()),
  };
}

export const cards = (...ids: string[]): AgentCard[] => ids.map((id) => scriptedCard(id));

export function request(roster: readonly AgentCard[], overrides: Partial<CreateRequest> = {}): CreateRequest {
  return {
    question: "Should this design use one writer thread?",
    attachments: [],
    orchestration: "debate",
    settings: {},
    roster,
    seed: 7,
    budgetNanoUsd: 1_000_000_000,
    configHash: "config",
    simulated: true,
    ...overrides,
  };
}

/** Creates and runs to the end. */
export async function hold(
  world: World,
  process: Process,
  ask: CreateRequest,
): Promise<{ id: ConversationId; outcome: Outcome }> {
  const id = await world.clock.run(process.conversations.create(ask));
  return { id, outcome: await finish(world, process, id) };
}

export async function finish(world: World, process: Process, id: ConversationId): Promise<Outcome> {
  const result = await world.clock.run(process.conversations.run(id));
  if (result.kind !== "ended") throw new Error("the conversation was released");
  return result.outcome;
}

/** Answers ballots by the preferences given, and everything else with words. */
export function voter(
  prefers: (options: readonly string[], text: string) => readonly string[],
  says: (call: number) => string,
  why: (ranking: readonly string[]) => string = () => "it is best supported",
): ScriptedStep {
  return (asked, call) => {
    const schema = asked.answerFormat?.schema as
      | { properties?: Record<string, { enum?: string[]; items?: { enum?: string[] } }> }
      | undefined;
    const ranking = schema?.properties?.ranking?.items?.enum;
    const choice = schema?.properties?.choice?.enum;
    const shown =
      asked.history
        .at(-1)
        ?.parts.map((part) => (part.type === "text" ? part.text : ""))
        .join("\n") ?? "";
    if (ranking !== undefined) {
      const ranked = [...prefers(ranking, shown)];
      return { json: { ranking: ranked, reason: why(ranked) } };
    }
    if (choice !== undefined)
      return { json: { choice: prefers(choice, shown)[0] ?? "", reason: "it is best supported" } };
    return says(call);
  };
}

/** Ranks whoever said `text` first, as far as it is on the ballot. */
export const preferring =
  (text: string) =>
  (options: readonly string[], shown: string): readonly string[] => {
    const favourite = options.find((label) => shown.includes(`<response label="${label}" trust="agent">\n${text}`));
    return favourite === undefined ? options : [favourite, ...options.filter((label) => label !== favourite)];
  };
