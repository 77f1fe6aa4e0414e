// The port's side of the handshake as a pure function: state and input in, state
// and messages out. One machine for one port in one conversation.
import type { CoordinatorMessage, PortAddress, PortMessage, PortProfile, Problem, View } from "./protocol.ts";
import { memberOf } from "./view.ts";

export type PortPhase = "off" | "hello-sent" | "welcomed" | "confirmed" | "active" | "refused" | "evicted" | "left";

export interface PortState {
  readonly agent: string;
  /** Durable, and higher after every restart: with it alone, lost memory does no harm. */
  readonly incarnation: number;
  readonly phase: PortPhase;
  readonly nonce: number;
  readonly profile: PortProfile;
  /** The newest view this port has agreed to; it may not be in force yet. */
  readonly confirmed: View | undefined;
  readonly installed: View | undefined;
  readonly refusal: Problem | undefined;
}

export type PortInput =
  /** Asks to be let in, or once more. */
  | { readonly type: "begin"; readonly profile: PortProfile }
  | { readonly type: "message"; readonly message: CoordinatorMessage }
  /** Repeats what may have been lost. */
  | { readonly type: "resend" }
  | { readonly type: "leave" };

export interface PortStep {
  readonly state: PortState;
  readonly sends: readonly PortMessage[];
}

export function startPort({ agent, incarnation }: PortAddress, profile: PortProfile): PortState {
  return {
    agent,
    incarnation,
    phase: "off",
    nonce: 0,
    profile,
    confirmed: undefined,
    installed: undefined,
    refusal: undefined,
  };
}

export function stepPort(state: PortState, input: PortInput): PortStep {
  if (state.phase === "left") return still(state);
  switch (input.type) {
    case "begin":
      return begin(state, input.profile);
    case "message":
      return receive(state, input.message);
    case "resend":
      return resend(state);
    case "leave":
      return { state: { ...state, phase: "left" }, sends: [{ type: "LEAVE", from: addressOf(state) }] };
  }
}

function begin(state: PortState, profile: PortProfile): PortStep {
  const next: PortState = { ...state, phase: "hello-sent", nonce: state.nonce + 1, profile, refusal: undefined };
  return { state: next, sends: [hello(next)] };
}

function receive(state: PortState, message: CoordinatorMessage): PortStep {
  if (message.to.agent !== state.agent || message.to.incarnation !== state.incarnation) return still(state);
  switch (message.type) {
    case "WELCOME":
      return still(isAnswer(state, message.nonce) ? { ...state, phase: "welcomed" } : state);
    case "REFUSE":
      return still(isAnswer(state, message.nonce) ? { ...state, phase: "refused", refusal: message.problem } : state);
    case "ROSTER":
      return confirm(state, message.view);
    case "INSTALL":
      return still(install(state, message));
    case "EVICT":
      return still(message.nonce >= state.nonce && isIn(state) ? { ...state, phase: "evicted" } : state);
  }
}

/** Agrees to a newer view that has this very port in it; a repeated one is agreed to again, an older one never. */
function confirm(state: PortState, view: View): PortStep {
  const isNewer = view.epoch > (state.confirmed?.epoch ?? 0);
  const isRepeated = view.epoch === state.confirmed?.epoch && view.digest === state.confirmed.digest;
  const hasMe = memberOf(view, state.agent)?.incarnation === state.incarnation;
  if (!isIn(state) || !hasMe || !(isNewer || isRepeated)) return still(state);
  const next: PortState = isNewer ? { ...state, phase: "confirmed", confirmed: view } : state;
  return { state: next, sends: [confirmation(next, view)] };
}

/** Only what was confirmed comes into force. */
function install(state: PortState, message: { readonly epoch: number; readonly digest: string }): PortState {
  if (state.phase !== "confirmed") return state;
  if (state.confirmed?.epoch !== message.epoch || state.confirmed.digest !== message.digest) return state;
  return { ...state, phase: "active", installed: state.confirmed };
}

function resend(state: PortState): PortStep {
  switch (state.phase) {
    case "hello-sent":
      return { state, sends: [hello(state)] };
    case "confirmed":
    case "welcomed":
    case "active":
      return { state, sends: [heartbeat(state)] };
    default:
      return still(state);
  }
}

/** In the handshake or past it, and not shut out. */
function isIn(state: PortState): boolean {
  return ["hello-sent", "welcomed", "confirmed", "active"].includes(state.phase);
}

function isAnswer(state: PortState, nonce: number): boolean {
  return state.phase === "hello-sent" && nonce === state.nonce;
}

function addressOf(state: PortState): PortAddress {
  return { agent: state.agent, incarnation: state.incarnation };
}

function hello(state: PortState): PortMessage {
  return { type: "HELLO", from: addressOf(state), nonce: state.nonce, profile: state.profile };
}

function confirmation(state: PortState, view: View): PortMessage {
  return { type: "CONFIRM", from: addressOf(state), epoch: view.epoch, digest: view.digest };
}

function heartbeat(state: PortState): PortMessage {
  return { type: "HEARTBEAT", from: addressOf(state), nonce: state.nonce, epoch: state.installed?.epoch ?? 0 };
}

function still(state: PortState): PortStep {
  return { state, sends: [] };
}
