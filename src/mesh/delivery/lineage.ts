// Where a message stands in the chain of messages that caused it, and the rules
// of crossing from one conversation to another: they hold whatever agents do.
import { type MessageRef, TRUST_LEVELS, type Trust } from "../../domain/envelope.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { ConversationId } from "../../domain/ids.ts";
import type { DecisionView } from "../../journal/journal.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import {
  CROSSINGS_COLLECTION,
  crossingKey,
  MESSAGES_COLLECTION,
  type MessageDocument,
  readMessage,
} from "./delivery-documents.ts";

export interface LineageQuery {
  readonly conversationId: ConversationId;
  readonly intent: "inform" | "request" | "reply" | "probe";
  readonly trust: Trust;
  readonly recipients: number;
  /** The message that caused this one; of a reply, its request. */
  readonly parent: MessageRef | undefined;
  readonly limits: Pick<MeshLimits, "hopsMax" | "messagesLeftMax">;
}

export interface Lineage {
  readonly hops: number;
  readonly via: readonly ConversationId[];
  readonly parents: readonly MessageRef[];
  readonly origin?: MessageRef;
  readonly trust: Trust;
  readonly messagesLeft: number;
}

/**
 * Throws `HOPS`, `LOOP`, `DUPLICATE` or `MESSAGES_SPENT`; `USAGE` when the parent
 * is not known. The budget is conserved: what a child may cause is taken from
 * what its parent has left, so one root causes at most its own budget.
 */
export function decideLineage(view: DecisionView, query: LineageQuery): Lineage {
  const prepaid = query.intent === "request" ? query.recipients : 0;
  if (query.parent === undefined) {
    const messagesLeft = query.limits.messagesLeftMax;
    if (prepaid > messagesLeft) throw spent(messagesLeft);
    return { hops: 0, via: [], parents: [], trust: query.trust, messagesLeft };
  }
  const parent = parentOf(view, query.parent);
  const crossed = parent.conversationId === query.conversationId ? undefined : crossing(view, query, parent);
  const own = query.intent === "reply" ? 0 : 1;
  const rest = parent.messagesLeft - own - prepaid;
  if (rest < 0) throw spent(parent.messagesLeft);
  const origin = crossed?.origin ?? parent.origin;
  return {
    hops: crossed?.hops ?? parent.hops,
    via: crossed?.via ?? parent.via,
    parents: [query.parent],
    ...(origin === undefined ? {} : { origin }),
    trust: lowerTrust(query.trust, parent.trust),
    messagesLeft: prepaid + Math.floor(rest / 2),
  };
}

function parentOf(view: DecisionView, ref: MessageRef): MessageDocument {
  const parent = readMessage(view.document(MESSAGES_COLLECTION, ref.messageId));
  if (parent?.conversationId === ref.conversationId) return parent;
  throw new PolylogueError("USAGE", {
    message: `message ${ref.messageId}, said to be the cause, is not in conversation ${ref.conversationId}`,
    mend: "name a message that was accepted there",
  });
}

function crossing(
  view: DecisionView,
  query: LineageQuery,
  parent: MessageDocument,
): { readonly hops: number; readonly via: readonly ConversationId[]; readonly origin: MessageRef | undefined } {
  const hops = parent.hops + 1;
  if (hops > query.limits.hopsMax) {
    throw new PolylogueError("HOPS", {
      message: `the message would cross its ${hops}th conversation; at most ${query.limits.hopsMax} are allowed`,
      mend: "end the chain here, or send a message of your own without a cause",
    });
  }
  if (parent.via.includes(query.conversationId)) {
    throw new PolylogueError("LOOP", {
      message: `the message has been through conversation ${query.conversationId} already`,
      mend: "send it to a conversation it does not come from",
    });
  }
  const origin = parent.origin ?? query.parent;
  if (origin !== undefined && view.document(CROSSINGS_COLLECTION, crossingKey(origin, query.conversationId))) {
    throw new PolylogueError("DUPLICATE", {
      message: `conversation ${query.conversationId} has a message of origin ${origin.messageId} already`,
      mend: "nothing needs to be sent",
    });
  }
  return { hops, via: [...parent.via, parent.conversationId], origin };
}

function spent(left: number): PolylogueError {
  return new PolylogueError("MESSAGES_SPENT", {
    message: `the message's cause may cause ${left} more messages, which is not enough for it and its replies`,
    mend: "address fewer agents, or begin a new chain",
  });
}

/** The lower of two: text is trusted no more than what it came from. */
export function lowerTrust(a: Trust, b: Trust): Trust {
  return TRUST_LEVELS.indexOf(a) >= TRUST_LEVELS.indexOf(b) ? a : b;
}
