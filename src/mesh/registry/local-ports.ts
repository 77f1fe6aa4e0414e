// The ports of this process, and who of them could take an anycast. An agent may
// have several here: after a takeover from a newer process it speaks under a new
// incarnation there, and under the old one in the conversations it had before.
import type { AgentId, Skill } from "../../domain/ids.ts";
import type { PortAddress } from "../handshake/protocol.ts";
import type { PortHandle } from "../turn-runner.ts";

export interface LocalPort {
  /** The newest: under it new handshakes begin. */
  readonly handle: PortHandle;
  /** The newest last. */
  readonly handles: readonly PortHandle[];
  /** No new turns are begun. */
  draining: boolean;
}

export interface LocalPorts {
  get(agent: AgentId): LocalPort | undefined;
  /** The port of exactly this incarnation. */
  at(port: PortAddress): PortHandle | undefined;
  /** The agent's newest from now on; those before it stay. */
  add(handle: PortHandle): void;
  /** One of several. */
  drop(port: PortAddress): void;
  /** All of the agent's. */
  remove(agent: AgentId): void;
  list(): LocalPort[];
  /** Driven ports with the skill that take new turns, the newest of each agent. */
  withSkill(skill: Skill): PortHandle[];
}

export function createLocalPorts(): LocalPorts {
  const ports = new Map<AgentId, AgentPorts>();
  return {
    get: (agent) => ports.get(agent),
    at: ({ agent, incarnation }) => ports.get(agent)?.handles.find((handle) => handle.incarnation === incarnation),
    add(handle) {
      const known = ports.get(handle.agent.card.id);
      if (known === undefined) ports.set(handle.agent.card.id, new AgentPorts(handle));
      else known.handles.push(handle);
    },
    drop({ agent, incarnation }) {
      const known = ports.get(agent);
      if (known !== undefined) known.handles = known.handles.filter((handle) => handle.incarnation !== incarnation);
    },
    remove: (agent) => {
      ports.delete(agent);
    },
    list: () => [...ports.values()],
    withSkill: (skill) =>
      [...ports.values()]
        .filter(({ draining, handle: { agent } }) => !draining && isAnycastTarget(agent.card, skill))
        .map((port) => port.handle),
  };
}

class AgentPorts implements LocalPort {
  handles: PortHandle[];
  draining = false;

  constructor(first: PortHandle) {
    this.handles = [first];
  }

  get handle(): PortHandle {
    // There is always one: the last is never dropped, only removed with its agent.
    return this.handles.at(-1) as PortHandle;
  }
}

function isAnycastTarget(card: PortHandle["agent"]["card"], skill: Skill): boolean {
  return card.port === "driven" && card.skills.includes(skill);
}
