// The decider that accepts a message: address, membership, lineage, all inside
// the append transaction, so that no race can get around a rule.

import type { Route } from "../../domain/agent-card.ts";
import type { Address, BodyRef, Envelope, Intent, MessageRef, Trust } from "../../domain/envelope.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { AgentId, ConversationId, EventId, MessageId, TurnId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import type { TimestampUs } from "../../domain/time.ts";
import type { DecisionView } from "../../journal/journal.ts";
import type { View } from "../handshake/protocol.ts";
import { admission, isOutsideSender, memberOf } from "../handshake/view.ts";
import { readView, VIEWS_COLLECTION, viewInForce } from "../handshake/view-documents.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import { assertKnown } from "../registry/unknown-agent.ts";
import { INBOX_COLLECTION, MESSAGES_COLLECTION, readMessage } from "./delivery-documents.ts";
import { decideLineage } from "./lineage.ts";
import { resolveAddress } from "./resolve-address.ts";

export interface MessageDraft {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly from: AgentId;
  /** Of the sender's port; absent where it has none here: then it speaks as the member it is. */
  readonly incarnation?: number;
  /** The view the sender believes in. */
  readonly epoch?: number;
  readonly to: Address;
  /** For an anycast, best first. */
  readonly candidates: readonly AgentId[];
  readonly intent: Intent;
  readonly body: BodyRef;
  readonly trust: Trust;
  readonly deadlineUs: TimestampUs;
  readonly nowUs: TimestampUs;
  readonly turnId?: TurnId;
  readonly inReplyTo?: MessageId;
  readonly round?: number;
  readonly command?: EventId;
  readonly causedBy?: MessageRef;
  readonly answeredBy?: Route;
  readonly limits: MeshLimits;
}

export type AcceptedEvent = Extract<NewJournalEvent, { readonly kind: "message.accepted" }>;

/** Undefined when this id was accepted before; then `recipients` are those of then. */
export interface Accepted {
  readonly event: AcceptedEvent | undefined;
  readonly recipients: readonly AgentId[];
  /** Of the message accepted before; 0 for one that gets its place only now. */
  readonly seq: number;
}

/**
 * Throws `NOT_MEMBER`, `STALE_INC`, `STALE_EPOCH`, `AGENT_UNKNOWN`, `DEADLINE`,
 * `OVERLOADED`, `NO_CANDIDATE`, what {@link decideLineage} throws, and
 * `DUPLICATE` for an id of another conversation.
 */
export function decideAccepted(view: DecisionView, draft: MessageDraft): Accepted {
  const known = knownBefore(view, draft);
  if (known !== undefined) return known;
  if (draft.deadlineUs <= draft.nowUs) throw tooLate(draft);
  const inForce = viewInForce(readView(view.document(VIEWS_COLLECTION, draft.conversationId)));
  const incarnation = assertAdmitted(view, draft, inForce);
  const recipients = resolveAddress(view, { ...draft, inForce, namesMax: draft.limits.registryAgentsMax });
  if (draft.intent !== "reply") assertRoom(view, draft, recipients.length);
  const parent =
    draft.intent === "reply" && draft.inReplyTo !== undefined
      ? { conversationId: draft.conversationId, messageId: draft.inReplyTo }
      : draft.causedBy;
  const lineage = decideLineage(view, { ...draft, recipients: recipients.length, parent });
  const envelope: Envelope = {
    id: draft.id,
    conversationId: draft.conversationId,
    from: draft.from,
    incarnation,
    epoch: inForce?.epoch ?? 0,
    to: draft.to,
    recipients,
    intent: draft.intent,
    body: draft.body,
    deadlineUs: draft.deadlineUs,
    ...(draft.inReplyTo === undefined ? {} : { inReplyTo: draft.inReplyTo }),
    ...(draft.turnId === undefined ? {} : { turnId: draft.turnId }),
    ...(draft.answeredBy === undefined ? {} : { answeredBy: draft.answeredBy }),
    ...lineage,
  };
  const data = {
    envelope,
    ...(draft.round === undefined ? {} : { round: draft.round }),
    ...(draft.command === undefined ? {} : { command: draft.command }),
  };
  return { event: { kind: "message.accepted", actor: draft.from, data }, recipients, seq: 0 };
}

function knownBefore(view: DecisionView, draft: MessageDraft): Accepted | undefined {
  const before = readMessage(view.document(MESSAGES_COLLECTION, draft.id));
  if (before === undefined) return undefined;
  if (before.conversationId === draft.conversationId) {
    return { event: undefined, recipients: before.recipients, seq: before.seq };
  }
  throw new PolylogueError("DUPLICATE", {
    message: `message ${draft.id} was accepted in conversation ${before.conversationId}`,
    mend: "send it under a new id",
  });
}

/** The sender's incarnation in the view. Whoever comes from another conversation may be a member there instead. */
function assertAdmitted(view: DecisionView, draft: MessageDraft, inForce: View | undefined): number {
  if (isOutsideSender(draft.from)) return 0;
  if (draft.epoch !== undefined && draft.epoch !== (inForce?.epoch ?? 0)) throw staleEpoch(draft, inForce);
  const home = homeOf(view, draft, inForce);
  if (home === undefined) {
    assertKnown(view, draft.from, draft.limits.registryAgentsMax);
    return draft.incarnation ?? 0;
  }
  const incarnation = draft.incarnation ?? memberOf(home, draft.from)?.incarnation ?? 0;
  const verdict = admission(home, { agent: draft.from, incarnation });
  if (verdict === "admitted") return incarnation;
  if (verdict === "STALE_EPOCH") throw staleEpoch(draft, inForce);
  throw new PolylogueError(verdict, {
    message:
      verdict === "NOT_MEMBER"
        ? `${draft.from} is not a member of conversation ${draft.conversationId}`
        : `port ${incarnation} of ${draft.from} has been replaced by a newer one`,
    mend: "let the agent join the conversation by a handshake",
  });
}

/** The view in which the sender must be a member. */
function homeOf(view: DecisionView, draft: MessageDraft, inForce: View | undefined): View | undefined {
  const { causedBy, conversationId, from } = draft;
  if (causedBy === undefined || causedBy.conversationId === conversationId) return inForce;
  if (memberOf(inForce, from) !== undefined) return inForce;
  return viewInForce(readView(view.document(VIEWS_COLLECTION, causedBy.conversationId))) ?? inForce;
}

function staleEpoch(draft: MessageDraft, inForce: View | undefined): PolylogueError {
  return new PolylogueError("STALE_EPOCH", {
    message: `${draft.from} speaks from another view than epoch ${inForce?.epoch ?? 0}, which is in force`,
    mend: "let its port shake hands again, then send the message again",
  });
}

function tooLate(draft: MessageDraft): PolylogueError {
  return new PolylogueError("DEADLINE", {
    message: `the deadline of message ${draft.id} had passed before it was sent`,
    mend: "give it more time",
  });
}

function assertRoom(view: DecisionView, draft: MessageDraft, wanted: number): void {
  const { inboxDepthMax } = draft.limits;
  const due = view.documents(INBOX_COLLECTION, { group: draft.conversationId, limit: inboxDepthMax });
  if (due.length + wanted <= inboxDepthMax) return;
  throw new PolylogueError("OVERLOADED", {
    message: `${due.length} deliveries of the conversation wait already; at most ${inboxDepthMax} may`,
    mend: "wait until some are done, then send it again",
  });
}
