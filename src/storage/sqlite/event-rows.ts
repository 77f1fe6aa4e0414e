// Events as rows and back. An event's data is turned into text exactly once.
import type { DatabaseSync } from "node:sqlite";
import { PolylogueError } from "../../domain/errors.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import type { EventQuery } from "../store.ts";
import type { Names } from "./names.ts";
import { type Packed, packTraceparent, packUuid, unpackTraceparent, unpackUuid } from "./packing.ts";
import { assertLimit } from "./page-limit.ts";
import { isConstraint } from "./sqlite-error.ts";
import type { PrepareWrite } from "./statement.ts";

export type UnplacedEvent = Omit<JournalEvent, "position">;

export interface EventRows {
  lastSeq(stream: string): number;
  lastPosition(): number;
  insert(events: readonly UnplacedEvent[]): JournalEvent[];
  read(query: EventQuery): JournalEvent[];
  /** Before each transaction and after each rollback: what was learnt of the ends of streams is no longer sure. */
  forget(): void;
}

interface Row {
  readonly position: number;
  readonly stream: number;
  readonly seq: number;
  readonly id: Packed;
  readonly at_us: number;
  readonly kind: number;
  readonly actor: number;
  readonly trace: Packed;
  readonly causation_id: Packed | null;
  readonly simulated: number;
  readonly data: string;
}

export interface EventRowsOptions {
  readonly database: DatabaseSync;
  readonly names: Names;
  readonly prepareWrite: PrepareWrite;
}

/**
 * Positions: SQLite lets one transaction write at a time, in all processes
 * together, and gives the next rowid under that lock. So whatever commits later
 * also has larger positions, and a reader that goes on after the largest
 * position it has seen never skips an event that commits late.
 */
export function createEventRows({ database, names, prepareWrite }: EventRowsOptions): EventRows {
  const insertEvent = prepareWrite({
    name: "store.event",
    sql: `INSERT INTO events (stream, seq, id, at_us, kind, actor, trace, causation_id, simulated, data)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  });
  const selectLastSeq = database.prepare("SELECT max(seq) AS last FROM events WHERE stream = ?");
  const selectLastPosition = database.prepare("SELECT max(position) AS last FROM events");
  const selectStream = database.prepare("SELECT * FROM events WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?");
  const selectAll = database.prepare("SELECT * FROM events WHERE position > ? ORDER BY position LIMIT ?");
  const lastSeqs = new Map<string, number>();

  function lastSeq(stream: string): number {
    const known = lastSeqs.get(stream);
    if (known !== undefined) return known;
    const id = names.find(stream);
    const last = id === undefined ? 0 : ((selectLastSeq.get(id) as { last: number | null }).last ?? 0);
    lastSeqs.set(stream, last);
    return last;
  }

  function insertOne(event: UnplacedEvent): JournalEvent {
    const expected = lastSeq(event.stream) + 1;
    if (event.seq !== expected) {
      throw new PolylogueError("SEQ_CONFLICT", {
        message: `Stream ${event.stream} goes on with seq ${expected}, not ${event.seq}.`,
        mend: "Read what was appended since, decide again, and append after it.",
      });
    }
    const position = Number(insertEvent(...valuesOf(event)).lastInsertRowid);
    lastSeqs.set(event.stream, event.seq);
    return { ...event, position } as JournalEvent;
  }

  function valuesOf(event: UnplacedEvent): Parameters<typeof insertEvent> {
    return [
      names.intern(event.stream),
      event.seq,
      packUuid(event.id),
      event.atUs,
      names.intern(event.kind),
      names.intern(event.actor),
      packTraceparent(event.trace.traceparent),
      event.causationId === undefined ? null : packUuid(event.causationId),
      event.simulated ? 1 : 0,
      JSON.stringify(event.data),
    ];
  }

  const eventOf = (row: Row) => eventFrom(row, names);

  function read({ stream, after, limit }: EventQuery): JournalEvent[] {
    assertLimit(limit);
    if (stream === undefined) return (selectAll.all(after, limit) as unknown as Row[]).map(eventOf);
    const id = names.find(stream);
    return id === undefined ? [] : (selectStream.all(id, after, limit) as unknown as Row[]).map(eventOf);
  }

  return {
    lastSeq,
    lastPosition: () => (selectLastPosition.get() as { last: number | null }).last ?? 0,
    insert: (events) =>
      events.map((event) => {
        try {
          return insertOne(event);
        } catch (error) {
          throw isConstraint(error) ? duplicate(event, error) : error;
        }
      }),
    read,
    forget: () => lastSeqs.clear(),
  };
}

function eventFrom(row: Row, names: Names): JournalEvent {
  return {
    position: row.position,
    stream: names.nameOf(row.stream),
    seq: row.seq,
    id: unpackUuid(row.id),
    atUs: row.at_us,
    kind: names.nameOf(row.kind),
    actor: names.nameOf(row.actor),
    trace: { traceparent: unpackTraceparent(row.trace) },
    ...(row.causation_id === null ? {} : { causationId: unpackUuid(row.causation_id) }),
    simulated: row.simulated === 1,
    data: JSON.parse(row.data),
  } as JournalEvent;
}

function duplicate(event: UnplacedEvent, cause: unknown): PolylogueError {
  return new PolylogueError("DUPLICATE", {
    message: `The event ${event.id} (${event.kind}) of stream ${event.stream} breaks a rule of the log (${(cause as Error).message}): most likely it was appended before.`,
    mend: "Take the event that is there: an id derived from its cause is appended once.",
    cause,
  });
}
