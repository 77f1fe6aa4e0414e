// Opens the one connection of a process: checks the library and the file,
// migrates, sets the pragmas that durability rests on.
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PolylogueError } from "../../domain/errors.ts";
import type { Failpoints } from "../../platform/failpoints.ts";
import {
  type AppliedMigration,
  type Migration,
  migrationChecksum,
  pendingMigrations,
} from "../migrations/migration.ts";

export const MEMORY_PATH = ":memory:";

/** "PLOG", in the file's header: tells a store from any other SQLite file. */
const APPLICATION_ID = 0x504c4f47;

/**
 * SQLite itself waits so long for a lock, and the event loop with it; whoever
 * needs longer waits outside, on the clock.
 */
const BUSY_TIMEOUT_MS = 5;

/** Below it, two processes that write and check-point at once can corrupt a WAL file (the "WAL-reset" bug). */
const SQLITE_VERSION_MIN = [3, 51, 3] as const;

const JOURNAL_SIZE_BYTES_MAX = 64 * 1024 * 1024;
const CHECKPOINT_PAGES = 1_000;

export interface ConnectionOptions {
  readonly path: string;
  readonly synchronous: "FULL" | "NORMAL";
  readonly sizeBytesMax: number;
  readonly migrations: readonly Migration[];
  readonly failpoints: Failpoints;
  readonly nowUs: number;
}

/** `version`: of the SQLite library, for example `3.53.4`. Throws `STORE_LIBRARY_OLD`. */
export function assertSqliteLibrary(version: string): void {
  const parts = version.split(".").map(Number);
  for (const [index, least] of SQLITE_VERSION_MIN.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (part < least) {
      throw new PolylogueError("STORE_LIBRARY_OLD", {
        message: `This Node carries SQLite ${version}, which can corrupt a store that several processes use; ${SQLITE_VERSION_MIN.join(".")} or newer is needed.`,
        mend: "Use Node 24.15 or newer.",
      });
    }
  }
}

/** May throw SQLite's busy error, when other processes open the same new file; then it may simply be called again. */
export function openConnection(options: ConnectionOptions): DatabaseSync {
  assertSqliteLibrary(process.versions.sqlite as string);
  if (options.path !== MEMORY_PATH) createPrivateFile(options.path);
  const database = new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Before anything is written: a foreign, newer or changed store is left as it is.
    assertOurs(database, options.path);
    pendingMigrations(options.migrations, appliedMigrations(database));
    configure(database, options);
    migrate(database, options);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * The conversations in it are private: only this user may read them; SQLite gives the -wal and
 * -shm files the same mode. An existing file is left alone, because closing a second descriptor
 * of it would drop the locks that another connection of this process holds on it.
 */
function createPrivateFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    const isDenied = ["EACCES", "EROFS", "EPERM"].includes(String(code));
    throw new PolylogueError(isDenied ? "STORE_READ_ONLY" : "STORE_IO", {
      message: `The store ${path} cannot be created (${message}).`,
      mend: "Give this user write permission on the directory, or use another POLYLOGUE_HOME.",
      cause: error,
    });
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name] as number;
}

function assertOurs(database: DatabaseSync, path: string): void {
  const id = pragma(database, "application_id");
  if (id === APPLICATION_ID) return;
  if (id === 0 && database.prepare("SELECT 1 FROM sqlite_schema").get() === undefined) return;
  throw new PolylogueError("STORE_CORRUPT", {
    message: `The file ${path} is a SQLite database of another program. Nothing was changed.`,
    mend: "Choose another path for the store.",
  });
}

function appliedMigrations(database: DatabaseSync): AppliedMigration[] {
  const exists = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migrations'").get();
  if (exists === undefined) return [];
  return database
    .prepare("SELECT version, name, checksum FROM migrations ORDER BY version")
    .all() as unknown as AppliedMigration[];
}

function configure(database: DatabaseSync, options: ConnectionOptions): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${options.synchronous};
    PRAGMA foreign_keys = ON;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = ${JOURNAL_SIZE_BYTES_MAX};
    PRAGMA temp_store = MEMORY;
    PRAGMA mmap_size = 0;
    PRAGMA max_page_count = ${Math.floor(options.sizeBytesMax / pragma(database, "page_size"))};
  `);
}

/** One transaction for all, so that a crash in the middle leaves the old version. */
function migrate(database: DatabaseSync, { migrations, failpoints, nowUs }: ConnectionOptions): void {
  if (pendingMigrations(migrations, appliedMigrations(database)).length === 0) return;
  failpoints.hit("store.migrate.before");
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(`
      PRAGMA application_id = ${APPLICATION_ID};
      CREATE TABLE IF NOT EXISTS migrations (
        version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at_us INTEGER NOT NULL
      ) STRICT;
    `);
    const record = database.prepare("INSERT INTO migrations VALUES (?, ?, ?, ?)");
    // Asked again under the write lock: another process may have migrated in between.
    for (const migration of pendingMigrations(migrations, appliedMigrations(database))) {
      database.exec(migration.sql);
      failpoints.hit("store.migrate.step");
      record.run(migration.version, migration.name, migrationChecksum(migration), nowUs);
    }
    failpoints.hit("store.migrate.commit.before");
    database.exec("COMMIT");
    failpoints.hit("store.migrate.commit.after");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** The problems SQLite finds in the file; empty when there is none. */
export function checkIntegrity(database: DatabaseSync, depth: "quick" | "full"): string[] {
  const name = depth === "quick" ? "quick_check" : "integrity_check";
  const rows = database.prepare(`PRAGMA ${name}`).all() as Record<string, string>[];
  return rows.map((row) => String(row[name])).filter((line) => line !== "ok");
}
