// The transaction of the one writing connection: the write lock, savepoints
// that are opened only when somebody writes, and the commit.
import type { DatabaseSync } from "node:sqlite";
import { PolylogueError } from "../../domain/errors.ts";
import type { Failpoints } from "../../platform/failpoints.ts";
import type { TransactionEngine } from "./group-commit.ts";
import { isBusy, isEngineFailure, storeError } from "./sqlite-error.ts";

export interface SqliteEngine extends TransactionEngine {
  /** Called before each write. Throws outside a transaction. */
  beforeWrite(): void;
}

export interface EngineOptions {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly failpoints: Failpoints;
  /** What was cached of rows that a rollback has undone, or that others may have changed since. */
  forget(reason: "begin" | "rollback"): void;
}

export function createEngine({ database, path, failpoints, forget }: EngineOptions): SqliteEngine {
  // IMMEDIATE: the lock is taken before anything is read, so that no transaction fails for having read too early.
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const savepoint = database.prepare("SAVEPOINT caller");
  const release = database.prepare("RELEASE caller");
  const rollbackTo = database.prepare("ROLLBACK TO caller");
  let isOpen = false;
  let hasSavepoint = false;
  let hasWritten = false;

  return {
    begin: () => {
      failpoints.hit("store.begin.before");
      try {
        begin.run();
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
      forget("begin");
      isOpen = true;
      hasWritten = false;
      failpoints.hit("store.begin.after");
      return true;
    },
    savepoint: () => {
      hasSavepoint = false;
    },
    beforeWrite: () => {
      if (!isOpen) throw usedTooLate();
      hasWritten = true;
      if (hasSavepoint) return;
      savepoint.run();
      hasSavepoint = true;
    },
    releaseSavepoint: () => {
      if (hasSavepoint) release.run();
    },
    rollbackSavepoint: () => {
      if (!hasSavepoint) return;
      rollbackTo.run();
      release.run();
      forget("rollback");
    },
    commit: () => {
      failpoints.hit("store.commit.before");
      commit.run();
      isOpen = false;
      failpoints.hit("store.commit.after");
      return hasWritten;
    },
    rollback: () => {
      isOpen = false;
      forget("rollback");
      if (database.isTransaction) database.exec("ROLLBACK");
    },
    isLost: (error) => isEngineFailure(error) || !database.isTransaction,
    translate: (error) => storeError(error, path),
  };
}

function usedTooLate(): PolylogueError {
  return new PolylogueError("INTERNAL", {
    message: "A transaction was used after its work had returned.",
    mend: "Do everything inside the function that `transact` is given.",
  });
}
