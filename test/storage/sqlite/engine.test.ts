// The engine's answers where a whole store cannot be brought to give them.
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { NO_FAILPOINTS } from "../../../src/platform/failpoints.ts";
import { createEngine } from "../../../src/storage/sqlite/engine.ts";

it("a transaction that cannot begin for another reason than a lock is an error, not a wait", () => {
  const database = new DatabaseSync(":memory:");
  const engine = createEngine({ database, path: ":memory:", failpoints: NO_FAILPOINTS, forget: () => {} });
  database.exec("BEGIN");
  expect(() => engine.begin()).toThrow(/within a transaction/);
  database.close();
});
