// The ports of this process, and who of them could take an anycast.
import type { AgentId, Skill } from "../../domain/ids.ts";
import type { PortHandle } from "../turn-runner.ts";

export interface LocalPort {
  readonly handle: PortHandle;
  /** No new turns are begun. */
  draining: boolean;
}

export interface LocalPorts {
  get(agent: AgentId): LocalPort | undefined;
  add(handle: PortHandle): void;
  remove(agent: AgentId): void;
  list(): LocalPort[];
  /** Driven ports with the skill that take new turns. */
  withSkill(skill: Skill): PortHandle[];
}

export function createLocalPorts(): LocalPorts {
  const ports = new Map<AgentId, LocalPort>();
  return {
    get: (agent) => ports.get(agent),
    add: (handle) => {
      ports.set(handle.agent.card.id, { handle, draining: false });
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

function isAnycastTarget(card: PortHandle["agent"]["card"], skill: Skill): boolean {
  return card.port === "driven" && card.skills.includes(skill);
}
