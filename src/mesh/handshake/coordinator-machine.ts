// The coordinator's side of the handshake as a pure function. `facts` must be in
// the journal, in one transaction, before any of `sends` leaves: an epoch that
// was told to a port and then forgotten could be given out twice.
import type { AgentId } from "../../domain/ids.ts";
import { type Requirements, refusalOf } from "./entry.ts";
import {
  type CoordinatorMessage,
  type PortAddress,
  type PortMessage,
  type PortProfile,
  PROTOCOL_VERSIONS,
  type Problem,
  type View,
} from "./protocol.ts";
import { commonFeatures, memberOf, viewDigest } from "./view.ts";

/** A port that was let in and belongs to the next view. */
export interface KnownPort extends PortAddress {
  readonly nonce: number;
  readonly profile: PortProfile;
}

export interface CoordinatorState {
  /** `idle` answers nobody · `gathering` waits for HELLOs · `proposed` waits for CONFIRMs · `installed` rests. */
  readonly phase: "idle" | "gathering" | "proposed" | "installed";
  /** The highest epoch ever proposed; durable. */
  readonly epoch: number;
  readonly requirements: Requirements;
  /** Asked, not heard yet. */
  readonly expected: readonly AgentId[];
  readonly ports: readonly KnownPort[];
  /** The newest HELLO of each agent, whatever became of it. */
  readonly heard: readonly (PortAddress & { readonly nonce: number; readonly problem?: Problem })[];
  readonly proposal: View | undefined;
  /** Who has confirmed the proposal. */
  readonly confirmed: readonly AgentId[];
  readonly installed: View | undefined;
}

export type CoordinatorInput =
  /** Starts over with these agents; each has to say HELLO. */
  | { readonly type: "convene"; readonly agents: readonly AgentId[]; readonly requirements: Requirements }
  | { readonly type: "message"; readonly message: PortMessage }
  /** The present phase has lasted too long: goes on without the silent ones. */
  | { readonly type: "deadline" }
  /** Takes a member out that has left. Whoever was evicted by mistake comes back by a HELLO, under a new incarnation. */
  | { readonly type: "depart"; readonly agent: AgentId }
  /** Repeats what may have been lost. */
  | { readonly type: "resend" };

export type DepartureReason = "left" | "silent";

export type HandshakeFact =
  | { readonly type: "refused"; readonly agent: AgentId; readonly problem: Problem }
  | { readonly type: "proposed"; readonly view: View }
  | { readonly type: "installed"; readonly view: View }
  | ({ readonly type: "departed"; readonly reason: DepartureReason } & PortAddress);

export interface CoordinatorStep {
  readonly state: CoordinatorState;
  readonly facts: readonly HandshakeFact[];
  readonly sends: readonly CoordinatorMessage[];
}

/** What survives a crash: the epoch, and the view in force. */
export interface DurableView {
  readonly epoch: number;
  readonly installed: View | undefined;
}

export function startCoordinator(durable: DurableView): CoordinatorState {
  return {
    phase: "idle",
    epoch: durable.epoch,
    requirements: { membersMax: 0 },
    expected: [],
    ports: [],
    heard: (durable.installed?.members ?? []).map(({ agent, incarnation }) => ({ agent, incarnation, nonce: 0 })),
    proposal: undefined,
    confirmed: [],
    installed: durable.installed,
  };
}

export function stepCoordinator(state: CoordinatorState, input: CoordinatorInput): CoordinatorStep {
  switch (input.type) {
    case "convene":
      return convene(state, input);
    case "message":
      return state.phase === "idle" ? still(state) : receive(state, input.message);
    case "deadline":
      return deadline(state);
    case "depart":
      return depart(state, [input.agent], "left");
    case "resend":
      return { state, facts: [], sends: repeated(state) };
  }
}

function convene(state: CoordinatorState, input: Extract<CoordinatorInput, { type: "convene" }>): CoordinatorStep {
  return still({
    ...state,
    phase: "gathering",
    requirements: input.requirements,
    expected: input.agents,
    ports: [],
    proposal: undefined,
    confirmed: [],
  });
}

function receive(state: CoordinatorState, message: PortMessage): CoordinatorStep {
  switch (message.type) {
    case "HELLO":
      return greet(state, message);
    case "CONFIRM":
      return confirm(state, message);
    case "HEARTBEAT":
      return { state, facts: [], sends: answerHeartbeat(state, message) };
    case "LEAVE":
      return knows(state, message.from) ? depart(state, [message.from.agent], "left") : still(state);
  }
}

// ------------------------------------------------------------------- HELLO

type Hello = Extract<PortMessage, { type: "HELLO" }>;

function greet(state: CoordinatorState, hello: Hello): CoordinatorStep {
  const { from, nonce } = hello;
  const before = state.heard.find((heard) => heard.agent === from.agent);
  if (before !== undefined && from.incarnation < before.incarnation) {
    const problem: Problem = {
      code: "STALE_INC",
      reason: `incarnation ${from.incarnation} of ${from.agent} speaks after incarnation ${before.incarnation}`,
    };
    return { state, facts: [], sends: [{ type: "REFUSE", to: from, nonce, problem }] };
  }
  if (before?.incarnation === from.incarnation && nonce <= before.nonce) {
    return { state, facts: [], sends: answerAgain(state, hello, before.problem) };
  }
  const others = state.ports.filter((port) => port.agent !== from.agent);
  const problem = refusalOf(hello.profile, { requirements: state.requirements, others });
  const heard = [
    ...state.heard.filter((entry) => entry.agent !== from.agent),
    { ...from, nonce, ...(problem === undefined ? {} : { problem }) },
  ];
  const expected = state.expected.filter((agent) => agent !== from.agent);
  if (problem !== undefined) return refuse({ ...state, heard, expected }, { hello, problem });
  const next: CoordinatorState = {
    ...state,
    heard,
    expected,
    ports: [...others, { ...from, nonce, profile: hello.profile }],
  };
  const welcome: CoordinatorMessage = { type: "WELCOME", to: from, nonce, version: spokenBy([hello]) };
  return after([welcome], expected.length === 0 ? propose(next) : still(next));
}

/** The same HELLO once more: its answer was lost, or the bus repeated it. */
function answerAgain(
  state: CoordinatorState,
  { from, nonce }: Hello,
  problem: Problem | undefined,
): CoordinatorMessage[] {
  if (problem !== undefined) return [{ type: "REFUSE", to: from, nonce, problem }];
  const member = memberOf(state.proposal, from.agent);
  if (state.proposal === undefined || member?.incarnation !== from.incarnation) return [];
  return [{ type: "ROSTER", to: from, view: state.proposal }];
}

function refuse(state: CoordinatorState, refused: { hello: Hello; problem: Problem }): CoordinatorStep {
  const { from, nonce } = refused.hello;
  const fact: HandshakeFact = { type: "refused", agent: from.agent, problem: refused.problem };
  const wasIn = state.ports.some((port) => port.agent === from.agent);
  const ports = state.ports.filter((port) => port.agent !== from.agent);
  const next = { ...state, ports };
  const goesOn = state.expected.length === 0 && (wasIn || state.phase === "gathering");
  const step = goesOn ? propose(next) : still(next);
  return {
    state: step.state,
    facts: [fact, ...step.facts],
    sends: [{ type: "REFUSE", to: from, nonce, problem: refused.problem }, ...step.sends],
  };
}

// ------------------------------------------------------- ROSTER and CONFIRM

/** Opens the next epoch with every port that is in. With nobody left there is nothing to agree on. */
function propose(state: CoordinatorState): CoordinatorStep {
  if (state.ports.length === 0) return still({ ...state, phase: "idle", proposal: undefined, confirmed: [] });
  const epoch = state.epoch + 1;
  const ports = [...state.ports].sort((a, b) => (a.agent < b.agent ? -1 : 1));
  const members = ports.map(({ agent, incarnation, profile }) => ({
    agent,
    incarnation,
    cardDigest: profile.cardDigest,
    features: profile.features,
  }));
  const view: View = {
    epoch,
    digest: viewDigest(members, epoch),
    version: spokenBy(ports),
    features: commonFeatures(ports.map((port) => port.profile)),
    members,
  };
  return {
    state: { ...state, phase: "proposed", epoch, proposal: view, confirmed: [] },
    facts: [{ type: "proposed", view }],
    sends: ports.map((to) => ({ type: "ROSTER", to: addressOf(to), view })),
  };
}

function confirm(state: CoordinatorState, message: Extract<PortMessage, { type: "CONFIRM" }>): CoordinatorStep {
  const { proposal } = state;
  const { from } = message;
  if (proposal === undefined || message.epoch !== proposal.epoch || message.digest !== proposal.digest) {
    return still(state);
  }
  if (memberOf(proposal, from.agent)?.incarnation !== from.incarnation) return still(state);
  if (state.phase === "installed") return { state, facts: [], sends: [installFor(from, proposal)] };
  const confirmed = [...state.confirmed.filter((agent) => agent !== from.agent), from.agent].sort();
  if (confirmed.length < proposal.members.length) return still({ ...state, confirmed });
  return {
    state: { ...state, phase: "installed", confirmed, installed: proposal },
    facts: [{ type: "installed", view: proposal }],
    sends: proposal.members.map((member) => installFor(addressOf(member), proposal)),
  };
}

// ------------------------------------------------- heartbeats and departures

function answerHeartbeat(
  state: CoordinatorState,
  { from, nonce, epoch }: Extract<PortMessage, { type: "HEARTBEAT" }>,
): CoordinatorMessage[] {
  if (state.expected.includes(from.agent)) return [];
  if (!knows(state, from)) return [{ type: "EVICT", to: from, nonce, reason: "it is not in the view" }];
  if (state.proposal === undefined) return [];
  if (state.phase === "proposed") return [{ type: "ROSTER", to: from, view: state.proposal }];
  return epoch < state.proposal.epoch
    ? [{ type: "ROSTER", to: from, view: state.proposal }, installFor(from, state.proposal)]
    : [];
}

function deadline(state: CoordinatorState): CoordinatorStep {
  if (state.phase === "gathering") {
    const facts = state.expected.map((agent): HandshakeFact => ({ type: "refused", agent, problem: SILENT }));
    const step = propose({ ...state, expected: [] });
    return { ...step, facts: [...facts, ...step.facts] };
  }
  if (state.phase !== "proposed") return still(state);
  const silent = state.ports.map((port) => port.agent).filter((agent) => !state.confirmed.includes(agent));
  return depart(state, silent, "silent");
}

export const SILENT: Problem = { code: "SILENT", reason: "it did not answer before the deadline" };

/** Takes agents out; what they were in moves to its next epoch. */
function depart(state: CoordinatorState, agents: readonly AgentId[], reason: DepartureReason): CoordinatorStep {
  const gone = state.ports.filter((port) => agents.includes(port.agent));
  const next: CoordinatorState = {
    ...state,
    ports: state.ports.filter((port) => !agents.includes(port.agent)),
    expected: state.expected.filter((agent) => !agents.includes(agent)),
  };
  const changed = gone.length > 0 || next.expected.length < state.expected.length;
  const step = changed && next.expected.length === 0 ? propose(next) : still(next);
  const facts = gone.map((port): HandshakeFact => ({ type: "departed", reason, ...addressOf(port) }));
  const evictions = gone.map(
    (port): CoordinatorMessage => ({ type: "EVICT", to: addressOf(port), nonce: port.nonce, reason }),
  );
  return { state: step.state, facts: [...facts, ...step.facts], sends: [...evictions, ...step.sends] };
}

/** Rosters for those who have not confirmed; installed views are asked for by heartbeat. */
function repeated(state: CoordinatorState): CoordinatorMessage[] {
  const { proposal } = state;
  if (state.phase !== "proposed" || proposal === undefined) return [];
  return proposal.members
    .filter((member) => !state.confirmed.includes(member.agent))
    .map((member) => ({ type: "ROSTER", to: addressOf(member), view: proposal }));
}

/** The newest version that we and all of these speak; entry has made sure that there is one. */
function spokenBy(ports: readonly { readonly profile: PortProfile }[]): number {
  return Math.min(PROTOCOL_VERSIONS.max, ...ports.map((port) => port.profile.versions.max));
}

function knows(state: CoordinatorState, { agent, incarnation }: PortAddress): boolean {
  return state.ports.some((port) => port.agent === agent && port.incarnation === incarnation);
}

function addressOf({ agent, incarnation }: PortAddress): PortAddress {
  return { agent, incarnation };
}

function installFor(to: PortAddress, view: View): CoordinatorMessage {
  return { type: "INSTALL", to, epoch: view.epoch, digest: view.digest };
}

function after(sends: readonly CoordinatorMessage[], step: CoordinatorStep): CoordinatorStep {
  return { ...step, sends: [...sends, ...step.sends] };
}

function still(state: CoordinatorState): CoordinatorStep {
  return { state, facts: [], sends: [] };
}
