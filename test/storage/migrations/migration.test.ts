// Which migrations are applied, and when a store is refused.
import { describe, expect, it } from "vitest";
import {
  type AppliedMigration,
  type Migration,
  migrationChecksum,
  pendingMigrations,
} from "../../../src/storage/migrations/migration.ts";
import { SQLITE_MIGRATIONS } from "../../../src/storage/migrations/sqlite.ts";

const KNOWN: readonly Migration[] = [
  { version: 1, name: "one", sql: "CREATE TABLE one (a)" },
  { version: 2, name: "two", sql: "CREATE TABLE two (a)" },
];
const applied = (...migrations: readonly Migration[]): AppliedMigration[] =>
  migrations.map((migration) => ({ ...migration, checksum: migrationChecksum(migration) }));

describe("pending migrations", () => {
  it("are those that were not applied, in order", () => {
    expect(pendingMigrations(KNOWN, [])).toEqual(KNOWN);
    expect(pendingMigrations(KNOWN, applied(...KNOWN.slice(0, 1)))).toEqual(KNOWN.slice(1));
    expect(pendingMigrations(KNOWN, applied(...KNOWN))).toEqual([]);
  });

  it("are refused for a store that is newer than the program", () => {
    const newer = { version: 3, name: "three", sql: "" };
    expect(() => pendingMigrations(KNOWN, applied(...KNOWN, newer))).toThrow(
      expect.objectContaining({ code: "STORE_NEWER", message: expect.stringContaining("version 3 (three)") }),
    );
  });

  it.each<[string, Partial<Migration>]>([
    ["text", { sql: "CREATE TABLE one (a, b)" }],
    ["name", { name: "uno" }],
  ])("are refused when the %s of an applied one was changed", (_, change) => {
    const before = applied({ version: 1, name: "one", sql: "CREATE TABLE one (a)", ...change });
    expect(() => pendingMigrations(KNOWN, before)).toThrow(
      expect.objectContaining({ code: "STORE_MIGRATION_CHANGED" }),
    );
  });
});

describe("the program's own migrations", () => {
  it("are numbered from 1 without gaps", () => {
    expect(SQLITE_MIGRATIONS.map((migration) => migration.version)).toEqual(
      SQLITE_MIGRATIONS.map((_, index) => index + 1),
    );
  });

  it("were not edited after they were released", () => {
    expect(SQLITE_MIGRATIONS.map(migrationChecksum)).toMatchInlineSnapshot(`
      [
        "26d6340830bf1a327d5a8a2cebd27199a573960e5ee8a9a5f80fd6de321b28dd",
      ]
    `);
  });
});
