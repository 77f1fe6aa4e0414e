// Puts the mesh together: the ports of this process, its coordinators and the
// conversations it serves, over one journal.
import { PolylogueError } from "../domain/errors.ts";
import type { AgentId, ConversationId } from "../domain/ids.ts";
import type { Journal } from "../journal/journal.ts";
import type { CancelTimer, Clock } from "../platform/clock.ts";
import type { IdSource } from "../platform/ids.ts";
import { createSilentLog, type Log } from "../platform/log.ts";
import type { Store } from "../storage/store.ts";
import type { Bus } from "./bus/bus.ts";
import { createInProcessBus } from "./bus/in-process-bus.ts";
import { createConversationService, type LocalService } from "./delivery/conversation-service.ts";
import { drainInbox } from "./delivery/inbox-drain.ts";
import { createSend } from "./delivery/send.ts";
import { proveLinks, withProofs } from "./delivery/verify-links.ts";
import { createHandshakes } from "./handshake/handshakes.ts";
import type { HeldView } from "./handshake/view.ts";
import type { Mesh, ServeRequest } from "./mesh.ts";
import { MESH_LIMITS_DEFAULT, type MeshLimits } from "./mesh-limits.ts";
import { createProgressHub, type ProgressHub } from "./progress-hub.ts";
import { createLocalHealth } from "./registry/local-health.ts";
import { createLocalPorts } from "./registry/local-ports.ts";
import { createMembership } from "./registry/membership.ts";
import { createRegistry } from "./registry/registry.ts";
import type { Selector, TurnRunner } from "./turn-runner.ts";

export interface MeshOptions {
  /** Opened with `MESH_PROJECTIONS` among its projections. */
  readonly journal: Journal;
  readonly store: Store;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly turnRunner: TurnRunner;
  readonly selector: Selector;
  /** Whether the agents that join here are simulated; real unless told. The two never see each other. */
  readonly simulated?: boolean;
  /** An in-process one unless told. */
  readonly bus?: Bus;
  /** Shared with the turn runner, which tells of attempts; an own one unless told. */
  readonly progress?: ProgressHub;
  readonly log?: Log;
  /** Those of `MESH_LIMITS_DEFAULT` unless told. */
  readonly limits?: Partial<MeshLimits>;
}

/** The mesh of this process, with what its own ports hold. */
export interface LocalMesh extends Mesh {
  /** What each port here holds of the conversation: after a handshake all hold the same digest. */
  portViews(conversationId: ConversationId): HeldView[];
}

/** With few services a commit elsewhere wakes them at once; with many, less often, so that wake-ups stay cheap. */
const WAKE_MS_MIN = 20;
const WAKE_MS_PER_SERVICE = 2;

export function createMesh(options: MeshOptions): LocalMesh {
  const limits: MeshLimits = { ...MESH_LIMITS_DEFAULT, ...options.limits };
  const log = options.log ?? createSilentLog();
  const progress = options.progress ?? createProgressHub({ listenersMax: limits.progressListenersMax, log });
  const bus = options.bus ?? createInProcessBus({ clock: options.clock, log });
  const base = { ...options, limits, log, progress, bus, ports: createLocalPorts(), health: createLocalHealth() };
  const registry = createRegistry({ ...options, portsMax: limits.registryAgentsMax });
  const services = new Map<ConversationId, LocalService>();
  const handshakes = createHandshakes({
    ...base,
    reopen: (agent) => membership.reopen(agent),
    retire: (port) => membership.retire(port),
    served: () => services.keys(),
  });
  const membership = createMembership({
    ...base,
    owner: options.ids.next(),
    onRejoined: async () => {
      await Promise.all([...services.values()].map((service) => service.renewView()));
    },
  });
  const send = createSend({ ...base, registry });
  const stopWaking = wakeOnChange(options, services);

  function serve(request: ServeRequest): LocalService {
    const { conversationId } = request;
    if (services.has(conversationId)) throw servedAlready(conversationId);
    const service = createConversationService({
      ...base,
      serve: request,
      renewView: () => handshakes.renew(request),
      refusalOf: (agent) => handshakes.refusalOf(conversationId, agent),
      onStopped: () => {
        services.delete(conversationId);
        handshakes.release(conversationId);
      },
    });
    services.set(conversationId, service);
    return service;
  }

  async function leave(agent: AgentId, withinMs: number): Promise<void> {
    const incarnations = await membership.drain(agent);
    await Promise.all([...services.values()].map((service) => service.endTurnsOf(agent, withinMs)));
    await membership.leave(agent);
    await handshakes.depart(agent, incarnations);
    for (const service of services.values()) service.wake();
  }

  return {
    registry,
    join: (agent, joining) => membership.join(agent, joining),
    leave,
    handshake: (request) => handshakes.handshake(request),
    async verifyLinks(conversationId) {
      const lease = handshakes.leaseOf(conversationId);
      const report = await handshakes.report(conversationId);
      const proved = await proveLinks(
        {
          ...base,
          conversationId,
          send,
          deliver: async () => {
            if (services.has(conversationId) || lease === undefined) return;
            const refusalOf = (agent: AgentId) => handshakes.refusalOf(conversationId, agent);
            await drainInbox({ ...base, conversationId, lease, refusalOf, isRunning: () => false });
          },
        },
        report.links.filter((link) => link.open),
      );
      return withProofs(report, proved);
    },
    send,
    serve,
    portViews: (conversationId) => handshakes.held(conversationId),
    onProgress: (listener) => progress.subscribe(listener),
    async close() {
      stopWaking();
      await Promise.all([...services.values()].map((service) => service.stop("the mesh is closing")));
      handshakes.close();
      await membership.close();
    },
  };
}

/** Wakes the services after commits, of other processes too, but not for each of many. */
function wakeOnChange(
  { journal, clock }: MeshOptions,
  services: ReadonlyMap<ConversationId, LocalService>,
): () => void {
  let cancel: CancelTimer | undefined;
  const stop = journal.onChange(() => {
    if (services.size === 0) return;
    cancel ??= clock.setTimer(Math.max(WAKE_MS_MIN, services.size * WAKE_MS_PER_SERVICE), () => {
      cancel = undefined;
      for (const service of services.values()) service.wake();
    });
  });
  return () => {
    stop();
    cancel?.();
  };
}

/** Two services would begin each turn twice. */
function servedAlready(conversationId: ConversationId): PolylogueError {
  return new PolylogueError("LEASE_HELD", {
    message: `conversation ${conversationId} is served in this process already`,
    mend: "drain or stop that service first",
  });
}
