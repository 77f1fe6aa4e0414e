// The embedded store: one SQLite file in WAL mode, one connection per process
// that writes with group commit and reads between its own transactions.
import type { DatabaseSync } from "node:sqlite";
import { PolylogueError } from "../../domain/errors.ts";
import { US_PER_MS } from "../../domain/time.ts";
import { type Clock, sleep } from "../../platform/clock.ts";
import { type Failpoints, NO_FAILPOINTS } from "../../platform/failpoints.ts";
import type { Migration } from "../migrations/migration.ts";
import { SQLITE_MIGRATIONS } from "../migrations/sqlite.ts";
import type { Store, StoreReader, StoreTransaction } from "../store.ts";
import { createChangeWatch } from "./change-watch.ts";
import { type ConnectionOptions, checkIntegrity, MEMORY_PATH, openConnection } from "./connection.ts";
import { createEngine } from "./engine.ts";
import { createGroupCommit } from "./group-commit.ts";
import { isBusy, storeError } from "./sqlite-error.ts";
import { createTables, type Tables } from "./tables.ts";

export interface SqliteStoreOptions {
  /** A file, made with its directory when missing; or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  /** How often other processes' commits are looked for while somebody listens. Default 100. */
  readonly changePollMs?: number;
  /** `NORMAL` survives the death of the process but may lose the last commits when the power fails. Default `FULL`. */
  readonly synchronous?: "FULL" | "NORMAL";
  /** Beyond it writes are refused with `STORE_FULL`. Default 256 GiB. */
  readonly sizeBytesMax?: number;
  /** Writers that may wait at the same time. Default 10,000. */
  readonly queueDepthMax?: number;
  /** Writers that share one commit: more would save little and hold the event loop up for longer. Default 128. */
  readonly groupSizeMax?: number;
  /** How long another process's lock is waited for. Default 5,000. */
  readonly busyWaitMsMax?: number;
  readonly failpoints?: Failpoints;
  /** Default: those of this program. */
  readonly migrations?: readonly Migration[];
}

export interface SqliteStore extends Store {
  /** The problems found in the file, empty when there is none. `quick` leaves out that indexes match their tables. */
  integrityCheck(depth: "quick" | "full"): Promise<string[]>;
}

const CHANGE_POLL_MS = 100;
const SIZE_BYTES_MAX = 256 * 1024 ** 3;
const QUEUE_DEPTH_MAX = 10_000;
const GROUP_SIZE_MAX = 128;
const BUSY_WAIT_MS_MAX = 5_000;
const BUSY_RETRY_MS = 10;

/**
 * Opens the store, migrating it when it is older than the program. Rejects with
 * `STORE_NEWER`, `STORE_MIGRATION_CHANGED`, `STORE_CORRUPT`, `STORE_READ_ONLY`,
 * `STORE_IO`, `STORE_BUSY` or `STORE_LIBRARY_OLD`, having changed nothing.
 */
export async function createSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { path, clock } = options;
  const connection: ConnectionOptions = {
    path,
    synchronous: options.synchronous ?? "FULL",
    sizeBytesMax: options.sizeBytesMax ?? SIZE_BYTES_MAX,
    migrations: options.migrations ?? SQLITE_MIGRATIONS,
    failpoints: options.failpoints ?? NO_FAILPOINTS,
    nowUs: clock.nowUs(),
  };
  const patience: Patience = { clock, path, waitMsMax: options.busyWaitMsMax ?? BUSY_WAIT_MS_MAX };
  const database = await untilFree(patience, () => openConnection(connection));
  return assemble(database, options, patience);
}

interface Patience {
  readonly clock: Clock;
  readonly path: string;
  readonly waitMsMax: number;
}

/** Repeats `act` while another process holds a lock, without holding up the event loop; then `STORE_BUSY`. */
async function untilFree<T>({ clock, path, waitMsMax }: Patience, act: () => T): Promise<T> {
  const untilUs = clock.monotonicUs() + waitMsMax * US_PER_MS;
  while (true) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error) || clock.monotonicUs() >= untilUs) throw storeError(error, path);
      await sleep(clock, BUSY_RETRY_MS);
    }
  }
}

function assemble(database: DatabaseSync, options: SqliteStoreOptions, patience: Patience): SqliteStore {
  const { path, clock } = options;
  const failpoints = options.failpoints ?? NO_FAILPOINTS;
  let tables: Tables;
  const engine = createEngine({ database, path, failpoints, forget: (reason) => tables.forget(reason) });
  tables = createTables({ database, failpoints, engine });
  const dataVersion = database.prepare("PRAGMA data_version");
  const watch = createChangeWatch({
    clock,
    pollMs: path === MEMORY_PATH ? undefined : (options.changePollMs ?? CHANGE_POLL_MS),
    dataVersion: () => (dataVersion.get() as { data_version: number }).data_version,
  });
  const commits = createGroupCommit({
    engine,
    clock,
    queueDepthMax: options.queueDepthMax ?? QUEUE_DEPTH_MAX,
    groupSizeMax: options.groupSizeMax ?? GROUP_SIZE_MAX,
    busyWaitMsMax: options.busyWaitMsMax ?? BUSY_WAIT_MS_MAX,
    onCommit: watch.notify,
  });
  let closing: Promise<void> | undefined;

  async function write<T>(work: () => T): Promise<T> {
    if (closing !== undefined) throw closed(path);
    return commits.submit(work);
  }

  /**
   * Reads share the writer's connection, which sees its own uncommitted rows. They never meet
   * any: a transaction runs from BEGIN to COMMIT without giving up the thread, and a read begins
   * in a microtask of its own, so it cannot run inside one, not even when `work` asks for it.
   */
  async function read<T>(work: () => T): Promise<T> {
    if (closing !== undefined) throw closed(path);
    await Promise.resolve();
    return untilFree(patience, () => {
      if (!database.isOpen) throw closed(path);
      return work();
    });
  }

  async function shutDown(): Promise<void> {
    await commits.drain();
    // Whoever waits for a change is told that none will come: its next read is refused.
    watch.notify();
    watch.stop();
    database.close();
  }

  return {
    transact: <T>(work: (transaction: StoreTransaction) => T) => write(() => work(tables.transaction)),
    read: <T>(work: (reader: StoreReader) => T) => read(() => tables.snapshot(work)),
    events: (query) => read(() => tables.reader.readEvents(query)),
    body: (hash) => read(() => tables.bodies.get(hash)),
    acquireLease: (request) => write(() => tables.leases.acquire(request)),
    releaseLease: (lease) => write(() => tables.leases.release(lease)),
    assertLease: (_transaction, lease) => tables.leases.assert(lease),
    readLease: (name) => read(() => tables.leases.read(name)),
    onChange: watch.onChange,
    integrityCheck: (depth) => read(() => checkIntegrity(database, depth)),
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}

function closed(path: string): PolylogueError {
  return new PolylogueError("STORE_CLOSED", {
    message: `The store ${path} is closed.`,
    mend: "Open it again; a store that was closed takes no calls.",
  });
}
