// One append, inside a transaction: checks, decision, stamps, events, bodies,
// projections.
import { PolylogueError } from "../domain/errors.ts";
import type { StreamId } from "../domain/ids.ts";
import type { JournalEvent } from "../domain/journal-event.ts";
import type { Clock } from "../platform/clock.ts";
import type { Failpoints } from "../platform/failpoints.ts";
import type { IdSource } from "../platform/ids.ts";
import type { Store, StoreTransaction } from "../storage/store.ts";
import type { Appended, AppendRequest, Decision } from "./journal.ts";
import { assertSameMark, type StreamMarks } from "./streams.ts";

export interface AppendTools {
  readonly store: Store;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly failpoints: Failpoints;
}

export interface AppendStep<R> {
  readonly request: AppendRequest<R>;
  readonly marks: StreamMarks;
  project(transaction: StoreTransaction, events: readonly JournalEvent[]): void;
}

export type Append = <R>(transaction: StoreTransaction, step: AppendStep<R>) => Appended<R>;

type Unplaced = Omit<JournalEvent, "position">;

export function createAppend(tools: AppendTools): Append {
  const { store, failpoints } = tools;
  return (transaction, { request, marks, project }) => {
    if (request.lease !== undefined) store.assertLease(transaction, request.lease);
    assertExpected(transaction, request);
    const decision = request.decide({
      lastSeq: transaction.lastSeq,
      document: transaction.getDocument,
      documents: transaction.listDocuments,
    });
    failpoints.hit("journal.decided");
    if (decision.events.length === 0) return { result: decision.result, events: [] };
    for (const { ref, bytes } of decision.bodies ?? []) transaction.putBody({ hash: ref.hash, bytes });
    const events = transaction.insertEvents(stamped({ tools, transaction, request, decision, marks }));
    failpoints.hit("journal.inserted");
    project(transaction, events);
    failpoints.hit("journal.projected");
    return { result: decision.result, events };
  };
}

function assertExpected(transaction: StoreTransaction, request: AppendRequest<unknown>): void {
  const { stream, expectedSeq } = request;
  if (expectedSeq === undefined) return;
  const lastSeq = transaction.lastSeq(stream);
  if (lastSeq === expectedSeq) return;
  throw new PolylogueError("SEQ_CONFLICT", {
    message: `Stream ${stream} is at seq ${lastSeq}, not at ${expectedSeq} as was expected.`,
    mend: "Read what was appended since, decide again, and append after it.",
  });
}

interface Stamping {
  readonly tools: AppendTools;
  readonly transaction: StoreTransaction;
  readonly request: AppendRequest<unknown>;
  readonly decision: Decision<unknown>;
  readonly marks: StreamMarks;
}

function stamped({ tools, transaction, request, decision, marks }: Stamping): Unplaced[] {
  const { ids, clock } = tools;
  const atUs = clock.nowUs();
  const trace = request.trace ?? ids.trace();
  const lastSeqs = new Map<StreamId, number>();

  return decision.events.map((event) => {
    const stream = event.stream ?? request.stream;
    const seq = (lastSeqs.get(stream) ?? transaction.lastSeq(stream)) + 1;
    lastSeqs.set(stream, seq);
    const said = event.simulated ?? request.simulated;
    const mark = marks.of(stream);
    if (mark !== undefined && said !== undefined) assertSameMark(stream, mark, said);
    const simulated = mark ?? said ?? false;
    if (event.kind === "conversation.created") marks.set(stream, simulated);
    return {
      ...event,
      stream,
      seq,
      atUs,
      simulated,
      id: event.id ?? ids.next(),
      trace: event.trace ?? ids.span(trace),
    } as Unplaced;
  });
}
