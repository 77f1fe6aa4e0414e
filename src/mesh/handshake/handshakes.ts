// The handshakes of this process: one coordinator for each conversation that it
// drives, one port machine for each of its ports in a conversation.
import { PolylogueError } from "../../domain/errors.ts";
import type { AgentId, ConversationId } from "../../domain/ids.ts";
import type { NanoUsd } from "../../domain/money.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Lease } from "../../storage/store.ts";
import type { Bus } from "../bus/bus.ts";
import type { HandshakeReport } from "../mesh.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import type { LocalHealth } from "../registry/local-health.ts";
import type { LocalPorts } from "../registry/local-ports.ts";
import { AGENTS_COLLECTION, REGISTRY_GROUP } from "../registry/registry-documents.ts";
import { unknownAgent } from "../registry/unknown-agent.ts";
import type { PortHandle } from "../turn-runner.ts";
import { assessAgent } from "./assess-agent.ts";
import { type Convened, type Coordinator, createCoordinator } from "./coordinator-driver.ts";
import { createPortDriver, type PortDriver } from "./port-driver.ts";
import type { PortAddress, PortProfile, Problem } from "./protocol.ts";
import { type HeldView, linksOf, memberOf } from "./view.ts";
import { readView, VIEWS_COLLECTION, type ViewDocument, viewInForce } from "./view-documents.ts";

export interface HandshakesOptions {
  readonly journal: Journal;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ports: LocalPorts;
  readonly health: LocalHealth;
  readonly limits: MeshLimits;
  readonly log: Log;
  /** One more port for an agent of this process, under the next incarnation. */
  reopen(agent: AgentId): Promise<PortHandle>;
  /** Ends one of several ports of an agent. */
  retire(port: PortAddress): Promise<void>;
  /** Conversations that are being served in this process. */
  served(): Iterable<ConversationId>;
}

export interface HandshakeRequest {
  readonly conversationId: ConversationId;
  readonly members: readonly AgentId[];
  readonly lease: Lease;
  readonly contextTokensMin?: number;
  readonly budgetNanoUsd?: NanoUsd;
}

export interface Handshakes {
  /** Throws `MEMBERS_COUNT` and `AGENT_UNKNOWN`; rejects with `LEASE_LOST` when another process coordinates. */
  handshake(request: HandshakeRequest): Promise<HandshakeReport>;
  /** Shakes hands again when the view in force knows other ports of its members than this process has. */
  renew(request: { readonly conversationId: ConversationId; readonly lease: Lease }): Promise<void>;
  /** Every conversation coordinated here moves to an epoch without this agent's ports. Never rejects. */
  depart(agent: AgentId, incarnations: readonly number[]): Promise<void>;
  report(conversationId: ConversationId): Promise<HandshakeReport>;
  held(conversationId: ConversationId): HeldView[];
  /** Why this process's newest handshake left the agent out; undefined when it did not. */
  refusalOf(conversationId: ConversationId, agent: AgentId): Problem | undefined;
  leaseOf(conversationId: ConversationId): Lease | undefined;
  /** This process drives the conversation no more. */
  release(conversationId: ConversationId): void;
  close(): void;
}

interface Room {
  readonly lease: Lease;
  readonly coordinator: Coordinator;
  readonly ports: Map<AgentId, { readonly handle: PortHandle; readonly driver: PortDriver }>;
  /** Under which the newest handshake began. */
  handles: readonly PortHandle[];
  refused: Convened["refused"];
}

export function createHandshakes(options: HandshakesOptions): Handshakes {
  return new LocalHandshakes(options);
}

class LocalHandshakes implements Handshakes {
  readonly #options: HandshakesOptions;
  readonly #rooms = new Map<ConversationId, Room>();

  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  async handshake(request: HandshakeRequest): Promise<HandshakeReport> {
    const { limits } = this.#options;
    const members = [...new Set(request.members)];
    assertCount(members.length, limits.membersMax);
    for (const agent of members) await assertRegistered(this.#options, agent);
    const room = await this.#roomFor(request);
    try {
      const present = await this.#handlesFor(request.conversationId, members);
      room.handles = present;
      const absent = members.filter((agent) => !present.some((handle) => handle.agent.card.id === agent));
      const convened = room.coordinator.convene(
        present.map((handle) => handle.agent.card.id),
        requirementsOf(request, limits),
      );
      // Awaited below; until then a rejection must not count as unheard.
      convened.catch(() => undefined);
      await Promise.all(present.map((handle) => this.#begin(room, { handle, request })));
      const { view, refused } = await convened;
      room.refused = [...refused, ...absent.map(notHere)];
      if (view !== undefined) await this.#allInstalled(room, view.epoch);
    } catch (error) {
      this.release(request.conversationId);
      throw error;
    }
    return this.report(request.conversationId);
  }

  async renew(request: { readonly conversationId: ConversationId; readonly lease: Lease }): Promise<void> {
    const { ports } = this.#options;
    const inForce = viewInForce(await this.#durableOf(request.conversationId));
    const here = (inForce?.members ?? []).filter((member) => ports.get(member.agent) !== undefined);
    const isOther = here.some((member) => ports.at(member) === undefined);
    if (isOther) await this.handshake({ ...request, members: here.map((member) => member.agent) });
  }

  async depart(agent: AgentId, incarnations: readonly number[]): Promise<void> {
    const departures = [...this.#rooms].map(async ([conversationId, room]) => {
      const port = room.ports.get(agent);
      if (port === undefined || !incarnations.includes(port.handle.incarnation)) return;
      port.driver.leave();
      try {
        const { view } = await room.coordinator.depart(agent);
        if (view !== undefined) await this.#allInstalled(room, view.epoch);
      } catch (error) {
        // Another process has the conversation: it is its view to move.
        this.#options.log.warn("handshake.departure-unrecorded", { conversationId, agent, error });
        this.release(conversationId);
      }
      port.driver.close();
      room.ports.delete(agent);
    });
    await Promise.all(departures);
  }

  async report(conversationId: ConversationId): Promise<HandshakeReport> {
    const inForce = viewInForce(await this.#durableOf(conversationId));
    const holders = this.held(conversationId).filter(({ agent }) => memberOf(inForce, agent) !== undefined);
    return {
      epoch: inForce?.epoch ?? 0,
      digest: inForce?.digest ?? "",
      members: inForce?.members ?? [],
      links: linksOf(holders),
      refused: (this.#rooms.get(conversationId)?.refused ?? []).map(({ agent, problem }) => ({ agent, ...problem })),
    };
  }

  held(conversationId: ConversationId): HeldView[] {
    return [...(this.#rooms.get(conversationId)?.ports.values() ?? [])].map(({ driver }) => driver.held());
  }

  refusalOf(conversationId: ConversationId, agent: AgentId): Problem | undefined {
    return this.#rooms.get(conversationId)?.refused.find((refused) => refused.agent === agent)?.problem;
  }

  leaseOf(conversationId: ConversationId): Lease | undefined {
    return this.#rooms.get(conversationId)?.lease;
  }

  release(conversationId: ConversationId): void {
    const room = this.#rooms.get(conversationId);
    if (room === undefined) return;
    this.#rooms.delete(conversationId);
    room.coordinator.close();
    for (const { driver } of room.ports.values()) driver.close();
  }

  close(): void {
    for (const conversationId of this.#rooms.keys()) this.release(conversationId);
  }

  async #durableOf(conversationId: ConversationId): Promise<ViewDocument | undefined> {
    return readView(await this.#options.journal.document(VIEWS_COLLECTION, conversationId));
  }

  async #roomFor({ conversationId, lease }: HandshakeRequest): Promise<Room> {
    const before = this.#rooms.get(conversationId);
    if (before?.lease.token === lease.token) return before;
    this.release(conversationId);
    const durable = await this.#durableOf(conversationId);
    const coordinator = createCoordinator({ ...this.#options, conversationId, lease, durable });
    const room: Room = { lease, coordinator, ports: new Map(), handles: [], refused: [] };
    this.#rooms.set(conversationId, room);
    return room;
  }

  /**
   * The members' ports in this process: the one that the view names, or else the
   * newest. Where the view was installed by a process whose port is newer still,
   * ours would be taken for a ghost of before a crash: then it speaks under a new
   * incarnation here, and goes on under the old one in its other conversations.
   */
  async #handlesFor(conversationId: ConversationId, members: readonly AgentId[]): Promise<PortHandle[]> {
    const { ports, reopen } = this.#options;
    const before = (await this.#durableOf(conversationId))?.installed;
    const reopened: AgentId[] = [];
    const handles = await Promise.all(
      members.map(async (agent) => {
        const port = ports.get(agent);
        const member = memberOf(before, agent);
        const named = member && ports.at(member);
        if (port === undefined || named !== undefined) return named;
        if (member === undefined || member.incarnation < port.handle.incarnation) return port.handle;
        reopened.push(agent);
        return reopen(agent);
      }),
    );
    for (const agent of reopened) await this.#retireUnused(agent);
    return handles.filter((handle) => handle !== undefined);
  }

  /** Else a process that outlives many would gather a port for each of them. */
  async #retireUnused(agent: AgentId): Promise<void> {
    const { ports, retire, served } = this.#options;
    const here = new Set([...this.#rooms.keys(), ...served()]);
    const views = await Promise.all([...here].map((conversationId) => this.#durableOf(conversationId)));
    const isUsed = (handle: PortHandle): boolean =>
      views.some((view) => memberOf(view?.installed, agent)?.incarnation === handle.incarnation) ||
      [...this.#rooms.values()].some((room) => room.handles.includes(handle));
    const { handle: newest, handles } = ports.get(agent) ?? { handle: undefined, handles: [] };
    for (const handle of handles) {
      if (handle !== newest && !isUsed(handle)) await retire({ agent, incarnation: handle.incarnation });
    }
  }

  async #begin(
    room: Room,
    { handle, request }: { readonly handle: PortHandle; readonly request: HandshakeRequest },
  ): Promise<void> {
    const profile = await assessAgent(handle, {
      clock: this.#options.clock,
      timeoutMs: this.#options.limits.probeTimeoutMs,
      contextTokensMin: request.contextTokensMin ?? 0,
    });
    this.#driverFor(room, { handle, profile, conversationId: request.conversationId }).begin(profile);
  }

  #driverFor(
    room: Room,
    at: { readonly handle: PortHandle; readonly profile: PortProfile; readonly conversationId: ConversationId },
  ): PortDriver {
    const agent = at.handle.agent.card.id;
    const before = room.ports.get(agent);
    if (before?.handle === at.handle) return before.driver;
    before?.driver.close();
    const address = { agent, incarnation: at.handle.incarnation };
    const { conversationId, profile } = at;
    const { resendMs } = this.#options.limits;
    const driver = createPortDriver({ ...this.#options, conversationId, address, profile, resendMs });
    room.ports.set(agent, { handle: at.handle, driver });
    return driver;
  }

  /** The view is in force already; ports that missed its INSTALL ask for it. This waits for them, not for ever. */
  async #allInstalled(room: Room, epoch: number): Promise<void> {
    const { clock, limits } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = clock.setTimer(limits.confirmTimeoutMs, resolve);
    const drivers = [...room.ports.values()].map(({ driver }) => driver);
    const waits = drivers
      .filter((driver) => driver.state().confirmed?.epoch === epoch)
      .map((driver) => driver.installed(epoch));
    await Promise.race([Promise.all(waits), late]);
    cancel();
  }
}

function requirementsOf(request: HandshakeRequest, limits: MeshLimits) {
  const { contextTokensMin, budgetNanoUsd } = request;
  return {
    membersMax: limits.membersMax,
    ...(contextTokensMin === undefined ? {} : { contextTokensMin }),
    ...(budgetNanoUsd === undefined ? {} : { budgetNanoUsd }),
  };
}

function assertCount(count: number, membersMax: number): void {
  if (count >= 1 && count <= membersMax) return;
  throw new PolylogueError("MEMBERS_COUNT", {
    message: `a conversation has 1 to ${membersMax} members, not ${count}`,
    mend: "name other members; agents beyond them can still be reached from other conversations",
  });
}

async function assertRegistered({ journal, ports, limits }: HandshakesOptions, agent: AgentId): Promise<void> {
  if (ports.get(agent) !== undefined || (await journal.document(AGENTS_COLLECTION, agent)) !== undefined) return;
  const known = await journal.documents(AGENTS_COLLECTION, { group: REGISTRY_GROUP, limit: limits.registryAgentsMax });
  throw unknownAgent(
    agent,
    known.map((document) => document.key),
  );
}

function notHere(agent: AgentId): Convened["refused"][number] {
  return { agent, problem: { code: "UNREACHABLE", reason: "it has no port in this process" } };
}
