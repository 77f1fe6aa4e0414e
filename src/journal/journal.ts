// The journal contract: append with a decider, read, tail, bodies, projections.
import type { BodyRef } from "../domain/envelope.ts";
import type { StreamId } from "../domain/ids.ts";
import type { JournalEvent, NewJournalEvent } from "../domain/journal-event.ts";
import type { JsonValue } from "../domain/json.ts";
import type { TraceContext } from "../domain/trace.ts";
import type { DocumentQuery, Lease, StoredDocument } from "../storage/store.ts";

/** What a decider may read: committed state plus what the same transaction has written so far. */
export interface DecisionView {
  lastSeq(stream: StreamId): number;
  document(collection: string, key: string): StoredDocument | undefined;
  documents(collection: string, query: DocumentQuery): StoredDocument[];
}

/**
 * What a decider wants written, and what its caller gets back. Events may go
 * to several streams; their order is kept.
 */
export interface Decision<R> {
  readonly events: readonly (NewJournalEvent & { readonly stream?: StreamId })[];
  /** Bodies that the events refer to, stored in the same transaction. */
  readonly bodies?: readonly EncodedBody[];
  readonly result: R;
}

export interface AppendRequest<R> {
  readonly stream: StreamId;
  /** Refused with `SEQ_CONFLICT` when the stream's last seq differs. */
  readonly expectedSeq?: number;
  /** Refused with `LEASE_LOST` when this lease is no longer the present one. */
  readonly lease?: Lease;
  /** Default trace and mark of the events. */
  readonly trace?: TraceContext;
  readonly simulated?: boolean;
  /**
   * Synchronous and pure: it may run again. It refuses by throwing a
   * `PolylogueError`; then nothing of it is written and others are unharmed.
   */
  decide(view: DecisionView): Decision<R>;
}

export interface Appended<R> {
  readonly result: R;
  readonly events: readonly JournalEvent[];
}

/**
 * A pure reader of events that keeps documents in its own collections, in the
 * same transaction as the events (inline). Dropped and rebuilt, it gives the
 * same bytes.
 */
export interface Projection {
  readonly name: string;
  /** Raise it when the meaning changes: the projection is rebuilt at the next start. */
  readonly version: number;
  readonly collections: readonly string[];
  apply(event: JournalEvent, documents: ProjectionWriter): void;
}

export interface ProjectionWriter {
  get(collection: string, key: string): StoredDocument | undefined;
  list(collection: string, query: DocumentQuery): StoredDocument[];
  put(collection: string, document: StoredDocument): void;
  delete(collection: string, key: string): void;
}

/** A body as bytes with its address. */
export interface EncodedBody {
  readonly ref: BodyRef;
  readonly bytes: Uint8Array;
}

export interface TailOptions {
  /** Exclusive: a position, or with `stream` a seq. 0 for everything. */
  readonly after: number;
  readonly stream?: StreamId;
  /** Ends the iteration. */
  readonly signal: AbortSignal;
}

export interface Journal {
  append<R>(request: AppendRequest<R>): Promise<Appended<R>>;
  /** One page, oldest first; at most `limit`. */
  read(query: { readonly stream?: StreamId; readonly after: number; readonly limit: number }): Promise<JournalEvent[]>;
  /** Every event of a stream. */
  readAll(stream: StreamId): AsyncIterable<JournalEvent>;
  /** What is there, then what comes, from any process, until the signal aborts. Never skips, never repeats. */
  tail(options: TailOptions): AsyncIterable<JournalEvent>;
  document(collection: string, key: string): Promise<StoredDocument | undefined>;
  documents(collection: string, query: DocumentQuery): Promise<StoredDocument[]>;
  /** Throws `BODY_MISSING` when it was erased or never stored. */
  body(ref: BodyRef): Promise<JsonValue>;
  encodeBody(value: JsonValue): EncodedBody;
  /** Drops a projection's documents and rebuilds them from the events. */
  rebuild(projection: string): Promise<void>;
  /** Calls back after each commit of this process and soon after each of another; a doorbell, not a record. */
  onChange(wake: () => void): () => void;
}
