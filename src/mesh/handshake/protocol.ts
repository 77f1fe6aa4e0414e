// PMH/1, the handshake's messages. Ports shake hands, not models: four messages
// a member and epoch (HELLO, ROSTER, CONFIRM, INSTALL), whatever their number.
// Suspicion is the registry's: a port whose lease ran out is suspect, then evicted.
import type { ErrorCode } from "../../domain/errors.ts";
import type { Failure, FailureClass } from "../../domain/failure.ts";
import type { AgentId } from "../../domain/ids.ts";
import type { Member } from "../../domain/journal-event.ts";
import type { NanoUsd } from "../../domain/money.ts";

/** The versions of the protocol that this program speaks. */
export const PROTOCOL_VERSIONS = { min: 1, max: 1 } as const;

export interface PortAddress {
  readonly agent: AgentId;
  readonly incarnation: number;
}

/** Why a member is not let in: protocol first, then what its free calls found. */
export const REFUSAL_CODES = [
  "VERSION",
  "AUTH",
  "CAPABILITY",
  "BUDGET",
  "FULL",
  "STALE_INC",
  "MODEL",
  "PRICE",
  "WINDOW",
  "BINARY",
  "LOGIN",
  "UNREACHABLE",
  "SILENT",
] as const satisfies readonly ErrorCode[];
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What a refusal means for a turn that the refused member had open. */
const REFUSAL_CLASSES: Readonly<Record<RefusalCode, FailureClass>> = {
  VERSION: "request",
  AUTH: "auth",
  CAPABILITY: "request",
  BUDGET: "budget",
  FULL: "request",
  STALE_INC: "transient",
  MODEL: "request",
  PRICE: "request",
  WINDOW: "request",
  BINARY: "request",
  LOGIN: "auth",
  UNREACHABLE: "transient",
  SILENT: "transient",
};

export function failureOfRefusal({ code, reason }: Problem): Failure {
  return { class: REFUSAL_CLASSES[code], code, reason };
}

export interface Problem {
  readonly code: RefusalCode;
  readonly reason: string;
  /** Of `BUDGET`: the smallest budget that would do. */
  readonly neededNanoUsd?: NanoUsd;
}

/** What a port says about itself and its agent. */
export interface PortProfile {
  readonly versions: { readonly min: number; readonly max: number };
  /** SHA-256 of the card's canonical JSON. */
  readonly cardDigest: string;
  /** Protocol features, for example `streaming`. */
  readonly features: readonly string[];
  /** Tokens; absent where unknown. */
  readonly contextTokensMax?: number;
  /** Largest cost of the shortest useful call about what is asked; absent where the price is unknown. */
  readonly callCostNanoUsd?: number;
  /** What the free calls found; empty when all is well. */
  readonly problems: readonly Problem[];
  /** A simulator answers its calls. */
  readonly simulated: boolean;
}

/** What the members of one epoch agree on. */
export interface View {
  readonly epoch: number;
  /** SHA-256 over members and epoch: equal digests, equal views. */
  readonly digest: string;
  readonly version: number;
  /** What every member can do. */
  readonly features: readonly string[];
  readonly members: readonly Member[];
}

/** `nonce` counts a port's HELLOs to one conversation, so that a late answer to an earlier one is recognised. */
export type PortMessage =
  | { readonly type: "HELLO"; readonly from: PortAddress; readonly nonce: number; readonly profile: PortProfile }
  | { readonly type: "CONFIRM"; readonly from: PortAddress; readonly epoch: number; readonly digest: string }
  /** `epoch`: the newest view this port has installed; 0 for none. */
  | { readonly type: "HEARTBEAT"; readonly from: PortAddress; readonly nonce: number; readonly epoch: number }
  | { readonly type: "LEAVE"; readonly from: PortAddress };

export type CoordinatorMessage =
  | { readonly type: "WELCOME"; readonly to: PortAddress; readonly nonce: number; readonly version: number }
  | { readonly type: "REFUSE"; readonly to: PortAddress; readonly nonce: number; readonly problem: Problem }
  | { readonly type: "ROSTER"; readonly to: PortAddress; readonly view: View }
  | { readonly type: "INSTALL"; readonly to: PortAddress; readonly epoch: number; readonly digest: string }
  | { readonly type: "EVICT"; readonly to: PortAddress; readonly nonce: number; readonly reason: string };

export type HandshakeMessage = PortMessage | CoordinatorMessage;
