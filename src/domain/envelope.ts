// The envelope: who sends what to whom, under which limits. The body is apart,
// content-addressed, so that erasing a body keeps every chain valid.

import type { Route } from "./agent-card.ts";
import type { AgentId, ConversationId, MessageId, Skill, TurnId } from "./ids.ts";
import type { TimestampUs } from "./time.ts";

export type Address =
  | { readonly mode: "unicast"; readonly agent: AgentId }
  | { readonly mode: "multicast"; readonly agents: readonly AgentId[] }
  | { readonly mode: "broadcast" }
  | { readonly mode: "anycast"; readonly skill: Skill };

export type DeliveryMode = Address["mode"];

/**
 * `inform` wants no answer. `request` opens a turn and gets exactly one result.
 * `reply` answers a request. `probe` is answered by the port itself, no model.
 */
export type Intent = "inform" | "request" | "reply" | "probe";

/** Where text came from, highest first; on the way it can only fall. */
export const TRUST_LEVELS = ["system", "operator", "user", "agent", "external"] as const;
export type Trust = (typeof TRUST_LEVELS)[number];

/** Which body in `blobs`, and how large. */
export interface BodyRef {
  /** SHA-256 of the bytes, lower-case hex. */
  readonly hash: string;
  readonly bytes: number;
}

/** A message of another conversation that caused this one. */
export interface MessageRef {
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
}

export interface Envelope {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly from: AgentId;
  /** Of the sender's port, when it sent; 0 for the coordinator and the user. */
  readonly incarnation: number;
  /** The view in which it was accepted; 0 before the first view is installed. */
  readonly epoch: number;
  readonly to: Address;
  /** `to`, resolved when the message was accepted; never the sender itself. */
  readonly recipients: readonly AgentId[];
  readonly intent: Intent;
  readonly body: BodyRef;
  readonly trust: Trust;
  /** After it the message is reported back as expired, never executed late. */
  readonly deadlineUs: TimestampUs;
  readonly inReplyTo?: MessageId;
  /** For a request: the turn it opens. For a reply: the turn it ends. */
  readonly turnId?: TurnId;
  /** 0 inside one conversation, +1 for each conversation crossed. */
  readonly hops: number;
  /** Conversations crossed so far, oldest first. */
  readonly via: readonly ConversationId[];
  readonly parents: readonly MessageRef[];
  /** The root message of a chain across conversations. */
  readonly origin?: MessageRef;
  /** How many further messages this one may cause; taken from its parent's remainder. */
  readonly messagesLeft: number;
  /** Set when a fallback route answered in the agent's name. */
  readonly answeredBy?: Route;
}

export const DELIVERY_STATES = ["accepted", "delivered", "started", "answered", "refused", "expired", "dead"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** States that never change again. An `inform` also rests in `delivered`. */
export const DELIVERY_STATES_FINAL: readonly DeliveryState[] = ["answered", "refused", "expired", "dead"];

export const HOPS_MAX_DEFAULT = 4;
export const MESSAGES_LEFT_DEFAULT = 64;
