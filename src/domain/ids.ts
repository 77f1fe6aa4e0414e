// The identifiers of everything Polylogue records. All are UUIDv7 text, except
// agent ids and skill names, which people choose.

/** UUIDv7 text, 36 characters, sortable by creation time. */
export type Uuid = string;
export type ConversationId = Uuid;
export type MessageId = Uuid;
export type TurnId = Uuid;
export type AttemptId = Uuid;
export type EventId = Uuid;

/** A name a person chose for an agent, for example `claude`. Matches {@link AGENT_ID_PATTERN}. */
export type AgentId = string;

/** What an agent can do, for example `review`; the target of an anycast. */
export type Skill = string;

/** Lower-case letters, digits, `-`, `_` and `.`; 1 to 64 characters; starts with a letter or digit. */
export const AGENT_ID_PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export function isAgentId(value: string): value is AgentId {
  return AGENT_ID_PATTERN.test(value);
}

/** The orchestration itself, as a sender. Not a model, never addressed by name. */
export const COORDINATOR: AgentId = "coordinator";

/** The person or program that asked, as a sender. */
export const USER: AgentId = "user";

/** A stream of the journal: a conversation's id, or {@link MESH_STREAM}. */
export type StreamId = string;

/** The journal stream of facts that belong to no conversation: agents that join, leave, are evicted. */
export const MESH_STREAM: StreamId = "mesh";
