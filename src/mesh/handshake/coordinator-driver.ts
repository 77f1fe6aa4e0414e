// Runs one conversation's coordinator: inputs one after the other, facts into the
// journal before a message leaves, deadlines and repetitions by the clock.
import { PolylogueError } from "../../domain/errors.ts";
import { type AgentId, COORDINATOR, type ConversationId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { Decision, DecisionView, Journal } from "../../journal/journal.ts";
import type { CancelTimer, Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Lease } from "../../storage/store.ts";
import type { Bus } from "../bus/bus.ts";
import { coordinatorSubject, portSubject } from "../bus/subjects.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import type { LocalHealth } from "../registry/local-health.ts";
import {
  type CoordinatorInput,
  type CoordinatorState,
  type HandshakeFact,
  SILENT,
  startCoordinator,
  stepCoordinator,
} from "./coordinator-machine.ts";
import type { Requirements } from "./entry.ts";
import type { PortMessage, Problem, View } from "./protocol.ts";
import { readView, VIEWS_COLLECTION, type ViewDocument } from "./view-documents.ts";

export interface CoordinatorOptions {
  readonly conversationId: ConversationId;
  readonly lease: Lease;
  /** What the journal holds of the conversation's views. */
  readonly durable: ViewDocument | undefined;
  readonly journal: Journal;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly health: LocalHealth;
  readonly limits: MeshLimits;
  readonly log: Log;
}

/** How a round of the handshake ended. */
export interface Convened {
  /** Undefined when nobody was left. */
  readonly view: View | undefined;
  readonly refused: readonly { readonly agent: AgentId; readonly problem: Problem }[];
}

export interface Coordinator {
  /** Shakes hands with these agents from the start; settles when a view is in force, or nobody is left. */
  convene(agents: readonly AgentId[], requirements: Requirements): Promise<Convened>;
  /** Takes a member out; settles when the next view is in force. */
  depart(agent: AgentId): Promise<Convened>;
  close(): void;
}

export function createCoordinator(options: CoordinatorOptions): Coordinator {
  return new CoordinatorDriver(options);
}

class CoordinatorDriver implements Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #unsubscribe: () => void;
  readonly #waiting = new Set<PromiseWithResolvers<Convened>>();
  #state: CoordinatorState;
  #refused: { agent: AgentId; problem: Problem }[] = [];
  #queue: Promise<void> = Promise.resolve();
  #failure: unknown;
  #cancelDeadline: CancelTimer | undefined;
  #cancelResend: CancelTimer | undefined;

  constructor(options: CoordinatorOptions) {
    const { durable, bus, conversationId } = options;
    this.#options = options;
    this.#state = startCoordinator({ epoch: durable?.epoch ?? 0, installed: durable?.installed });
    this.#unsubscribe = bus.subscribe(coordinatorSubject(conversationId), (message) =>
      this.#feed({ type: "message", message: message as unknown as PortMessage }),
    );
  }

  convene(agents: readonly AgentId[], requirements: Requirements): Promise<Convened> {
    this.#refused = [];
    this.#feed({ type: "convene", agents, requirements });
    return this.#settled();
  }

  depart(agent: AgentId): Promise<Convened> {
    this.#feed({ type: "depart", agent });
    return this.#settled();
  }

  close(): void {
    this.#unsubscribe();
    this.#stop(new PolylogueError("CANCELLED", { message: "the handshake was stopped" }));
  }

  #feed(input: CoordinatorInput): void {
    this.#queue = this.#queue.then(() => this.#step(input)).catch((error: unknown) => this.#fail(error));
  }

  async #step(input: CoordinatorInput): Promise<void> {
    if (this.#failure !== undefined) return;
    const { bus, conversationId } = this.#options;
    const before = this.#state;
    const { state, facts, sends } = stepCoordinator(before, input);
    if (facts.length > 0) await record(this.#options, { facts, state });
    this.#state = state;
    for (const fact of facts) {
      if (fact.type === "refused") this.#refused.push(fact);
      if (fact.type === "departed" && fact.reason === "silent") this.#refused.push({ ...fact, problem: SILENT });
    }
    for (const message of sends) {
      bus.publish(portSubject(conversationId, message.to), message as unknown as JsonValue);
    }
    if (state.phase !== before.phase || state.epoch !== before.epoch) this.#schedule();
    this.#settle();
  }

  /** Resolves when everything fed so far has been done and no handshake is under way. */
  #settled(): Promise<Convened> {
    const waiter = Promise.withResolvers<Convened>();
    this.#queue = this.#queue.then(() => {
      this.#waiting.add(waiter);
      if (this.#failure !== undefined) this.#stop(this.#failure);
      else this.#settle();
    });
    return waiter.promise;
  }

  #settle(): void {
    const { phase, installed } = this.#state;
    if (phase !== "installed" && phase !== "idle") return;
    const convened = { view: phase === "installed" ? installed : undefined, refused: this.#refused };
    for (const waiter of this.#waiting) waiter.resolve(convened);
    this.#waiting.clear();
  }

  /** A coordinator that could not write must not go on: another one may hold the lease. */
  #fail(error: unknown): void {
    const { log, conversationId } = this.#options;
    log.warn("handshake.coordinator-stopped", { conversationId, error });
    this.#stop(error);
  }

  #stop(error: unknown): void {
    this.#failure ??= error;
    this.#stopTimers();
    for (const waiter of this.#waiting) waiter.reject(this.#failure);
    this.#waiting.clear();
  }

  #schedule(): void {
    const { clock, health, limits } = this.#options;
    const { phase } = this.#state;
    this.#stopTimers();
    if (phase !== "gathering" && phase !== "proposed") return;
    const confirmMs = limits.confirmTimeoutMs * (1 + health.score());
    const deadlineMs = phase === "gathering" ? limits.probeTimeoutMs + confirmMs : confirmMs;
    this.#cancelDeadline = clock.setTimer(deadlineMs, () => this.#feed({ type: "deadline" }));
    this.#resendLater();
  }

  #resendLater(): void {
    const { clock, limits } = this.#options;
    this.#cancelResend = clock.setTimer(limits.resendMs, () => {
      this.#feed({ type: "resend" });
      this.#resendLater();
    });
  }

  #stopTimers(): void {
    this.#cancelDeadline?.();
    this.#cancelResend?.();
  }
}

/** One transaction for what one step found out; refused when another coordinator has been at work. */
async function record(
  options: CoordinatorOptions,
  found: { readonly facts: readonly HandshakeFact[]; readonly state: CoordinatorState },
): Promise<void> {
  const { journal, conversationId, lease, durable, clock, limits } = options;
  const deadlineUs = clock.nowUs() + limits.confirmTimeoutMs * (1 + options.health.score()) * 1_000;
  const simulated = found.state.ports.some((port) => port.profile.simulated);
  await journal.append({
    stream: conversationId,
    lease,
    ...(simulated ? { simulated } : {}),
    ...(durable === undefined ? {} : { trace: durable.trace }),
    decide(view: DecisionView): Decision<void> {
      const epoch = readView(view.document(VIEWS_COLLECTION, conversationId))?.epoch ?? 0;
      for (const fact of found.facts) {
        if (fact.type === "proposed" && fact.view.epoch !== epoch + 1) throw foreignEpoch(fact.view.epoch, epoch);
      }
      return { events: found.facts.flatMap((fact) => eventsOf(fact, deadlineUs)), result: undefined };
    },
  });
}

function foreignEpoch(proposed: number, durable: number): PolylogueError {
  return new PolylogueError("STALE_EPOCH", {
    message: `epoch ${proposed} was about to be proposed, but the journal is at epoch ${durable}`,
    mend: "another process shakes hands in this conversation; try again",
  });
}

function refusalOf({ agent, problem: { code, reason } }: Extract<HandshakeFact, { readonly type: "refused" }>) {
  return { agent, code, reason };
}

function eventsOf(fact: HandshakeFact, deadlineUs: number): NewJournalEvent[] {
  const actor = COORDINATOR;
  switch (fact.type) {
    case "refused":
      return [{ kind: "handshake.refused", actor, data: refusalOf(fact) }];
    case "proposed":
      return [{ kind: "handshake.proposed", actor, data: { ...fact.view, deadlineUs } }];
    case "installed": {
      const { epoch, digest, members } = fact.view;
      const confirmed = members.map(
        ({ agent, incarnation }): NewJournalEvent => ({
          kind: "handshake.confirmed",
          actor: agent,
          data: { epoch, digest, agent, incarnation },
        }),
      );
      return [...confirmed, { kind: "handshake.installed", actor, data: { epoch, digest, members } }];
    }
    case "departed": {
      const { agent, incarnation, reason } = fact;
      return [{ kind: "handshake.departed", actor, data: { agent, incarnation, reason } }];
    }
  }
}
