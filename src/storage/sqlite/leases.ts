// Leases with fencing tokens. A row is never deleted, so that a name's token
// goes on rising for ever, whoever held it and whenever it ended.
import type { DatabaseSync } from "node:sqlite";
import { PolylogueError } from "../../domain/errors.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Lease, LeaseRequest } from "../store.ts";
import type { PrepareWrite } from "./statement.ts";

export interface Leases {
  /** Inside a transaction. */
  acquire(request: LeaseRequest): Lease | undefined;
  /** Inside a transaction. */
  release(lease: Lease): void;
  /** Throws `LEASE_LOST`. The present token decides, not the time: nobody else has taken it, so nobody else can have written. */
  assert(lease: Lease): void;
  read(name: string): Lease | undefined;
}

interface Row {
  readonly name: string;
  /** Null when it was released. */
  readonly owner: string | null;
  readonly token: number;
  readonly expires_at_us: number;
}

export function createLeases(database: DatabaseSync, prepareWrite: PrepareWrite): Leases {
  const select = database.prepare("SELECT * FROM leases WHERE name = ?");
  const put = prepareWrite({
    name: "store.lease",
    sql: `INSERT INTO leases (name, owner, token, expires_at_us) VALUES (?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE
      SET owner = excluded.owner, token = excluded.token, expires_at_us = excluded.expires_at_us`,
  });
  const rowOf = (name: string) => select.get(name) as Row | undefined;

  function isPresent(lease: Lease): boolean {
    const row = rowOf(lease.name);
    return row?.owner === lease.owner && row.token === lease.token;
  }

  return {
    acquire: ({ name, owner, ttlMs, nowUs }) => {
      const row = rowOf(name);
      const isOwn = row?.owner === owner;
      if (row !== undefined && row.owner !== null && !isOwn && row.expires_at_us > nowUs) return undefined;
      // An owner that comes late, but before any other, keeps its token: its writes were never in doubt.
      const token = row !== undefined && isOwn ? row.token : (row?.token ?? 0) + 1;
      const expiresAtUs = nowUs + Math.round(ttlMs * US_PER_MS);
      put(name, owner, token, expiresAtUs);
      return { name, owner, token, expiresAtUs };
    },
    release: (lease) => {
      if (isPresent(lease)) put(lease.name, null, lease.token, 0);
    },
    assert: (lease) => {
      if (isPresent(lease)) return;
      throw new PolylogueError("LEASE_LOST", {
        message: `The lease ${lease.name} with token ${lease.token} of ${lease.owner} is no longer the present one: another process has taken it, or it was released.`,
        mend: "Stop driving this; whoever holds the lease now goes on from the journal.",
      });
    },
    read: (name) => {
      const row = rowOf(name);
      if (row === undefined || row.owner === null) return undefined;
      return { name, owner: row.owner, token: row.token, expiresAtUs: row.expires_at_us };
    },
  };
}
