// Heartbeats of this process's ports, and its watch over everybody's: one timer
// for all. A beat renews a lease of the store and never grows the journal; only
// an eviction is a fact.

import { MESH_STREAM } from "../../domain/ids.ts";
import type { Journal } from "../../journal/journal.ts";
import type { CancelTimer, Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Lease, Store } from "../../storage/store.ts";
import type { PortAddress } from "../handshake/protocol.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import type { LocalHealth } from "./local-health.ts";
import { decideEvicted } from "./registration.ts";
import {
  PORT_GROUPS,
  PORTS_COLLECTION,
  type PortDocument,
  portKey,
  portLease,
  readPort,
} from "./registry-documents.ts";

export interface HeartbeatOptions {
  readonly journal: Journal;
  readonly store: Store;
  readonly clock: Clock;
  readonly health: LocalHealth;
  /** Names this process as owner of its ports' leases. */
  readonly owner: string;
  readonly limits: MeshLimits;
  readonly log: Log;
  /** Another process took this port for dead: it must not go on under its old incarnation. */
  onLost(port: PortAddress): Promise<void>;
}

export interface Heartbeats {
  /** Takes the port's lease and renews it until `remove`. */
  add(port: PortAddress): Promise<void>;
  remove(port: PortAddress): Promise<void>;
  /** Stops beating; what is under way ends first. */
  stop(): Promise<void>;
}

/** How long a port whose lease ran out stays suspect, in milliseconds; n ports, Lifeguard's logarithm. */
export function suspicionMs(
  limits: MeshLimits,
  watch: { readonly ports: number; readonly healthScore: number },
): number {
  const scaled = 4 * Math.log10(watch.ports + 1) * limits.heartbeatMs;
  return Math.max(limits.suspicionMs, scaled) * (1 + watch.healthScore);
}

export function createHeartbeats(options: HeartbeatOptions): Heartbeats {
  const { clock, limits, store, health } = options;
  const ports = new Map<string, { readonly port: PortAddress; lease: Lease | undefined }>();
  let cancel: CancelTimer | undefined;
  let beating: Promise<void> = Promise.resolve();
  let stopped = false;

  async function renew(entry: { readonly port: PortAddress; lease: Lease | undefined }): Promise<void> {
    entry.lease = await store.acquireLease({
      name: portLease(entry.port),
      owner: options.owner,
      ttlMs: limits.portLeaseMs,
      nowUs: clock.nowUs(),
    });
  }

  async function beat(late: boolean): Promise<void> {
    const own = [...ports.values()];
    await Promise.all(own.map(renew));
    const known = new Set((await registeredPorts(options)).map(portKey));
    for (const { port } of own) if (!known.has(portKey(port))) await options.onLost(port);
    // Whoever wakes late, after a laptop's sleep for example, lets the others beat first.
    if (!late) await evictLost(options);
  }

  function schedule(): void {
    const startedUs = clock.monotonicUs();
    cancel = clock.setTimer(limits.heartbeatMs, () => {
      const late = health.observe(limits.heartbeatMs, (clock.monotonicUs() - startedUs) / 1_000);
      beating = beat(late)
        .catch((error: unknown) => options.log.error("registry.heartbeat-failed", { error }))
        .then(() => {
          if (!stopped) schedule();
        });
    });
  }

  return {
    async add(port) {
      const entry = { port, lease: undefined };
      ports.set(portKey(port), entry);
      await renew(entry);
      if (cancel === undefined && !stopped) schedule();
    },
    async remove(port) {
      const entry = ports.get(portKey(port));
      ports.delete(portKey(port));
      if (entry?.lease !== undefined) await store.releaseLease(entry.lease);
    },
    async stop() {
      stopped = true;
      cancel?.();
      await beating;
    },
  };
}

/** Evicts every port, of whatever process, whose lease ran out longer ago than the suspicion lasts. */
async function evictLost(options: HeartbeatOptions): Promise<void> {
  const { journal, store, clock, limits, health } = options;
  const ports = await registeredPorts(options);
  const graceUs = suspicionMs(limits, { ports: ports.length, healthScore: health.score() }) * 1_000;
  for (const port of ports) {
    const lease = await store.readLease(portLease(port));
    const silentUs = clock.nowUs() - (lease?.expiresAtUs ?? port.leaseUntilUs);
    if (silentUs <= graceUs) continue;
    const reason = `no heartbeat for ${Math.round(silentUs / 1_000)} ms`;
    const { agent, incarnation, simulated } = port;
    await journal.append({
      stream: MESH_STREAM,
      simulated,
      decide: (view) => decideEvicted(view, { agent, incarnation, reason }),
    });
  }
}

/** Real and simulated ones: whoever is there looks after both. */
async function registeredPorts({ journal, limits }: HeartbeatOptions): Promise<PortDocument[]> {
  const ofGroup = (group: string) => journal.documents(PORTS_COLLECTION, { group, limit: limits.registryAgentsMax });
  return (await Promise.all(PORT_GROUPS.map(ofGroup))).flat().map(readPort);
}
