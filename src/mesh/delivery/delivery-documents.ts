// The documents behind deliveries: each accepted message, each of its deliveries
// (unique by message and recipient), what is due, what is dead, each turn.
import type { DeliveryMode, DeliveryState, Intent, MessageRef, Trust } from "../../domain/envelope.ts";
import type { AgentId, ConversationId, MessageId, Skill, TurnId } from "../../domain/ids.ts";
import type { TimestampUs } from "../../domain/time.ts";
import type { TraceContext } from "../../domain/trace.ts";
import { deriveId } from "../../platform/ids.ts";
import type { StoredDocument } from "../../storage/store.ts";

/** By message; grouped by conversation, ordered by seq. */
export const MESSAGES_COLLECTION = "mesh-messages";
/** By delivery; grouped by conversation, ordered by the message's seq. */
export const DELIVERIES_COLLECTION = "mesh-deliveries";
/** Deliveries that somebody still has to do something about; grouped and ordered as above. */
export const INBOX_COLLECTION = "mesh-inbox";
/** Deliveries that were given up; one group, ordered by time. */
export const DEAD_COLLECTION = "mesh-dead";
/** By turn; grouped by conversation, ordered by seq. */
export const TURNS_COLLECTION = "mesh-turns";
/** By origin and target: a message enters a conversation once, by whatever route. */
export const CROSSINGS_COLLECTION = "mesh-crossings";

export interface MessageDocument {
  readonly conversationId: ConversationId;
  readonly seq: number;
  readonly trace: TraceContext;
  readonly from: AgentId;
  readonly mode: DeliveryMode;
  /** Of an anycast. */
  readonly skill?: Skill;
  readonly recipients: readonly AgentId[];
  readonly intent: Intent;
  readonly trust: Trust;
  readonly deadlineUs: TimestampUs;
  readonly turnId?: TurnId;
  readonly round?: number;
  readonly hops: number;
  readonly via: readonly ConversationId[];
  readonly origin?: MessageRef;
  /** Further messages it may still cause; falls with each child. */
  readonly messagesLeft: number;
}

export interface DeliveryDocument {
  readonly messageId: MessageId;
  readonly conversationId: ConversationId;
  readonly recipient: AgentId;
  readonly seq: number;
  readonly intent: Intent;
  readonly state: DeliveryState;
  readonly deadlineUs: TimestampUs;
  /** Of a request: the recipient's own turn. */
  readonly turnId?: TurnId;
  /** How often it was started. */
  readonly starts: number;
  /** How many of the starts followed a crash. */
  readonly redeliveries: number;
  readonly incarnation?: number;
  readonly acceptedAtUs: TimestampUs;
  readonly deliveredAtUs?: TimestampUs;
  readonly startedAtUs?: TimestampUs;
  readonly endedAtUs?: TimestampUs;
  readonly replyId?: MessageId;
  /** Why it was refused, rerouted or given up. */
  readonly code?: string;
  readonly reason?: string;
}

export interface TurnDocument {
  readonly turnId: TurnId;
  readonly conversationId: ConversationId;
  readonly requestId: MessageId;
  /** Who has it now. */
  readonly agent: AgentId;
  readonly state: "open" | "completed" | "failed";
  readonly attempts: number;
  readonly reroutes: number;
  /** The newest start ended in an orderly way: what follows it is no redelivery after a crash. */
  readonly settled: boolean;
}

export function deliveryKey(messageId: MessageId, recipient: AgentId): string {
  return `${messageId}/${recipient}`;
}

export function crossingKey(origin: MessageRef, target: ConversationId): string {
  return `${origin.messageId}/${target}`;
}

/** A request to several agents opens one turn for each, derived from the id of the request's turn. */
export function turnOf(turnId: TurnId, mode: DeliveryMode, recipient: AgentId): TurnId {
  return mode === "unicast" || mode === "anycast" ? turnId : deriveId(turnId, recipient);
}

export function readMessage(document: StoredDocument | undefined): MessageDocument | undefined {
  return document?.value as unknown as MessageDocument | undefined;
}

export function readDelivery(document: StoredDocument | undefined): DeliveryDocument | undefined {
  return document?.value as unknown as DeliveryDocument | undefined;
}

export function readTurn(document: StoredDocument | undefined): TurnDocument | undefined {
  return document?.value as unknown as TurnDocument | undefined;
}
