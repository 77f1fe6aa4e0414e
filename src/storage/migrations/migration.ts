// Forward migrations: an ordered list, each applied once, each remembered with
// its checksum. Nothing here knows a database; each store applies the plan.
import { PolylogueError } from "../../domain/errors.ts";
import { sha256 } from "../../platform/hash.ts";

export interface Migration {
  /** From 1, without gaps. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  /** {@link migrationChecksum} when it was applied. */
  readonly checksum: string;
}

export function migrationChecksum(migration: Migration): string {
  return sha256(`${migration.version}\n${migration.name}\n${migration.sql}`);
}

/**
 * What remains to be applied, in order. Throws `STORE_NEWER` when the store
 * knows a version that this program does not, and `STORE_MIGRATION_CHANGED`
 * when an applied migration is no longer the text that was applied.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const newest = known.length;
  for (const record of applied) {
    const migration = known[record.version - 1];
    if (migration === undefined) {
      throw new PolylogueError("STORE_NEWER", {
        message: `The store is at version ${record.version} (${record.name}), this program knows up to ${newest}. Nothing was changed.`,
        mend: "Use the newer Polylogue that wrote this store, or another POLYLOGUE_HOME.",
      });
    }
    if (migrationChecksum(migration) !== record.checksum) {
      throw new PolylogueError("STORE_MIGRATION_CHANGED", {
        message: `Migration ${record.version} (${record.name}) was applied with another text than this program carries. Nothing was changed.`,
        mend: "Use the released Polylogue that wrote this store; an applied migration is never edited, a new one is added.",
      });
    }
  }
  return known.slice(applied.length);
}
