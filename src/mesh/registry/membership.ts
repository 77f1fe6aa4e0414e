// The ports of this process: how an agent joins, drains and leaves at run time.
import type { Agent } from "../../agents/agent.ts";
import { PolylogueError } from "../../domain/errors.ts";
import { type AgentId, MESH_STREAM } from "../../domain/ids.ts";
import type { PortAddress } from "../handshake/protocol.ts";
import type { JoinOptions } from "../mesh.ts";
import type { PortHandle } from "../turn-runner.ts";
import { createHeartbeats, type HeartbeatOptions } from "./heartbeats.ts";
import type { LocalPort, LocalPorts } from "./local-ports.ts";
import { assertAgentName, decideDraining, decideLeft, decideRegistered } from "./registration.ts";

export interface MembershipOptions extends Omit<HeartbeatOptions, "onLost"> {
  readonly ports: LocalPorts;
  /** Whether the agents here are simulated: what is recorded of them is marked so. Real unless told. */
  readonly simulated?: boolean;
  /** An agent of this process, evicted by another, is back under a new incarnation. */
  onRejoined(agent: AgentId): Promise<void>;
}

export interface Membership {
  /** Throws `USAGE` when the agent has a port here, `FULL` when the registry has its most ports. */
  join(agent: Agent, options: JoinOptions): Promise<{ readonly incarnation: number }>;
  /** From now on no new turns; resolves to the incarnations of its ports. Throws `AGENT_UNKNOWN` when it has none here. */
  drain(agent: AgentId): Promise<readonly number[]>;
  /** One more port for an agent that has one, under the next incarnation. Throws `AGENT_UNKNOWN` when it has left. */
  reopen(agent: AgentId): Promise<PortHandle>;
  /** One of several ports of an agent leaves. */
  retire(port: PortAddress): Promise<void>;
  leave(agent: AgentId): Promise<void>;
  /** Every port leaves the registry. */
  close(): Promise<void>;
}

export function createMembership(options: MembershipOptions): Membership {
  const { journal, clock, limits, ports } = options;
  const heartbeats = createHeartbeats({ ...options, onLost: rejoin });
  const joining = new Set<AgentId>();
  const stream = { stream: MESH_STREAM, simulated: options.simulated ?? false };

  async function register(agent: Agent, { costing }: JoinOptions): Promise<PortHandle> {
    const leaseUntilUs = clock.nowUs() + limits.portLeaseMs * 1_000;
    const { result: incarnation } = await journal.append({
      ...stream,
      decide: (view) => decideRegistered(view, { card: agent.card, leaseUntilUs, portsMax: limits.registryAgentsMax }),
    });
    await heartbeats.add({ agent: agent.card.id, incarnation });
    return { agent, incarnation, costing };
  }

  async function rejoin(lost: PortAddress): Promise<void> {
    const port = ports.get(lost.agent);
    if (port === undefined || port.draining || ports.at(lost) === undefined) return;
    await heartbeats.remove(lost);
    if (port.handle.incarnation === lost.incarnation) await reopen(lost.agent);
    ports.drop(lost);
    await options.onRejoined(lost.agent);
  }

  async function reopen(agent: AgentId): Promise<PortHandle> {
    const port = localPort(agent);
    const handle = await register(port.handle.agent, { costing: port.handle.costing });
    if (ports.get(agent) === port) {
      ports.add(handle);
      return handle;
    }
    await unregister({ agent, incarnation: handle.incarnation });
    throw noPort(agent);
  }

  async function unregister(port: PortAddress): Promise<void> {
    await journal.append({ ...stream, decide: (view) => decideLeft(view, port) });
    await heartbeats.remove(port);
  }

  async function remove({ handle, handles }: LocalPort): Promise<void> {
    const agent = handle.agent.card.id;
    ports.remove(agent);
    for (const { incarnation } of handles) await unregister({ agent, incarnation });
  }

  function localPort(agent: AgentId): LocalPort {
    const port = ports.get(agent);
    if (port !== undefined) return port;
    throw noPort(agent);
  }

  return {
    async join(agent, joinOptions) {
      const { id } = agent.card;
      assertAgentName(id);
      if (joining.has(id) || ports.get(id) !== undefined) throw joinedAlready(id);
      joining.add(id);
      try {
        const handle = await register(agent, joinOptions);
        ports.add(handle);
        return { incarnation: handle.incarnation };
      } finally {
        joining.delete(id);
      }
    },
    async drain(agent) {
      const port = localPort(agent);
      port.draining = true;
      const incarnations = port.handles.map((handle) => handle.incarnation);
      for (const incarnation of incarnations) {
        await journal.append({ ...stream, decide: (view) => decideDraining(view, { agent, incarnation }) });
      }
      return incarnations;
    },
    reopen,
    async retire(port) {
      ports.drop(port);
      await unregister(port);
    },
    leave: (agent) => remove(localPort(agent)),
    async close() {
      await heartbeats.stop();
      await Promise.all(ports.list().map(remove));
    },
  };
}

function noPort(agent: AgentId): PolylogueError {
  return new PolylogueError("AGENT_UNKNOWN", {
    message: `${agent} has no port in this process`,
    mend: "let it leave where it joined",
  });
}

function joinedAlready(agent: AgentId): PolylogueError {
  return new PolylogueError("USAGE", {
    message: `${agent} has a port in this process already`,
    mend: "let it leave first, or give the other agent another name",
  });
}
