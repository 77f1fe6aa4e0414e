// The store contract: one append-only event log, content-addressed bodies,
// documents that projections keep, and leases. All SQL lives behind it.
import type { ConversationId, StreamId } from "../domain/ids.ts";
import type { JournalEvent } from "../domain/journal-event.ts";
import type { JsonValue } from "../domain/json.ts";
import type { TimestampUs } from "../domain/time.ts";

/**
 * A projection's row. `group` and `order` form its one secondary index: a
 * listing reads one group in ascending order (ties by key).
 */
export interface StoredDocument {
  readonly key: string;
  readonly group: string;
  /** An integer; a time in µs, a seq, or 0. */
  readonly order: number;
  readonly value: JsonValue;
}

export interface DocumentQuery {
  readonly group: string;
  /** Only documents with `order` ≥ this. */
  readonly orderMin?: number;
  /** Only documents with `order` ≤ this. */
  readonly orderMax?: number;
  readonly descending?: boolean;
  /** At most so many; required, so that no reader is unbounded by accident. */
  readonly limit: number;
}

export interface StoredBody {
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** Synchronous reads, inside a transaction or of the last committed state. */
export interface StoreReader {
  /** Highest seq of a stream; 0 when it has no event. */
  lastSeq(stream: StreamId): number;
  /** Highest position of the journal; 0 when it is empty. */
  lastPosition(): number;
  hasBody(hash: string): boolean;
  getDocument(collection: string, key: string): StoredDocument | undefined;
  listDocuments(collection: string, query: DocumentQuery): StoredDocument[];
  /** One page of events, as {@link Store.events}; here for rebuilds, which must see what they are about to replace. */
  readEvents(query: EventQuery): JournalEvent[];
}

/** Writes of one transaction. Nothing is visible to others before the commit. */
export interface StoreTransaction extends StoreReader {
  /** `seq` must go on from {@link StoreReader.lastSeq} without a gap; `position` is given by the store. */
  insertEvents(events: readonly Omit<JournalEvent, "position">[]): JournalEvent[];
  /** Writing a body that exists changes nothing. */
  putBody(body: StoredBody): void;
  putDocument(collection: string, document: StoredDocument): void;
  deleteDocument(collection: string, key: string): void;
  /** Every document of a collection, for a rebuild. */
  clearCollection(collection: string): void;
}

export interface EventQuery {
  /** One stream, in order of seq; or all streams, in order of position. */
  readonly stream?: StreamId;
  /** Exclusive: a seq with `stream`, else a position. */
  readonly after: number;
  readonly limit: number;
}

/**
 * The right to drive one thing. `token` strictly increases with every new
 * owner; a writer that shows an old one is refused, however late it wakes.
 */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly token: number;
  readonly expiresAtUs: TimestampUs;
}

export interface LeaseRequest {
  readonly name: string;
  readonly owner: string;
  readonly ttlMs: number;
  readonly nowUs: TimestampUs;
}

/**
 * Contract, run as one suite over every implementation:
 * - `transact` runs `work` once or more (so it must be pure but for the
 *   transaction), commits, then resolves; a resolved promise is durable.
 * - `work` of several callers may share one commit. What one throws rejects
 *   that caller alone and undoes its writes alone.
 * - Reads outside a transaction see committed state only.
 * - After `close`, every call rejects with `STORE_CLOSED`; what was queued
 *   before is committed first.
 */
export interface Store {
  transact<T>(work: (transaction: StoreTransaction) => T): Promise<T>;
  /** A consistent synchronous view for one call of `work`. */
  read<T>(work: (reader: StoreReader) => T): Promise<T>;
  events(query: EventQuery): Promise<JournalEvent[]>;
  body(hash: string): Promise<Uint8Array | undefined>;
  /** Takes or renews; resolves to undefined while another owner's lease lasts. */
  acquireLease(request: LeaseRequest): Promise<Lease | undefined>;
  /** Ends the lease if `token` is still the present one. */
  releaseLease(lease: Lease): Promise<void>;
  /** Inside a transaction: throws `LEASE_LOST` unless this is the present token. */
  assertLease(transaction: StoreTransaction, lease: Lease): void;
  readLease(name: string): Promise<Lease | undefined>;
  /**
   * Wakes when anybody, in this or another process, has committed since. A wake-up may be spurious,
   * never missing for longer than `changePollMs`. Closing wakes a last time.
   */
  onChange(wake: () => void): () => void;
  /** Commits what was queued, then lets go of the data. Closing twice is harmless. */
  close(): Promise<void>;
}

/** Which conversation a lease drives. */
export function conversationLease(conversation: ConversationId): string {
  return `conversation/${conversation}`;
}
