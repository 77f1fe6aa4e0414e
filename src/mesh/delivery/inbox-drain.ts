// One pass over what is due in a conversation: what is late expires, what has
// arrived is delivered (probes are answered at once), what can't arrive is refused.
// All of it in one transaction; turns are begun elsewhere.

import type { Failure } from "../../domain/failure.ts";
import type { AgentId, ConversationId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import type { Decision, Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Lease } from "../../storage/store.ts";
import { failureOfRefusal, type Problem, type View } from "../handshake/protocol.ts";
import { memberOf } from "../handshake/view.ts";
import { readView, VIEWS_COLLECTION, viewInForce } from "../handshake/view-documents.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import type { LocalPorts } from "../registry/local-ports.ts";
import { type DeliveryDocument, deliveryKey, INBOX_COLLECTION, readDelivery } from "./delivery-documents.ts";
import { eventsOfDelivery, eventsOfExpiry, eventsOfRefusal } from "./transitions.ts";

export interface InboxDrainOptions {
  readonly conversationId: ConversationId;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly ports: LocalPorts;
  readonly clock: Clock;
  readonly limits: MeshLimits;
  /** Why the newest handshake left the agent out; undefined when it did not. */
  refusalOf(agent: AgentId): Problem | undefined;
  /** Deliveries whose turn runs at this moment; these end by themselves. */
  isRunning(key: string): boolean;
}

export interface InboxPass {
  /** Something was written: look again. */
  readonly changed: boolean;
  /** What was due before this pass, oldest first. */
  readonly due: readonly DeliveryDocument[];
  readonly inForce: View | undefined;
}

export async function drainInbox(options: InboxDrainOptions): Promise<InboxPass> {
  const { journal, conversationId, lease, limits } = options;
  const view = readView(await journal.document(VIEWS_COLLECTION, conversationId));
  const inForce = viewInForce(view);
  // Replies may go beyond the depth that sends keep to; twice the depth leaves room for them.
  const documents = await journal.documents(INBOX_COLLECTION, {
    group: conversationId,
    limit: limits.inboxDepthMax * 2,
  });
  const due = documents.map(readDelivery).filter((delivery) => delivery !== undefined);
  const steps = due.map((delivery) => stepOf(options, { delivery, inForce })).filter((step) => step !== undefined);
  if (steps.length === 0) return { changed: false, due, inForce };
  const { events } = await journal.append({
    stream: conversationId,
    lease,
    ...(view === undefined ? {} : { trace: view.trace }),
    decide: (decisionView): Decision<void> => ({
      events: steps.flatMap((step) => step(decisionView)),
      result: undefined,
    }),
  });
  return { changed: events.length > 0, due, inForce };
}

type Step = (view: Parameters<typeof eventsOfExpiry>[0]) => NewJournalEvent[];

function stepOf(
  options: InboxDrainOptions,
  { delivery, inForce }: { readonly delivery: DeliveryDocument; readonly inForce: View | undefined },
): Step | undefined {
  const { messageId, recipient } = delivery;
  if (options.isRunning(deliveryKey(messageId, recipient))) return undefined;
  if (delivery.deadlineUs <= options.clock.nowUs()) return (view) => eventsOfExpiry(view, { messageId, recipient });
  const refused = options.refusalOf(recipient);
  if (refused !== undefined) {
    return (view) => eventsOfRefusal(view, { messageId, recipient, failure: failureOfRefusal(refused) });
  }
  const incarnation = incarnationOf(options, { recipient, inForce });
  if (incarnation === "gone") {
    return (view) => eventsOfRefusal(view, { messageId, recipient, failure: hasLeft(recipient) });
  }
  if (incarnation === "absent" || delivery.state !== "accepted") return undefined;
  return (view) => eventsOfDelivery(view, { messageId, recipient, incarnation });
}

/**
 * The incarnation to which something can be delivered here. `absent`: the port
 * is elsewhere, or has not confirmed the view; `gone`: it is no member any more.
 */
function incarnationOf(
  { ports }: InboxDrainOptions,
  { recipient, inForce }: { readonly recipient: AgentId; readonly inForce: View | undefined },
): number | "absent" | "gone" {
  const port = ports.get(recipient);
  const member = memberOf(inForce, recipient);
  if (inForce !== undefined && member === undefined) return port === undefined ? "gone" : "absent";
  if (port === undefined) return "absent";
  // A pulling agent reads from whichever process it likes.
  if (member === undefined || port.handle.agent.card.port === "pulling") {
    return member?.incarnation ?? port.handle.incarnation;
  }
  return ports.at(member) === undefined ? "absent" : member.incarnation;
}

function hasLeft(agent: AgentId): Failure {
  return { class: "transient", code: "NOT_MEMBER", reason: `${agent} has left the conversation` };
}
