// Documents and bodies as rows: what projections keep, and what events refer to.
import type { DatabaseSync } from "node:sqlite";
import type { DocumentQuery, StoredBody, StoredDocument } from "../store.ts";
import type { Names } from "./names.ts";
import { packDigest } from "./packing.ts";
import { assertLimit } from "./page-limit.ts";
import type { PrepareWrite } from "./statement.ts";

export interface DocumentRows {
  get(collection: string, key: string): StoredDocument | undefined;
  list(collection: string, query: DocumentQuery): StoredDocument[];
  put(collection: string, document: StoredDocument): void;
  delete(collection: string, key: string): void;
  clear(collection: string): void;
}

export interface BodyRows {
  has(hash: string): boolean;
  get(hash: string): Uint8Array | undefined;
  put(body: StoredBody): void;
}

export interface RowsOptions {
  readonly database: DatabaseSync;
  readonly names: Names;
  readonly prepareWrite: PrepareWrite;
}

interface Row {
  readonly key: string;
  readonly group_key: string;
  readonly order_key: number;
  readonly value: string;
}

export function createDocumentRows({ database, names, prepareWrite }: RowsOptions): DocumentRows {
  const select = database.prepare(
    "SELECT key, group_key, order_key, value FROM documents WHERE collection = ? AND key = ?",
  );
  const list = (direction: "ASC" | "DESC") =>
    database.prepare(`SELECT key, group_key, order_key, value FROM documents
      WHERE collection = ? AND group_key = ? AND order_key >= ? AND order_key <= ?
      ORDER BY order_key ${direction}, key ${direction} LIMIT ?`);
  const listAscending = list("ASC");
  const listDescending = list("DESC");
  // Most writes add a document or change it in its place. Then the index of groups gets at most one entry, and a
  // document that stays where it is costs one page less to write and to sync.
  const put = prepareWrite({
    name: "store.document.put",
    sql: `INSERT INTO documents (collection, key, group_key, order_key, value) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value
      WHERE group_key = excluded.group_key AND order_key = excluded.order_key`,
  });
  const move = prepareWrite({
    name: "store.document.move",
    sql: "UPDATE documents SET group_key = ?, order_key = ?, value = ? WHERE collection = ? AND key = ?",
  });
  const remove = prepareWrite({
    name: "store.document.delete",
    sql: "DELETE FROM documents WHERE collection = ? AND key = ?",
  });
  const clear = prepareWrite({ name: "store.collection.clear", sql: "DELETE FROM documents WHERE collection = ?" });

  return {
    get: (collection, key) => {
      const id = names.find(collection);
      const row = id === undefined ? undefined : (select.get(id, key) as Row | undefined);
      return row === undefined ? undefined : documentOf(row);
    },
    list: (collection, query) => {
      assertLimit(query.limit);
      const id = names.find(collection);
      if (id === undefined) return [];
      const statement = query.descending === true ? listDescending : listAscending;
      const least = query.orderMin ?? Number.MIN_SAFE_INTEGER;
      const most = query.orderMax ?? Number.MAX_SAFE_INTEGER;
      return (statement.all(id, query.group, least, most, query.limit) as unknown as Row[]).map(documentOf);
    },
    put: (collection, { key, group, order, value }) => {
      const id = names.intern(collection);
      const text = JSON.stringify(value);
      if (put(id, key, group, order, text).changes === 0) move(group, order, text, id, key);
    },
    delete: (collection, key) => {
      const id = names.find(collection);
      if (id !== undefined) remove(id, key);
    },
    clear: (collection) => {
      const id = names.find(collection);
      if (id !== undefined) clear(id);
    },
  };
}

function documentOf(row: Row): StoredDocument {
  return { key: row.key, group: row.group_key, order: row.order_key, value: JSON.parse(row.value) };
}

export function createBodyRows({ database, prepareWrite }: Omit<RowsOptions, "names">): BodyRows {
  const exists = database.prepare("SELECT 1 FROM bodies WHERE hash = ?");
  const select = database.prepare("SELECT bytes FROM bodies WHERE hash = ?");
  const insert = prepareWrite({
    name: "store.body",
    sql: "INSERT INTO bodies (hash, bytes) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
  });
  return {
    has: (hash) => exists.get(packDigest(hash)) !== undefined,
    get: (hash) => (select.get(packDigest(hash)) as { bytes: Uint8Array } | undefined)?.bytes,
    put: ({ hash, bytes }) => {
      insert(packDigest(hash), bytes);
    },
  };
}
