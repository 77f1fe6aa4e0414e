// Opening a SQLite store: what is checked, what is refused, what is set.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVirtualClock } from "../../../src/platform/virtual-clock.ts";
import type { Migration } from "../../../src/storage/migrations/migration.ts";
import { SQLITE_MIGRATIONS } from "../../../src/storage/migrations/sqlite.ts";
import { assertSqliteLibrary } from "../../../src/storage/sqlite/connection.ts";
import {
  createSqliteStore,
  type SqliteStore,
  type SqliteStoreOptions,
} from "../../../src/storage/sqlite/sqlite-store.ts";
import { sampleEvent } from "../../contracts/sample-events.ts";
import { createTemporaryFile, type TemporaryFile } from "./sqlite-home.ts";

const PAGE_BYTES = 4_096;
let file: TemporaryFile;
const clock = createVirtualClock();

beforeEach(() => {
  file = createTemporaryFile();
});
afterEach(() => file.remove());

const open = (options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> =>
  createSqliteStore({ path: file.path, clock, ...options });
const appendOne = (store: SqliteStore, seq = 1): Promise<unknown> =>
  store.transact((transaction) => transaction.insertEvents([sampleEvent({ stream: "s", seq })]));

describe("opening", () => {
  it("makes the directory and a file that only this user can read, in WAL mode", async () => {
    const path = join(file.directory, "deep", "er", "polylogue.db");
    const store = await createSqliteStore({ path, clock });
    await appendOne(store);
    for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
    await store.close();
    const database = new DatabaseSync(path);
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    expect(database.prepare("SELECT stream, seq, kind, actor, at FROM journal").all()).toEqual([
      { stream: "s", seq: 1, kind: "conversation.cancel-requested", actor: "user", at: "2026-11-22T00:00:00.000" },
    ]);
    database.close();
  });

  it("finds nothing wrong with a file it has written, and says what is wrong with a damaged one", async () => {
    const store = await open();
    for (let seq = 1; seq <= 50; seq++) await appendOne(store, seq);
    expect(await store.integrityCheck("quick")).toEqual([]);
    expect(await store.integrityCheck("full")).toEqual([]);
    await store.close();
    const bytes = readFileSync(file.path);
    bytes.fill(0xff, PAGE_BYTES, bytes.length);
    writeFileSync(file.path, bytes);
    expect(await problemsOf().catch((error) => [error.code])).not.toEqual([]);
  });

  /** Damage may show already when the file is opened, or only when it is looked for. */
  async function problemsOf(): Promise<string[]> {
    const damaged = await open();
    try {
      return await damaged.integrityCheck("full");
    } finally {
      await damaged.close();
    }
  }

  it.each(["3.51.3", "3.51.4", "3.53.0", "4"])("accepts SQLite %s", (version) => {
    expect(() => assertSqliteLibrary(version)).not.toThrow();
  });

  it.each(["3.51.2", "3.51", "3.50.9", "2.99.99"])("refuses SQLite %s, which can corrupt a shared file", (version) => {
    expect(() => assertSqliteLibrary(version)).toThrow(expect.objectContaining({ code: "STORE_LIBRARY_OLD" }));
  });
});

describe("refusals, with nothing changed", () => {
  it("a file that is no database is STORE_CORRUPT", async () => {
    writeFileSync(file.path, "no database ".repeat(1_000));
    await expect(open()).rejects.toMatchObject({ code: "STORE_CORRUPT" });
    expect(readFileSync(file.path, "utf8")).toBe("no database ".repeat(1_000));
  });

  it("another program's database is left alone", async () => {
    const database = new DatabaseSync(file.path);
    database.exec("CREATE TABLE recipes (name)");
    database.close();
    const before = readFileSync(file.path);
    await expect(open()).rejects.toMatchObject({
      code: "STORE_CORRUPT",
      message: expect.stringContaining("another program"),
    });
    expect(readFileSync(file.path)).toEqual(before);
  });

  it("a directory in the file's place is STORE_IO", async () => {
    mkdirSync(file.path);
    await expect(open()).rejects.toMatchObject({ code: "STORE_IO" });
  });

  it("a directory that cannot be made is STORE_IO", async () => {
    writeFileSync(join(file.directory, "plain"), "");
    for (const below of ["polylogue.db", "deeper/polylogue.db"]) {
      const path = join(file.directory, "plain", below);
      await expect(createSqliteStore({ path, clock })).rejects.toMatchObject({ code: "STORE_IO" });
    }
  });

  it("a directory that may not be written is STORE_READ_ONLY, with a store in it or without", async () => {
    chmodSync(file.directory, 0o555);
    await asOrdinaryUser(() => expect(open()).rejects.toMatchObject({ code: "STORE_READ_ONLY" }));
    chmodSync(file.directory, 0o755);
    await (await open()).close();
    chmodSync(file.path, 0o444);
    chmodSync(file.directory, 0o555);
    await asOrdinaryUser(() => expect(open()).rejects.toMatchObject({ code: "STORE_READ_ONLY" }));
    expect(existsSync(`${file.path}-wal`)).toBe(false);
  });
});

describe("a file that may be read but not written", () => {
  it("can be read, and refuses writes with STORE_READ_ONLY", async () => {
    const store = await open();
    await appendOne(store);
    await store.close();
    chmodSync(file.path, 0o444);
    chmodSync(file.directory, 0o777);
    await asOrdinaryUser(async () => {
      const readable = await open();
      expect(await readable.events({ after: 0, limit: 9 })).toHaveLength(1);
      await expect(appendOne(readable, 2)).rejects.toMatchObject({ code: "STORE_READ_ONLY" });
      await readable.close();
    });
  });
});

describe("migrations", () => {
  const more = (sql: string): Migration[] => [
    ...SQLITE_MIGRATIONS,
    { version: SQLITE_MIGRATIONS.length + 1, name: "more", sql },
  ];

  it("go forward and keep what is there", async () => {
    const store = await open();
    await appendOne(store);
    await store.close();
    const migrated = await open({ migrations: more("ALTER TABLE leases ADD COLUMN note TEXT") });
    expect(await migrated.events({ after: 0, limit: 9 })).toHaveLength(1);
    expect(await migrated.acquireLease({ name: "l", owner: "o", ttlMs: 1, nowUs: 1 })).toMatchObject({ token: 1 });
    await migrated.close();
  });

  it("refuse a store that is newer, and leave it byte for byte as it is", async () => {
    await (await open({ migrations: more("CREATE TABLE later (a)") })).close();
    const before = readFileSync(file.path);
    await expect(open()).rejects.toMatchObject({ code: "STORE_NEWER" });
    expect(readFileSync(file.path)).toEqual(before);
  });

  it("refuse a store whose migration was another text", async () => {
    await (await open({ migrations: more("CREATE TABLE later (a)") })).close();
    await expect(open({ migrations: more("CREATE TABLE later (a, b)") })).rejects.toMatchObject({
      code: "STORE_MIGRATION_CHANGED",
    });
  });

  it("that fail leave the version before", async () => {
    const store = await open();
    await appendOne(store);
    await store.close();
    const broken = open({ migrations: more("CREATE TABLE half (a); CREATE TABLE half (a)") });
    await expect(broken).rejects.toMatchObject({ code: "INTERNAL" });
    const again = await open();
    expect(await again.events({ after: 0, limit: 9 })).toHaveLength(1);
    await again.close();
  });

  it("are done once when several open a new store at the same time", async () => {
    const stores = await Promise.all([open(), open(), open()]);
    await Promise.all(stores.map((store) => store.close()));
    const database = new DatabaseSync(file.path);
    expect(database.prepare("SELECT count(*) AS n FROM migrations").get()).toEqual({ n: SQLITE_MIGRATIONS.length });
    database.close();
  });

  it("open a copy of the main file alone, because closing has emptied the log beside it", async () => {
    const store = await open();
    await appendOne(store);
    await store.close();
    const copy = join(file.directory, "copy.db");
    copyFileSync(file.path, copy);
    const copied = await createSqliteStore({ path: copy, clock });
    expect(await copied.events({ after: 0, limit: 9 })).toHaveLength(1);
    await copied.close();
  });
});

/** Permissions do not bind the superuser, as whom tests run in many containers: then they are tried as nobody. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
