// Deciders that move a delivery on. Each looks at the present state inside the
// transaction and adds nothing when its step was done before, so that lost,
// repeated and late wake-ups change nothing.
import { PolylogueError } from "../../domain/errors.ts";
import type { Failure } from "../../domain/failure.ts";
import type { AgentId, MessageId, TurnId } from "../../domain/ids.ts";
import type { NewJournalEvent } from "../../domain/journal-event.ts";
import type { DecisionView } from "../../journal/journal.ts";
import {
  DELIVERIES_COLLECTION,
  type DeliveryDocument,
  deliveryKey,
  MESSAGES_COLLECTION,
  readDelivery,
  readMessage,
  readTurn,
  TURNS_COLLECTION,
  type TurnDocument,
} from "./delivery-documents.ts";
import { isAtRest, isRedelivery } from "./delivery-projection.ts";

export interface DeliveryRef {
  readonly messageId: MessageId;
  readonly recipient: AgentId;
}

export function deliveryIn(view: DecisionView, ref: DeliveryRef): DeliveryDocument | undefined {
  return readDelivery(view.document(DELIVERIES_COLLECTION, deliveryKey(ref.messageId, ref.recipient)));
}

export function turnIn(view: DecisionView, delivery: DeliveryDocument): TurnDocument | undefined {
  return delivery.turnId === undefined ? undefined : readTurn(view.document(TURNS_COLLECTION, delivery.turnId));
}

/** It reached the port. A probe is answered in the same breath: by the port, no model is asked. */
export function eventsOfDelivery(
  view: DecisionView,
  { messageId, recipient, incarnation }: DeliveryRef & { readonly incarnation: number },
): NewJournalEvent[] {
  const delivery = deliveryIn(view, { messageId, recipient });
  if (delivery?.state !== "accepted") return [];
  const data = { messageId, recipient, incarnation };
  const events: NewJournalEvent[] = [{ kind: "message.delivered", actor: recipient, data }];
  if (delivery.intent === "probe")
    events.push({ kind: "message.answered", actor: recipient, data: { messageId, recipient } });
  return events;
}

export type Start = "started" | "spent" | "none";

/**
 * Begins the recipient's turn, or begins it again after a crash; when it has
 * been begun again too often, gives it up. `none`: there is nothing to begin.
 */
export function eventsOfStart(
  view: DecisionView,
  { redeliveriesMax, ...ref }: DeliveryRef & { readonly redeliveriesMax: number },
): { readonly events: NewJournalEvent[]; readonly start: Start } {
  const delivery = deliveryIn(view, ref);
  const turn = delivery && turnIn(view, delivery);
  if (delivery === undefined || turn?.state !== "open") return { events: [], start: "none" };
  if (delivery.state !== "delivered" && delivery.state !== "started") return { events: [], start: "none" };
  const again = isRedelivery(delivery, { get: view.document });
  if (again && delivery.redeliveries >= redeliveriesMax) {
    return { events: eventsOfDeath(delivery, turn), start: "spent" };
  }
  const { messageId, recipient } = ref;
  const events: NewJournalEvent[] = [
    { kind: "message.started", actor: recipient, data: { messageId, recipient, delivery: delivery.starts + 1 } },
  ];
  if (delivery.starts === 0) events.push(turnStarted(view, delivery, turn));
  return { events, start: "started" };
}

export function turnStarted(view: DecisionView, delivery: DeliveryDocument, turn: TurnDocument): NewJournalEvent {
  const { messageId, recipient } = delivery;
  const round = readMessage(view.document(MESSAGES_COLLECTION, messageId))?.round;
  const data = { turnId: turn.turnId, agent: recipient, messageId, ...(round === undefined ? {} : { round }) };
  return { kind: "turn.started", actor: recipient, data };
}

function eventsOfDeath(delivery: DeliveryDocument, turn: TurnDocument): NewJournalEvent[] {
  const { messageId, recipient } = delivery;
  const reason = `it was begun ${delivery.starts} times and never ended`;
  const code = "REDELIVERY_SPENT";
  return [
    { kind: "message.dead", actor: recipient, data: { messageId, recipient, code, reason } },
    turnFailed(turn, recipient, { class: "transient", code, reason }),
  ];
}

/** Its time is over: reported back, never executed late. */
export function eventsOfExpiry(view: DecisionView, ref: DeliveryRef): NewJournalEvent[] {
  const delivery = deliveryIn(view, ref);
  if (delivery === undefined || isAtRest(delivery)) return [];
  const { messageId, recipient } = ref;
  const events: NewJournalEvent[] = [{ kind: "message.expired", actor: recipient, data: { messageId, recipient } }];
  const turn = turnIn(view, delivery);
  if (turn?.state !== "open") return events;
  const started = delivery.state === "started";
  const failure: Failure = {
    class: "transient",
    code: started ? "TIMEOUT_TURN" : "DEADLINE",
    reason: started ? "the turn did not end before its deadline" : "the turn was not begun before its deadline",
  };
  return [...events, turnFailed(turn, recipient, failure)];
}

/** The recipient can't do it: the delivery is refused and the turn has its result. */
export function eventsOfRefusal(
  view: DecisionView,
  { failure, ...ref }: DeliveryRef & { readonly failure: Failure },
): NewJournalEvent[] {
  const delivery = deliveryIn(view, ref);
  if (delivery === undefined || isAtRest(delivery)) return [];
  const { messageId, recipient } = ref;
  const { code, reason } = failure;
  const events: NewJournalEvent[] = [
    { kind: "message.refused", actor: recipient, data: { messageId, recipient, code, reason } },
  ];
  const turn = turnIn(view, delivery);
  return turn?.state === "open" ? [...events, turnFailed(turn, recipient, failure)] : events;
}

/** Nobody waits for the turn any more. Adds nothing when it has its result, or was never asked. */
export function eventsOfGivingUp(
  view: DecisionView,
  { turnId, failure }: { readonly turnId: TurnId; readonly failure: Failure },
): NewJournalEvent[] {
  const turn = readTurn(view.document(TURNS_COLLECTION, turnId));
  if (turn?.state !== "open") return [];
  return eventsOfRefusal(view, { messageId: turn.requestId, recipient: turn.agent, failure });
}

/** An anycast goes to another candidate. Adds nothing when somebody else has it already. */
export function eventsOfReroute(
  view: DecisionView,
  { to, failure, ...ref }: DeliveryRef & { readonly to: AgentId; readonly failure: Failure },
): NewJournalEvent[] {
  const delivery = deliveryIn(view, ref);
  const turn = delivery && turnIn(view, delivery);
  if (delivery === undefined || isAtRest(delivery) || turn?.state !== "open") return [];
  const { code, reason } = failure;
  const data = { messageId: ref.messageId, from: ref.recipient, to, code, reason };
  return [{ kind: "message.rerouted", actor: ref.recipient, data }];
}

function turnFailed(turn: TurnDocument, agent: AgentId, failure: Failure): NewJournalEvent {
  return { kind: "turn.failed", actor: agent, data: { turnId: turn.turnId, agent, failure } };
}

export function turnClosed(turnId: string): PolylogueError {
  return new PolylogueError("TURN_CLOSED", {
    message: `turn ${turnId} has its result already`,
    mend: "nothing needs to be sent: a turn has exactly one result",
  });
}
