// The tables behind one connection, as the reader and the transaction of the
// store contract.
import type { DatabaseSync } from "node:sqlite";
import type { Failpoints } from "../../platform/failpoints.ts";
import type { StoreReader, StoreTransaction } from "../store.ts";
import { type BodyRows, createBodyRows, createDocumentRows } from "./document-rows.ts";
import type { SqliteEngine } from "./engine.ts";
import { createEventRows } from "./event-rows.ts";
import { createLeases, type Leases } from "./leases.ts";
import { createNames } from "./names.ts";
import { createPrepareWrite } from "./statement.ts";

export interface TablesOptions {
  readonly database: DatabaseSync;
  readonly failpoints: Failpoints;
  readonly engine: SqliteEngine;
}

export interface Tables {
  readonly reader: StoreReader;
  readonly transaction: StoreTransaction;
  readonly bodies: BodyRows;
  readonly leases: Leases;
  /** Runs `work` on one view of the file, whatever other processes commit meanwhile. */
  snapshot<T>(work: (reader: StoreReader) => T): T;
  forget(reason: "begin" | "rollback"): void;
}

export function createTables({ database, failpoints, engine }: TablesOptions): Tables {
  const prepareWrite = createPrepareWrite(database, { failpoints, beforeWrite: engine.beforeWrite });
  const names = createNames(database, prepareWrite({ name: "store.name", sql: "INSERT INTO names (name) VALUES (?)" }));
  const events = createEventRows({ database, names, prepareWrite });
  const documents = createDocumentRows({ database, names, prepareWrite });
  const bodies = createBodyRows({ database, prepareWrite });
  const leases = createLeases(database, prepareWrite);
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");

  const reader: StoreReader = {
    lastSeq: events.lastSeq,
    lastPosition: events.lastPosition,
    hasBody: bodies.has,
    getDocument: documents.get,
    listDocuments: documents.list,
    readEvents: events.read,
  };
  const transaction: StoreTransaction = {
    ...reader,
    insertEvents: events.insert,
    putBody: bodies.put,
    putDocument: documents.put,
    deleteDocument: documents.delete,
    clearCollection: documents.clear,
  };

  function snapshot<T>(work: (reader: StoreReader) => T): T {
    events.forget();
    begin.run();
    try {
      return work(reader);
    } finally {
      if (database.isTransaction) commit.run();
    }
  }

  return {
    reader,
    transaction,
    bodies,
    leases,
    snapshot,
    forget: (reason) => {
      events.forget();
      if (reason === "rollback") names.forget();
    },
  };
}
