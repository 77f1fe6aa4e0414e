// Who is there, over the whole home: the journal's ports, judged by the leases
// that their heartbeats renew. Loose by nature; for discovery and anycast.
import type { AgentId, Skill } from "../../domain/ids.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Registry, RegistryEntry } from "../mesh.ts";
import { PORTS_COLLECTION, type PortDocument, portGroup, portLease, readPort } from "./registry-documents.ts";

export interface RegistryOptions {
  readonly journal: Journal;
  readonly store: Store;
  readonly clock: Clock;
  readonly portsMax: number;
  /** Whose agents: the simulated ones; the real ones unless told. */
  readonly simulated?: boolean;
}

export function createRegistry(options: RegistryOptions): Registry {
  const { journal, store, clock, portsMax, simulated = false } = options;

  async function entriesOf(ports: readonly PortDocument[]): Promise<RegistryEntry[]> {
    const nowUs = clock.nowUs();
    const states = await Promise.all(
      ports.map(async (port) => {
        if (port.state === "draining") return { port, state: port.state };
        const lease = await store.readLease(portLease(port));
        const isLive = (lease?.expiresAtUs ?? port.leaseUntilUs) > nowUs;
        return { port, state: isLive ? ("live" as const) : ("suspect" as const) };
      }),
    );
    const agents = new Map<AgentId, RegistryEntry>();
    for (const { port, state } of states) {
      const before = agents.get(port.agent)?.ports ?? [];
      // The newest port's card speaks for the agent.
      agents.set(port.agent, { card: port.card, ports: [...before, { incarnation: port.incarnation, state }] });
    }
    return [...agents.values()].sort((a, b) => (a.card.id < b.card.id ? -1 : 1));
  }

  async function ports(): Promise<PortDocument[]> {
    const documents = await journal.documents(PORTS_COLLECTION, { group: portGroup(simulated), limit: portsMax });
    return documents.map(readPort);
  }

  return {
    list: async () => entriesOf(await ports()),
    get: async (agent) => (await entriesOf((await ports()).filter((port) => port.agent === agent)))[0],
    withSkill: async (skill: Skill) => entriesOf((await ports()).filter((port) => port.card.skills.includes(skill))),
  };
}
