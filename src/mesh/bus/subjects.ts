// Names of the bus's subjects.
import type { AgentId, ConversationId } from "../../domain/ids.ts";

/** Deliveries of a conversation may be due. */
export function wakeSubject(conversation: ConversationId): string {
  return `wake/${conversation}`;
}

/** Handshake messages for a conversation's coordinator. */
export function coordinatorSubject(conversation: ConversationId): string {
  return `handshake/${conversation}/coordinator`;
}

/** Handshake messages for one port in one conversation. */
export function portSubject(conversation: ConversationId, port: { agent: AgentId; incarnation: number }): string {
  return `handshake/${conversation}/port/${port.agent}/${port.incarnation}`;
}
