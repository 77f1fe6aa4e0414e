// One side of a process: a mesh with its ports and conversations, either over
// the network or over simulators of one seed. The two never mix.

import type { Agent, RouteCosting } from "../agents/agent.ts";
import { type Conversations, createConversations } from "../conversations/lifecycle/create-conversations.ts";
import type { Orchestration } from "../conversations/orchestration.ts";
import type { AgentCard, Route } from "../domain/agent-card.ts";
import type { AgentId } from "../domain/ids.ts";
import { nanoFromUsd } from "../domain/money.ts";
import type { Journal } from "../journal/journal.ts";
import { createTurnRunner } from "../mesh/attempts/create-turn-runner.ts";
import { createMesh, type LocalMesh } from "../mesh/create-mesh.ts";
import { MESH_LIMITS_DEFAULT } from "../mesh/mesh-limits.ts";
import { createProgressHub } from "../mesh/progress-hub.ts";
import { createSelector } from "../mesh/selection/selector.ts";
import type { Targets } from "../mesh/selection/targets.ts";
import type { Clock } from "../platform/clock.ts";
import { digestOf } from "../platform/hash.ts";
import type { IdSource } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { Random } from "../platform/random.ts";
import type { Store } from "../storage/store.ts";
import type { AgentFactory } from "./agent-factory.ts";
import type { BudgetsConfig, Config } from "./config/config.ts";
import { describeOwner } from "./owner.ts";

export interface Side {
  readonly mesh: LocalMesh;
  readonly conversations: Conversations;
  /** Whether these cards can be joined: no agent here has the id of one of them and another card. */
  fits(cards: readonly AgentCard[]): boolean;
  /** Gives each card a port, once. */
  join(cards: readonly AgentCard[]): Promise<void>;
  /** Gives its port up, after at most `withinMs` for what it says. Throws `AGENT_UNKNOWN` where it has none here. */
  leave(agent: AgentId, withinMs: number): Promise<void>;
  /** Running turns end first; then the conversations are left to be resumed. */
  close(): Promise<void>;
}

export interface SideOptions {
  readonly factory: AgentFactory;
  readonly simulated: boolean;
  readonly config: Config;
  readonly journal: Journal;
  readonly store: Store;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** What is known of vendors' health and limits, shared by all that ask the same vendors. */
  readonly targets: Targets;
  readonly orchestrations: readonly Orchestration[];
}

export function createSide(options: SideOptions): Side {
  const { factory, config, journal, store, ids, clock, random, log, targets } = options;
  const progress = createProgressHub({ listenersMax: MESH_LIMITS_DEFAULT.progressListenersMax, log });
  const mesh = createMesh({
    journal,
    store,
    ids,
    clock,
    log,
    progress,
    simulated: options.simulated,
    turnRunner: createTurnRunner({
      ...{ journal, ids, clock, random, targets, log },
      limits: { turnMs: config.timeouts.turnMs },
      onProgress: progress.emit,
    }),
    selector: createSelector({ strategy: config.selection.strategy, targets, clock, random }),
  });
  const conversations = createConversations({
    journal,
    store,
    mesh,
    ids,
    clock,
    orchestrations: options.orchestrations,
    describeOwner,
    budgets: budgetLimits(config.budgets),
    limits: { drainMs: config.timeouts.drainMs, deadlineMs: config.timeouts.conversationMs },
  });
  const joined = new Map<
    AgentId,
    { readonly digest: string; readonly agent: Agent; readonly done: Promise<unknown> }
  >();

  function joinOne(card: AgentCard): Promise<unknown> {
    const known = joined.get(card.id);
    if (known !== undefined) return known.done;
    const agent = factory.create(card);
    const costing = (route: Route): RouteCosting => factory.costing(route, card.id);
    // A rule of thumb is no bound, so nothing is reserved before tokens can be counted.
    const done = Promise.all([factory.findKeys(card), factory.ready()]).then(() => mesh.join(agent, { costing }));
    joined.set(card.id, { digest: digestOf(card), agent, done });
    done.catch(() => joined.delete(card.id));
    return done;
  }

  return {
    mesh,
    conversations,
    fits: (cards) => cards.every((card) => (joined.get(card.id)?.digest ?? digestOf(card)) === digestOf(card)),
    join: async (cards) => {
      await Promise.all(cards.map(joinOne));
    },
    leave: async (id, withinMs) => {
      await mesh.leave(id, withinMs);
      const left = joined.get(id);
      joined.delete(id);
      await left?.agent.close();
    },
    close: async () => {
      await conversations.close();
      await mesh.close();
      await Promise.all([...joined.values()].map(({ agent }) => agent.close()));
    },
  };
}

function budgetLimits({ turnUsd, agentUsd, dayUsd }: BudgetsConfig) {
  return {
    ...(turnUsd === undefined ? {} : { turnNanoUsd: nanoFromUsd(turnUsd) }),
    ...(agentUsd === undefined ? {} : { agentNanoUsd: nanoFromUsd(agentUsd) }),
    ...(dayUsd === undefined ? {} : { dayNanoUsd: nanoFromUsd(dayUsd) }),
  };
}
