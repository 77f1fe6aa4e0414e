// The handshake as a model: the product's own two machines, a network that may
// lose, repeat, delay and reorder (a message once sent can be delivered at any
// time, any number of times, or never), and bounded crashes, false suspicions,
// departures and coordinator restarts. What is durable is what the driver writes.
import {
  type CoordinatorInput,
  type CoordinatorState,
  type CoordinatorStep,
  type DurableView,
  startCoordinator,
  stepCoordinator,
} from "../../src/mesh/handshake/coordinator-machine.ts";
import { type PortInput, type PortState, startPort, stepPort } from "../../src/mesh/handshake/port-machine.ts";
import type { HandshakeMessage, PortProfile, View } from "../../src/mesh/handshake/protocol.ts";
import { memberOf } from "../../src/mesh/handshake/view.ts";
import { admitsItsMembersOnly, type History, installedBy, linkViolation } from "./handshake-invariants.ts";
import { Interned, type NumberedStep, union } from "./interned.ts";
import type { Model, Move } from "./model-checker.ts";

export interface Faults {
  readonly crashes: number;
  readonly suspicions: number;
  readonly restarts: number;
  readonly leaves: number;
}

/** Wrong variants of the machines or of what is durable. */
export interface Mutation {
  /** Sees each input of the coordinator before the machine does. */
  input?(state: CoordinatorState, input: CoordinatorInput): CoordinatorInput;
  /** Sees each of its steps afterwards. */
  step?(step: CoordinatorStep): CoordinatorStep;
  /** What the coordinator finds after a restart. */
  durable?(durable: DurableView): DurableView;
  /** The incarnation of a port after a crash. */
  incarnation?(before: number): number;
}

export interface HandshakeModelOptions {
  readonly members: number;
  readonly faults: Faults;
  readonly statesMax: number;
  readonly mutation?: Mutation;
  /** Look for this invariant only. */
  readonly only?: string;
}

/** Interned parts, by index: equal indices, equal parts. */
interface GlobalState {
  readonly coordinator: number;
  readonly ports: readonly number[];
  readonly alive: readonly boolean[];
  /** Numbers of the messages ever sent, ascending. */
  readonly network: readonly number[];
  readonly faults: Faults;
  readonly durable: number;
  readonly history: number;
}

interface PortMove {
  readonly index: number;
  readonly input: PortInput;
  /** The message's number, where the input is one. */
  readonly number?: number;
}

const PROFILE: PortProfile = {
  versions: { min: 1, max: 1 },
  cardDigest: "card",
  features: [],
  problems: [],
  simulated: true,
};

export function handshakeModel(options: HandshakeModelOptions): Model<GlobalState> {
  const world = new HandshakeWorld(options);
  return {
    initial: world.initial(),
    keyOf: (state) =>
      `${state.coordinator}|${state.ports.join()}|${state.alive.join()}|${state.network.join()}|${state.faults.crashes},${state.faults.suspicions},${state.faults.restarts},${state.faults.leaves}|${state.durable}|${state.history}`,
    moves: (state) => world.moves(state),
    isGoal: (state) => world.isGoal(state),
    statesMax: options.statesMax,
  };
}

class HandshakeWorld {
  readonly #options: HandshakeModelOptions;
  readonly #agents: readonly string[];
  readonly #coordinators = new Interned<CoordinatorState>();
  readonly #ports = new Interned<PortState>();
  readonly #messages = new Interned<HandshakeMessage>();
  readonly #durables = new Interned<DurableView>();
  readonly #histories = new Interned<History>();
  readonly #coordinatorSteps = new Map<string, NumberedStep & { readonly step: CoordinatorStep }>();
  readonly #portSteps = new Map<string, NumberedStep & { readonly after: PortState }>();

  constructor(options: HandshakeModelOptions) {
    this.#options = options;
    this.#agents = ["a", "b", "c", "d"].slice(0, options.members);
  }

  initial(): GlobalState {
    const durable: DurableView = { epoch: 0, installed: undefined };
    return {
      coordinator: this.#coordinators.number(startCoordinator(durable)),
      ports: this.#agents.map((agent) => this.#ports.number(startPort({ agent, incarnation: 1 }, PROFILE))),
      alive: this.#agents.map(() => true),
      network: [],
      faults: this.#options.faults,
      durable: this.#durables.number(durable),
      history: this.#histories.number({ newest: {}, digests: {} }),
    };
  }

  *moves(state: GlobalState): Iterable<Move<GlobalState>> {
    yield* this.#environment(state);
    yield* this.#portMoves(state);
    for (const number of state.network) yield* this.#deliver(state, number);
  }

  /** Exactly the live ports share one view. */
  isGoal(state: GlobalState): boolean {
    const coordinator = this.#coordinators.value(state.coordinator);
    const live = this.#agents.filter((_, index) => this.#isLive(state, index));
    const { installed } = this.#durables.value(state.durable);
    if (live.length === 0) return true;
    return (
      coordinator.phase === "installed" &&
      installed?.members.length === live.length &&
      live.every((agent) => {
        const port = this.#portOf(state, agent);
        return (
          port.phase === "active" &&
          port.installed?.digest === installed.digest &&
          memberOf(installed, agent)?.incarnation === port.incarnation
        );
      })
    );
  }

  // ------------------------------------------------------------- environment

  *#environment(state: GlobalState): Iterable<Move<GlobalState>> {
    const coordinator = this.#coordinators.value(state.coordinator);
    const { faults } = state;
    if (coordinator.phase === "idle") {
      const agents = this.#agents.filter((agent) => this.#portOf(state, agent).phase !== "left");
      const requirements = { membersMax: this.#agents.length };
      if (agents.length > 0) yield* this.#coordinate(state, { type: "convene", agents, requirements });
    } else if (faults.restarts > 0) {
      const kept = this.#options.mutation?.durable ?? ((durable: DurableView) => durable);
      const restarted = startCoordinator(kept(this.#durables.value(state.durable)));
      const next = { ...state, coordinator: this.#coordinators.number(restarted) };
      const spent = { ...next, faults: { ...faults, restarts: faults.restarts - 1 } };
      yield this.#judged("coordinator restarts", spent, undefined);
    }
    yield* this.#deadline(state, coordinator);
    if (coordinator.phase !== "installed") return;
    for (const { agent, incarnation } of coordinator.ports) {
      if (!this.#isGone(state, agent, incarnation)) continue;
      yield* this.#coordinate(state, { type: "depart", agent });
    }
  }

  /** A deadline that takes nobody for dead who lives is free; any other is a false suspicion. */
  *#deadline(state: GlobalState, coordinator: CoordinatorState): Iterable<Move<GlobalState>> {
    const gone = (agent: string, incarnation: number): boolean => this.#isGone(state, agent, incarnation);
    let silent: boolean[] = [];
    if (coordinator.phase === "gathering") {
      silent = coordinator.expected.map((agent) => !this.#isLive(state, this.#agents.indexOf(agent)));
    } else if (coordinator.phase === "proposed") {
      const unconfirmed = coordinator.ports.filter((port) => !coordinator.confirmed.includes(port.agent));
      silent = unconfirmed.map((port) => gone(port.agent, port.incarnation));
    }
    if (silent.length === 0) return;
    const isFair = silent.every((isGone) => isGone);
    if (!isFair && state.faults.suspicions === 0) return;
    const { faults } = state;
    const spent = isFair ? state : { ...state, faults: { ...faults, suspicions: faults.suspicions - 1 } };
    yield* this.#coordinate(spent, { type: "deadline" });
  }

  *#portMoves(state: GlobalState): Iterable<Move<GlobalState>> {
    const coordinator = this.#coordinators.value(state.coordinator);
    const { faults } = state;
    for (const [index, agent] of this.#agents.entries()) {
      const port = this.#portOf(state, agent);
      if (port.phase === "left") continue;
      if (state.alive[index] !== true) {
        const incarnation = (this.#options.mutation?.incarnation ?? ((before) => before + 1))(port.incarnation);
        const fresh = this.#ports.number(startPort({ agent, incarnation }, PROFILE));
        const alive = state.alive.with(index, true);
        yield {
          label: `${agent} comes back as ${incarnation}`,
          next: { ...state, alive, ports: state.ports.with(index, fresh) },
        };
        continue;
      }
      const asked = coordinator.phase === "gathering" && coordinator.expected.includes(agent);
      const isOut = ["off", "evicted", "refused"].includes(port.phase) && coordinator.phase !== "idle";
      if (isOut || (asked && port.phase !== "hello-sent")) {
        yield* this.#port(state, { index, input: { type: "begin", profile: PROFILE } });
      }
      if (faults.crashes > 0) {
        // What it held in memory is gone; only its incarnation is durable.
        const blank = this.#ports.number(startPort({ agent, incarnation: port.incarnation }, PROFILE));
        const next = { ...state, alive: state.alive.with(index, false), ports: state.ports.with(index, blank) };
        const spent = { ...next, faults: { ...faults, crashes: faults.crashes - 1 } };
        yield this.#judged(`${agent} crashes`, spent, undefined);
      }
      if (faults.leaves > 0) {
        const next = { ...state, faults: { ...faults, leaves: faults.leaves - 1 } };
        yield* this.#port(next, { index, input: { type: "leave" } });
      }
    }
  }

  *#deliver(state: GlobalState, number: number): Iterable<Move<GlobalState>> {
    const message = this.#messages.value(number);
    if ("from" in message) {
      yield* this.#coordinate(state, { type: "message", message }, number);
      return;
    }
    const index = this.#agents.indexOf(message.to.agent);
    if (state.alive[index] !== true) return;
    yield* this.#port(state, { index, input: { type: "message", message }, number });
  }

  // ------------------------------------------------------------------- steps

  *#coordinate(state: GlobalState, input: CoordinatorInput, sent = -1): Iterable<Move<GlobalState>> {
    const memo = `${state.coordinator}|${sent < 0 ? JSON.stringify(input) : sent}`;
    const made = this.#coordinatorSteps.get(memo) ?? this.#coordinatorStep(state.coordinator, input);
    this.#coordinatorSteps.set(memo, made);
    const network = union(state.network, made.sends);
    if (made.next === state.coordinator && network === state.network) return;
    const durable = made.step.facts.length === 0 ? state.durable : this.#written(state, made.step);
    const next = { ...state, coordinator: made.next, durable, network };
    yield this.#judged(`coordinator: ${describe(input)}`, next, this.#coordinatorViolation(state, made.step));
  }

  #coordinatorStep(number: number, input: CoordinatorInput): NumberedStep & { readonly step: CoordinatorStep } {
    const before = this.#coordinators.value(number);
    const { mutation } = this.#options;
    const right = stepCoordinator(before, mutation?.input?.(before, input) ?? input);
    const step = mutation?.step?.(right) ?? right;
    return { step, next: this.#coordinators.number(step.state), sends: this.#numbersOf(step.sends) };
  }

  *#port(state: GlobalState, at: PortMove): Iterable<Move<GlobalState>> {
    const { index, input } = at;
    const number = state.ports[index] as number;
    const before = this.#ports.value(number);
    const memo = `${number}|${at.number ?? input.type}`;
    const made = this.#portSteps.get(memo) ?? this.#portStep(before, input);
    this.#portSteps.set(memo, made);
    const network = union(state.network, made.sends);
    if (made.next === number && network === state.network) return;
    const moved = { ...state, ports: made.next === number ? state.ports : state.ports.with(index, made.next), network };
    if (made.next === number) {
      yield this.#judged(`${before.agent}: ${describe(input)}`, moved, undefined);
      return;
    }
    const view = made.after.installed;
    if (view === undefined || view === before.installed) {
      yield this.#judged(`${before.agent}: ${describe(input)}`, moved, this.#linkViolation(moved));
      return;
    }
    const { history, violated } = installedBy(this.#histories.value(state.history), made.after, view);
    const next = { ...moved, history: this.#histories.number(history) };
    yield this.#judged(`${before.agent}: ${describe(input)}`, next, violated ?? this.#linkViolation(next));
  }

  #portStep(before: PortState, input: PortInput): NumberedStep & { readonly after: PortState } {
    const { state, sends } = stepPort(before, input);
    return { after: state, next: this.#ports.number(state), sends: this.#numbersOf(sends) };
  }

  #judged(label: string, next: GlobalState, violated: string | undefined): Move<GlobalState> {
    const { only } = this.#options;
    const counts = violated !== undefined && (only === undefined || only === violated);
    return { label, next: this.#pruned(next), ...(counts ? { violated } : {}) };
  }

  /**
   * Without what can't matter any more, so that equal futures are equal states.
   * Only for the right machines: a wrong one may listen to what it should not.
   */
  #pruned(state: GlobalState): GlobalState {
    if (this.#options.mutation !== undefined) return state;
    const network = state.network.filter((number) => !this.#isSpent(state, this.#messages.value(number)));
    const messages = network.map((number) => this.#messages.value(number));
    const installs = new Set(messages.flatMap((message) => (message.type === "INSTALL" ? [message.epoch] : [])));
    const { newest, digests } = this.#histories.value(state.history);
    const kept = Object.entries(digests).filter(([epoch]) => installs.has(Number(epoch)));
    const isSame = kept.length === Object.keys(digests).length;
    const history = isSame ? state.history : this.#histories.number({ newest, digests: Object.fromEntries(kept) });
    return { ...state, network, history };
  }

  /** No receiver will ever act on it again: incarnations, nonces and epochs only rise. */
  #isSpent(state: GlobalState, message: HandshakeMessage): boolean {
    const coordinator = this.#coordinators.value(state.coordinator);
    if ("from" in message) {
      if (message.type === "CONFIRM") {
        return (
          message.epoch < coordinator.epoch ||
          (message.epoch === coordinator.epoch && coordinator.phase === "installed")
        );
      }
      if (message.type === "LEAVE" || state.faults.restarts > 0) return false;
      const { agent, incarnation } = message.from;
      const heard = coordinator.heard.find((other) => other.agent === agent);
      if (heard === undefined) return false;
      return incarnation < heard.incarnation || (incarnation === heard.incarnation && message.nonce <= heard.nonce);
    }
    const index = this.#agents.indexOf(message.to.agent);
    const port = this.#portOf(state, message.to.agent);
    if (!this.#isLive(state, index) || message.to.incarnation < port.incarnation) return true;
    switch (message.type) {
      case "ROSTER":
        return message.view.epoch <= (port.confirmed?.epoch ?? 0);
      case "INSTALL":
        return message.epoch < (port.confirmed?.epoch ?? 0) || message.epoch <= (port.installed?.epoch ?? 0);
      default:
        return message.nonce < port.nonce || port.phase === "evicted";
    }
  }

  /** WELCOME is left out: all it does is end the repetition of HELLO, and this network repeats by itself. */
  #numbersOf(messages: readonly HandshakeMessage[]): number[] {
    return messages.filter((message) => message.type !== "WELCOME").map((message) => this.#messages.number(message));
  }

  /** The journal after the step's facts. */
  #written(state: GlobalState, step: CoordinatorStep): number {
    let durable = this.#durables.value(state.durable);
    for (const fact of step.facts) {
      if (fact.type === "proposed") durable = { ...durable, epoch: fact.view.epoch };
      if (fact.type === "installed") durable = { ...durable, installed: fact.view };
    }
    return this.#durables.number(durable);
  }

  // -------------------------------------------------------------- invariants

  #coordinatorViolation(state: GlobalState, step: CoordinatorStep): string | undefined {
    for (const fact of step.facts) {
      if (fact.type !== "installed") continue;
      const last = this.#durables.value(state.durable).installed;
      if (!fact.view.members.every((member) => this.#hasConfirmed(state, fact.view, member))) return "I4";
      if (last !== undefined && fact.view.epoch <= last.epoch) return "I6";
      if (!admitsItsMembersOnly(fact.view, this.#agents)) return "I5";
    }
    return undefined;
  }

  #hasConfirmed(
    state: GlobalState,
    view: View,
    { agent, incarnation }: { agent: string; incarnation: number },
  ): boolean {
    const { epoch, digest } = view;
    const number = this.#messages.number({ type: "CONFIRM", from: { agent, incarnation }, epoch, digest });
    return state.network.includes(number);
  }

  // ------------------------------------------------------------------ reading

  #linkViolation(state: GlobalState): string | undefined {
    return linkViolation(this.#agents.map((agent) => this.#portOf(state, agent)));
  }

  #portOf(state: GlobalState, agent: string): PortState {
    return this.#ports.value(state.ports[this.#agents.indexOf(agent)] as number);
  }

  #isLive(state: GlobalState, index: number): boolean {
    return state.alive[index] === true && this.#ports.value(state.ports[index] as number).phase !== "left";
  }

  /** This very port will never speak again. */
  #isGone(state: GlobalState, agent: string, incarnation: number): boolean {
    const index = this.#agents.indexOf(agent);
    return !this.#isLive(state, index) || this.#portOf(state, agent).incarnation !== incarnation;
  }
}

function describe(input: CoordinatorInput | PortInput): string {
  if (input.type !== "message") return input.type;
  const { message } = input;
  if ("from" in message) return `${message.type} of ${message.from.agent}/${message.from.incarnation}`;
  return message.type === "ROSTER" ? `ROSTER ${message.view.epoch}` : message.type;
}
