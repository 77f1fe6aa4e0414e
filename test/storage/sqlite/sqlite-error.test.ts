// The driver's errors as the catalogue's, code by code (https://www.sqlite.org/rescode.html).
import { describe, expect, it } from "vitest";
import { PolylogueError } from "../../../src/domain/errors.ts";
import { isBusy, isConstraint, isEngineFailure, storeError } from "../../../src/storage/sqlite/sqlite-error.ts";

const sqliteError = (errcode: number): Error => Object.assign(new Error("as SQLite says"), { errcode });

describe("SQLite's result codes", () => {
  it.each([
    [5, "STORE_BUSY"],
    [6, "STORE_BUSY"],
    [15, "STORE_BUSY"],
    [261, "STORE_BUSY"],
    [13, "STORE_FULL"],
    [8, "STORE_READ_ONLY"],
    [1032, "STORE_READ_ONLY"],
    [11, "STORE_CORRUPT"],
    [26, "STORE_CORRUPT"],
    [10, "STORE_IO"],
    [14, "STORE_IO"],
    [7, "STORE_IO"],
    [1, "INTERNAL"],
    [1555, "INTERNAL"],
  ])("%i is %s", (errcode, code) => {
    const cause = sqliteError(errcode);
    expect(storeError(cause, "/home/polylogue.db")).toMatchObject({ code, cause });
    expect((storeError(cause, "/home/polylogue.db") as Error).message).toContain("as SQLite says");
  });

  it("leave every other error as it is", () => {
    for (const error of [
      new PolylogueError("LEASE_LOST", { message: "lost" }),
      new TypeError("mine"),
      "text",
      undefined,
    ]) {
      expect(storeError(error, "path")).toBe(error);
    }
  });

  it("tell failures of the engine, of a lock and of a rule apart", () => {
    const tell = (errcode: number) => [isEngineFailure, isBusy, isConstraint].map((is) => is(sqliteError(errcode)));
    expect(tell(13)).toEqual([true, false, false]);
    expect(tell(517)).toEqual([true, true, false]);
    expect(tell(2067)).toEqual([false, false, true]);
    expect(tell(1)).toEqual([false, false, false]);
    expect([isEngineFailure, isBusy, isConstraint].map((is) => is(new Error("no code")))).toEqual([
      false,
      false,
      false,
    ]);
  });
});
