// What people ask about deliveries: those of a conversation, those given up.
import type { ConversationId, MessageId } from "../../domain/ids.ts";
import type { Journal } from "../../journal/journal.ts";
import {
  DEAD_COLLECTION,
  DELIVERIES_COLLECTION,
  type DeliveryDocument,
  deliveryKey,
  readDelivery,
} from "./delivery-documents.ts";

export type { DeliveryDocument } from "./delivery-documents.ts";

/** A conversation's deliveries, oldest message first. */
export async function listDeliveries(
  journal: Journal,
  query: { readonly conversationId: ConversationId; readonly limit: number },
): Promise<DeliveryDocument[]> {
  const documents = await journal.documents(DELIVERIES_COLLECTION, { group: query.conversationId, limit: query.limit });
  return documents.map(readDelivery).filter((delivery) => delivery !== undefined);
}

/** The deliveries of some messages to some recipients; those that never were are left out. */
export async function getDeliveries(
  journal: Journal,
  refs: readonly { readonly messageId: MessageId; readonly recipient: string }[],
): Promise<DeliveryDocument[]> {
  const documents = await Promise.all(
    refs.map((ref) => journal.document(DELIVERIES_COLLECTION, deliveryKey(ref.messageId, ref.recipient))),
  );
  return documents.map(readDelivery).filter((delivery) => delivery !== undefined);
}

/** Deliveries that were given up, of every conversation, newest first. */
export async function listDead(journal: Journal, query: { readonly limit: number }): Promise<DeliveryDocument[]> {
  const documents = await journal.documents(DEAD_COLLECTION, {
    group: DEAD_COLLECTION,
    descending: true,
    limit: query.limit,
  });
  return documents.map(readDelivery).filter((delivery) => delivery !== undefined);
}
