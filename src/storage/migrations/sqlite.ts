// The SQLite schema, as the forward migrations that make it.
import type { Migration } from "./migration.ts";

/**
 * Layout, chosen for few pages per commit and few bytes per event:
 * - `names` holds each stream, kind, actor and collection once; rows refer to
 *   it by number. Its rows are never deleted, so numbers may be cached for ever.
 *   There are no foreign keys to it: the check would cost three lookups per event.
 * - `id`, `causation_id` and `hash` are the raw bytes of a UUID or digest, `trace` the
 *   25 bytes of a traceparent; ANY, because text of another form is kept as it is.
 * - `position` is the rowid. A store that deletes events must keep the newest one,
 *   because SQLite gives the next rowid from the largest that is there.
 * - `journal` shows it all to people: sqlite3 FILE "SELECT * FROM journal".
 */
const INITIAL = `
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  seq INTEGER NOT NULL CHECK (seq > 0),
  id ANY NOT NULL UNIQUE,
  at_us INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  trace ANY NOT NULL,
  causation_id ANY,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  data TEXT NOT NULL,
  UNIQUE (stream, seq)
) STRICT;

CREATE TABLE bodies (
  hash ANY NOT NULL UNIQUE,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE documents (
  collection INTEGER NOT NULL,
  key TEXT NOT NULL,
  group_key TEXT NOT NULL,
  order_key INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (collection, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX documents_by_group ON documents (collection, group_key, order_key, key);

CREATE TABLE leases (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT,
  token INTEGER NOT NULL,
  expires_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW journal AS
SELECT events.position, streams.name AS stream, events.seq, lower(hex(events.id)) AS id,
  strftime('%Y-%m-%dT%H:%M:%f', events.at_us / 1000000.0, 'unixepoch') AS at,
  kinds.name AS kind, actors.name AS actor, events.simulated, events.data
FROM events
JOIN names AS streams ON streams.id = events.stream
JOIN names AS kinds ON kinds.id = events.kind
JOIN names AS actors ON actors.id = events.actor;
`;

export const SQLITE_MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "events, bodies, documents, leases", sql: INITIAL },
];
