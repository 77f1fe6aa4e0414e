// What the conversation's own steps look like in the journal: one
// `orchestration.stepped` each, its `detail` written and read only here.
import type { AgentId, ConversationId, EventId, MessageId, TurnId } from "../../domain/ids.ts";
import { COORDINATOR } from "../../domain/ids.ts";
import type { JournalEvent, NewJournalEvent } from "../../domain/journal-event.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { HandshakeReport } from "../../mesh/mesh.ts";
import { deriveId } from "../../platform/ids.ts";
import { messageOf, turnOf } from "../kernel/kernel.ts";
import type { BallotForm, IssuedCommand, OrchestrationCommand, Visibility } from "../orchestration.ts";

type AskCommand = Extract<OrchestrationCommand, { readonly type: "ask" }>;

/** Who takes part: fixed when the conversation starts to run, whatever later handshakes say. */
export interface StartDetail {
  readonly participants: readonly AgentId[];
  readonly refused: HandshakeReport["refused"];
}

export interface AskDetail {
  readonly turnId: TurnId;
  readonly messageId: MessageId;
  readonly agent: AgentId;
  readonly round: number;
  readonly visibility: Visibility;
  readonly ballot?: BallotForm;
}

/** An ask that could not be sent at all, for example because its member has left. */
export interface UnsentDetail {
  readonly turnId: TurnId;
  readonly agent: AgentId;
  readonly round: number;
  readonly code: string;
  readonly reason: string;
}

export interface RoundDeadlineDetail {
  /** The ask from which the time was counted. */
  readonly ask: EventId;
  readonly round: number;
  readonly hard: boolean;
}

export type Step =
  | { readonly type: "start"; readonly detail: StartDetail }
  | { readonly type: "ask"; readonly detail: AskDetail }
  | { readonly type: "close-round"; readonly detail: { readonly round: number; readonly reason: string } }
  | { readonly type: "end"; readonly detail: { readonly status: string } }
  | { readonly type: "unsent"; readonly detail: UnsentDetail }
  | { readonly type: "round-deadline"; readonly detail: RoundDeadlineDetail }
  | { readonly type: "deadline" | "interrupted"; readonly detail: { readonly reason: string } };

/** The event's id is the step's, so it is written once however often the step is taken. */
export function stepEvent(id: EventId, step: Step, causationId?: EventId): NewJournalEvent {
  return {
    kind: "orchestration.stepped",
    id,
    actor: COORDINATOR,
    data: { command: id, type: step.type, detail: step.detail as unknown as JsonObject },
    ...(causationId === undefined ? {} : { causationId }),
  };
}

/** Undefined for other events, and for steps of a type this program does not know. */
export function stepOf(event: JournalEvent): Step | undefined {
  if (event.kind !== "orchestration.stepped" || !STEP_TYPES.has(event.data.type)) return undefined;
  return { type: event.data.type, detail: event.data.detail } as unknown as Step;
}

const STEP_TYPES: ReadonlySet<string> = new Set([
  "start",
  "ask",
  "close-round",
  "end",
  "unsent",
  "round-deadline",
  "deadline",
  "interrupted",
] satisfies Step["type"][]);

export function stepOfCommand({ id, command }: IssuedCommand): Step {
  switch (command.type) {
    case "ask":
      return { type: "ask", detail: askDetail(id, command) };
    case "close-round":
      return { type: "close-round", detail: { round: command.round, reason: command.reason } };
    case "end":
      return { type: "end", detail: { status: command.outcome.status } };
  }
}

function askDetail(id: EventId, { agent, round, visibility, ballot }: AskCommand): AskDetail {
  const ids = { turnId: turnOf(id), messageId: messageOf(id) };
  return { ...ids, agent, round, visibility, ...(ballot === undefined ? {} : { ballot }) };
}

export function startId(conversation: ConversationId): EventId {
  return deriveId(conversation, "start");
}

export function deadlineId(conversation: ConversationId): EventId {
  return deriveId(conversation, "deadline");
}

export function interruptedId(conversation: ConversationId): EventId {
  return deriveId(conversation, "interrupted");
}

export function endedId(conversation: ConversationId): EventId {
  return deriveId(conversation, "ended");
}

/** `ask`: the last ask of the round; a later one starts the time anew. */
export function roundDeadlineId(ask: EventId, hard: boolean): EventId {
  return deriveId(ask, hard ? "deadline/hard" : "deadline/soft");
}

export function unsentId(ask: EventId): EventId {
  return deriveId(ask, "unsent");
}
