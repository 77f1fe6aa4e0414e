// How each delivery of each message went, told from the events.
import type { DeliveryState } from "../../domain/envelope.ts";
import type { AgentId, MessageId } from "../../domain/ids.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import { isoFromUs } from "../../domain/time.ts";
import type { DeliveryDocument } from "./documents.ts";

export type DeliveriesByMessage = ReadonlyMap<MessageId, readonly DeliveryDocument[]>;

interface Move {
  readonly messageId: MessageId;
  readonly recipient: AgentId;
  readonly state: DeliveryState;
  readonly code?: string;
  readonly reason?: string;
}

export function shownDeliveries(events: readonly JournalEvent[]): DeliveriesByMessage {
  const found = new Map<MessageId, Map<AgentId, DeliveryDocument>>();
  for (const event of events) {
    for (const { messageId, recipient, ...moved } of movesOf(event)) {
      const ofMessage = found.get(messageId) ?? new Map<AgentId, DeliveryDocument>();
      const before = ofMessage.get(recipient);
      const times = { ...before?.times, [moved.state]: isoFromUs(event.atUs) };
      ofMessage.set(recipient, { recipient, times, ...moved });
      found.set(messageId, ofMessage);
    }
  }
  return new Map([...found].map(([messageId, ofMessage]) => [messageId, [...ofMessage.values()]]));
}

function movesOf(event: JournalEvent): readonly Move[] {
  switch (event.kind) {
    case "message.accepted": {
      const { id, recipients } = event.data.envelope;
      return recipients.map((recipient) => ({ messageId: id, recipient, state: "accepted" as const }));
    }
    case "message.delivered":
      return [{ ...place(event.data), state: "delivered" }];
    case "message.started":
      return [{ ...place(event.data), state: "started" }];
    case "message.answered":
      return [{ ...place(event.data), state: "answered" }];
    case "message.expired":
      return [{ ...place(event.data), state: "expired" }];
    case "message.refused":
    case "message.dead": {
      const { code, reason } = event.data;
      return [{ ...place(event.data), state: event.kind === "message.dead" ? "dead" : "refused", code, reason }];
    }
    case "message.rerouted": {
      const { messageId, from, to, code, reason } = event.data;
      return [
        { messageId, recipient: from, state: "refused", code, reason },
        { messageId, recipient: to, state: "accepted" },
      ];
    }
    default:
      return [];
  }
}

function place({ messageId, recipient }: { readonly messageId: MessageId; readonly recipient: AgentId }) {
  return { messageId, recipient };
}
