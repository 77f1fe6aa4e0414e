// The canonical record as the projection reads it: who said what to whom, in
// which round, in one order for everybody.
import type { BodyRef, Intent, Trust } from "../../domain/envelope.ts";
import type { AgentId, EventId, MessageId, TurnId } from "../../domain/ids.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import { type Part, textOf } from "../../domain/part.ts";
import { type AskDetail, stepOf } from "../lifecycle/steps.ts";
import { critiquesIn } from "./ballot.ts";

export interface CanonicalMessage {
  readonly seq: number;
  readonly messageId: MessageId;
  readonly from: AgentId;
  readonly recipients: readonly AgentId[];
  readonly intent: Intent;
  /** As stamped when it was accepted. */
  readonly trust: Trust;
  readonly text: string;
  /** With a ballot: what it says of each label that its voter was shown. */
  readonly critiques?: Readonly<Record<string, string>>;
  readonly turnId?: TurnId;
  readonly command?: EventId;
}

export interface EarlierConversation {
  readonly question: string;
  readonly status: string;
  readonly answer: string | null;
}

export interface CanonicalRecord {
  readonly conversationId: string;
  readonly seed: number;
  readonly createdSeq: number;
  readonly question: string;
  readonly attachments: readonly { readonly name: string; readonly text: string }[];
  readonly earlier?: EarlierConversation;
  readonly members: readonly AgentId[];
  /** In order of seq; probes left out. */
  readonly messages: readonly CanonicalMessage[];
  readonly asksByTurn: ReadonlyMap<TurnId, AskDetail>;
}

export function canonicalMessages(
  events: readonly JournalEvent[],
  parts: (body: BodyRef) => readonly Part[],
): readonly CanonicalMessage[] {
  return events.flatMap((event): CanonicalMessage[] => {
    if (event.kind !== "message.accepted" || event.data.envelope.intent === "probe") return [];
    const { envelope, command } = event.data;
    const said = parts(envelope.body);
    const critiques = critiquesIn(said);
    return [
      {
        seq: event.seq,
        messageId: envelope.id,
        from: envelope.from,
        recipients: envelope.recipients,
        intent: envelope.intent,
        trust: envelope.trust,
        text: textOf(said),
        ...(critiques === undefined ? {} : { critiques }),
        ...(envelope.turnId === undefined ? {} : { turnId: envelope.turnId }),
        ...(command === undefined ? {} : { command }),
      },
    ];
  });
}

/** What each turn was asked, from the steps of the orchestration. */
export function asksByTurn(events: readonly JournalEvent[]): ReadonlyMap<TurnId, AskDetail> {
  const asks = new Map<TurnId, AskDetail>();
  for (const event of events) {
    const step = stepOf(event);
    if (step?.type === "ask") asks.set(step.detail.turnId, step.detail);
  }
  return asks;
}
