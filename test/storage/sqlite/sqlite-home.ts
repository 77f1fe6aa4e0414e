// Places for SQLite stores in tests: a directory of its own each, or memory.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "../../../src/storage/sqlite/sqlite-store.ts";
import type { StoreHarness } from "../../contracts/store-harness.ts";

export interface TemporaryFile {
  readonly path: string;
  readonly directory: string;
  remove(): void;
}

export function createTemporaryFile(): TemporaryFile {
  const directory = mkdtempSync(join(tmpdir(), "polylogue-store-"));
  return {
    directory,
    path: join(directory, "polylogue.db"),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The disk is not synced in these: what they test does not depend on it, and the property tests open hundreds. */
export const SQLITE_FILE: StoreHarness = {
  name: "SQLite file",
  keepsData: true,
  createHome: async () => {
    const file = createTemporaryFile();
    return {
      open: (clock) => createSqliteStore({ path: file.path, clock, synchronous: "NORMAL" }),
      dispose: async () => file.remove(),
    };
  },
};

export const SQLITE_MEMORY: StoreHarness = {
  name: "SQLite in memory",
  keepsData: "memory ends with its connection",
  createHome: async () => ({
    open: (clock) => createSqliteStore({ path: ":memory:", clock }),
    dispose: async () => {},
  }),
};
