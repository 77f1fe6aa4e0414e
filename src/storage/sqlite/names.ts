// The dictionary of names: each stream, kind, actor and collection is stored
// once and referred to by number.
import type { DatabaseSync } from "node:sqlite";
import type { WriteStatement } from "./statement.ts";

/** The cache starts anew beyond it; a store may hold any number of streams. */
const CACHED_MAX = 10_000;

export interface Names {
  /** The number of a name, given one if it has none. Only inside a write. */
  intern(name: string): number;
  /** The number of a name; undefined when nothing was ever stored under it. */
  find(name: string): number | undefined;
  nameOf(id: number): string;
  /** After a rollback: numbers that were given in it may be given again, to others. */
  forget(): void;
}

export function createNames(database: DatabaseSync, insert: WriteStatement): Names {
  const selectId = database.prepare("SELECT id FROM names WHERE name = ?");
  const selectName = database.prepare("SELECT name FROM names WHERE id = ?");
  const ids = new Map<string, number>();
  const names = new Map<number, string>();

  function remember(name: string, id: number): number {
    if (ids.size >= CACHED_MAX) forget();
    ids.set(name, id);
    names.set(id, name);
    return id;
  }

  function find(name: string): number | undefined {
    const cached = ids.get(name);
    if (cached !== undefined) return cached;
    const row = selectId.get(name) as { id: number } | undefined;
    return row === undefined ? undefined : remember(name, row.id);
  }

  function nameOf(id: number): string {
    const cached = names.get(id);
    if (cached !== undefined) return cached;
    const { name } = selectName.get(id) as { name: string };
    remember(name, id);
    return name;
  }

  function forget(): void {
    ids.clear();
    names.clear();
  }

  return {
    intern: (name) => find(name) ?? remember(name, Number(insert(name).lastInsertRowid)),
    find,
    nameOf,
    forget,
  };
}
