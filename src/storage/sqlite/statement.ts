// Prepared statements that write, each with its two failpoints.
import type { DatabaseSync, SQLInputValue, StatementResultingChanges } from "node:sqlite";
import type { Failpoints } from "../../platform/failpoints.ts";

export type WriteStatement = (...values: SQLInputValue[]) => StatementResultingChanges;

export interface WriteStatementOptions {
  /** What the failpoints are called, for example `store.event`. */
  readonly name: string;
  readonly sql: string;
}

export type PrepareWrite = (options: WriteStatementOptions) => WriteStatement;

export interface PrepareWriteOptions {
  readonly failpoints: Failpoints;
  /** Refuses a write outside a transaction, and opens its caller's savepoint. */
  beforeWrite(): void;
}

export function createPrepareWrite(
  database: DatabaseSync,
  { failpoints, beforeWrite }: PrepareWriteOptions,
): PrepareWrite {
  return ({ name, sql }) => {
    const statement = database.prepare(sql);
    const before = `${name}.before`;
    const after = `${name}.after`;
    return (...values) => {
      beforeWrite();
      failpoints.hit(before);
      const result = statement.run(...values);
      failpoints.hit(after);
      return result;
    };
  };
}
