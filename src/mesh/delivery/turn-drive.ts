// Drives one turn of a driven agent from its start to its end: begins it, lets
// the runner make attempts, and writes what became of the message.
import { isPolylogueError, PolylogueError } from "../../domain/errors.ts";
import type { Failure } from "../../domain/failure.ts";
import type { AgentId, TurnId } from "../../domain/ids.ts";
import type { JournalEventOf, NewJournalEvent } from "../../domain/journal-event.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { Decision, DecisionView, Journal } from "../../journal/journal.ts";
import type { CancelTimer, Clock } from "../../platform/clock.ts";
import { deriveId } from "../../platform/ids.ts";
import type { View } from "../handshake/protocol.ts";
import type { ServeRequest } from "../mesh.ts";
import type { MeshLimits } from "../mesh-limits.ts";
import type { OpenTurn, PortHandle, TurnAnswer, TurnResult, TurnRunner } from "../turn-runner.ts";
import { type AnycastOptions, candidatesOf, gateOf, nextCandidate } from "./anycast.ts";
import {
  type DeliveryDocument,
  MESSAGES_COLLECTION,
  type MessageDocument,
  readMessage,
  readTurn,
  TURNS_COLLECTION,
  type TurnDocument,
} from "./delivery-documents.ts";
import { lowerTrust } from "./lineage.ts";
import { decideReply } from "./reply.ts";
import { eventsOfExpiry, eventsOfRefusal, eventsOfReroute, eventsOfStart } from "./transitions.ts";

export interface TurnDriveOptions extends AnycastOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly limits: MeshLimits;
  readonly turnRunner: TurnRunner;
  readonly serve: ServeRequest;
}

export interface DrivenTurn {
  readonly delivery: DeliveryDocument;
  readonly turnId: TurnId;
  readonly port: PortHandle;
  readonly inForce: View | undefined;
  readonly abort: AbortController;
}

/** `wait`: nobody may be asked yet · `left`: stopped from outside, somebody goes on later · `done`: it moved on. */
export type TurnEnd =
  | { readonly kind: "done" }
  | { readonly kind: "left" }
  | { readonly kind: "wait"; readonly ms: number };

const DONE: TurnEnd = { kind: "done" };

/** Rejects only when the journal does, for example with `LEASE_LOST`. */
export async function driveTurn(options: TurnDriveOptions, turn: DrivenTurn): Promise<TurnEnd> {
  const { delivery, port } = turn;
  // Both are there: one event made them together with the delivery.
  const { journal } = options;
  const message = readMessage(await journal.document(MESSAGES_COLLECTION, delivery.messageId)) as MessageDocument;
  const turnState = readTurn(await journal.document(TURNS_COLLECTION, turn.turnId)) as TurnDocument;
  const drive: Drive = { options, turn, message, reroutesLeft: options.limits.reroutesMax - turnState.reroutes };
  const anycast = anycastOf(drive);
  if (message.mode === "anycast") {
    const gate = gateOf(options, anycast);
    if (gate.kind === "wait") return gate;
    if (gate.kind === "move" && drive.reroutesLeft > 0)
      return reroute(drive, { to: gate.to, failure: MAY_NOT_BE_ASKED });
  }
  const start = await begin(drive);
  if (start !== "started") return DONE;
  const request = await requestOf(drive);
  const others = candidatesOf(options, anycast).filter((other) => other.agent.card.id !== port.agent.card.id).length;
  return end(drive, {
    request,
    attemptsBefore: turnState.attempts,
    otherCandidates: drive.reroutesLeft > 0 ? others : 0,
    turnId: turnState.turnId,
  });
}

interface Drive {
  readonly options: TurnDriveOptions;
  readonly turn: DrivenTurn;
  readonly message: MessageDocument;
  readonly reroutesLeft: number;
}

const MAY_NOT_BE_ASKED: Failure = {
  class: "capacity",
  code: "OVERLOADED",
  reason: "it may not be asked at this moment, and another candidate may",
};

function anycastOf({ turn, message }: Drive) {
  const { messageId, recipient } = turn.delivery;
  return { messageId, message, inForce: turn.inForce, current: recipient };
}

async function begin(drive: Drive): Promise<string> {
  const { messageId, recipient } = drive.turn.delivery;
  const { redeliveriesMax } = drive.options.limits;
  return write(drive, (view) => {
    const { events, start } = eventsOfStart(view, { messageId, recipient, redeliveriesMax });
    return { events, result: start };
  });
}

async function requestOf({ options, turn, message }: Drive): Promise<JournalEventOf<"message.accepted">> {
  const { conversationId } = turn.delivery;
  const [event] = await options.journal.read({ stream: conversationId, after: message.seq - 1, limit: 1 });
  // The projection took the seq from this very event.
  return event as JournalEventOf<"message.accepted">;
}

type Begun = Pick<OpenTurn, "request" | "attemptsBefore" | "otherCandidates" | "turnId">;

async function end(drive: Drive, begun: Begun): Promise<TurnEnd> {
  const { delivery } = drive.turn;
  const { messageId, recipient } = delivery;
  const { result, refusal } = await run(drive, begun);
  if (result.kind === "answered") return DONE;
  if (delivery.deadlineUs <= drive.options.clock.nowUs()) {
    return record(drive, (view) => eventsOfExpiry(view, { messageId, recipient }));
  }
  if (result.kind === "failed") return fail(drive, result.failure);
  if (refusal === undefined) return { kind: "left" };
  if (isPolylogueError(refusal) && refusal.code === "TURN_CLOSED") return DONE;
  return record(drive, (view) => eventsOfRefusal(view, { messageId, recipient, failure: failureOf(refusal) }));
}

interface Ran {
  readonly result: TurnResult;
  /** Why the answer was not accepted as the turn's result. */
  readonly refusal: unknown;
}

async function run(drive: Drive, begun: Begun): Promise<Ran> {
  const { options, turn } = drive;
  const { serve } = options;
  let refusal: unknown;
  const open: OpenTurn = {
    ...begun,
    conversationId: serve.conversationId,
    port: turn.port,
    lease: serve.lease,
    policy: serve.policy,
    budgets: serve.budgets,
    configHash: serve.configHash,
    deadlineUs: turn.delivery.deadlineUs,
  };
  const cancel = abortAtDeadline(drive);
  try {
    const result = await options.turnRunner.run(open, {
      signal: turn.abort.signal,
      commit(answer, view) {
        refusal = undefined;
        try {
          return commit(drive, { answer, view, begun });
        } catch (error) {
          refusal = error;
          throw error;
        }
      },
    });
    return { result, refusal };
  } catch (error) {
    if (isGone(error)) throw error;
    return { result: { kind: "failed", failure: failureOf(error), attempts: begun.attemptsBefore }, refusal };
  } finally {
    cancel();
  }
}

function abortAtDeadline({ options, turn }: Drive): CancelTimer {
  const leftMs = (turn.delivery.deadlineUs - options.clock.nowUs()) / 1_000;
  return options.clock.setTimer(leftMs, () =>
    turn.abort.abort(new PolylogueError("TIMEOUT_TURN", { message: "the turn's deadline has passed" })),
  );
}

/** The turn's one result. The reply's id follows from the turn, so that no replay makes a second one. */
function commit(
  { options, turn, message }: Drive,
  { answer, view, begun }: { readonly answer: TurnAnswer; readonly view: DecisionView; readonly begun: Begun },
): Decision<void> {
  const { interpretation } = answer;
  const body = options.journal.encodeBody({ parts: interpretation.parts } as unknown as JsonValue);
  const { messageId, deadlineUs } = turn.delivery;
  const answeredBy = answer.answeredBy === undefined ? {} : { answeredBy: answer.answeredBy };
  const replied = decideReply(view, {
    attemptId: answer.attemptId,
    ...answeredBy,
    message: {
      id: deriveId(begun.turnId, "reply"),
      conversationId: turn.delivery.conversationId,
      from: answer.agent,
      incarnation: turn.port.incarnation,
      to: interpretation.to ?? { mode: "broadcast" },
      candidates: [],
      intent: "reply",
      body: body.ref,
      trust: lowerTrust("agent", message.trust),
      // The request's deadline is for the turn; its readers may be slower.
      deadlineUs: deadlineUs + options.limits.replyGraceMs * 1_000,
      nowUs: deadlineUs,
      inReplyTo: messageId,
      ...(message.round === undefined ? {} : { round: message.round }),
      ...answeredBy,
      limits: options.limits,
    },
  });
  return {
    events: [...replied.events, ...(interpretation.events ?? [])],
    bodies: [body, ...(interpretation.bodies ?? [])],
    result: undefined,
  };
}

async function fail(drive: Drive, failure: Failure): Promise<TurnEnd> {
  const { messageId, recipient } = drive.turn.delivery;
  if (drive.message.mode === "anycast" && drive.reroutesLeft > 0 && isWorthMoving(failure)) {
    const to = await nextCandidate(drive.options, anycastOf(drive));
    if (to !== undefined) return reroute(drive, { to, failure });
  }
  return record(drive, (view) => eventsOfRefusal(view, { messageId, recipient, failure }));
}

/** Another agent may succeed where this one failed, unless the request itself is at fault. */
function isWorthMoving(failure: Failure): boolean {
  return failure.class !== "request";
}

function reroute(drive: Drive, next: { readonly to: AgentId; readonly failure: Failure }): Promise<TurnEnd> {
  const { messageId, recipient } = drive.turn.delivery;
  return record(drive, (view) => eventsOfReroute(view, { messageId, recipient, ...next }));
}

async function record(drive: Drive, events: (view: DecisionView) => NewJournalEvent[]): Promise<TurnEnd> {
  await write(drive, (view) => ({ events: events(view), result: undefined }));
  return DONE;
}

async function write<R>({ options, message }: Drive, decide: (view: DecisionView) => Decision<R>): Promise<R> {
  const { conversationId, lease } = options.serve;
  return (await options.journal.append({ stream: conversationId, lease, trace: message.trace, decide })).result;
}

/** Nobody can write any more: another process has the conversation, or the store is closed. */
export function isGone(error: unknown): boolean {
  return isPolylogueError(error) && (error.code === "LEASE_LOST" || error.code === "STORE_CLOSED");
}

function failureOf(error: unknown): Failure {
  const code = isPolylogueError(error) ? error.code : "INTERNAL";
  return { class: "request", code, reason: error instanceof Error ? error.message : String(error) };
}
