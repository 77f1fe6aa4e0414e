// No reader is unbounded: SQLite would take a negative limit for "everything".
import { PolylogueError } from "../../domain/errors.ts";

export const PAGE_LIMIT_MAX = 100_000;

export function assertLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_LIMIT_MAX) return;
  throw new PolylogueError("INTERNAL", {
    message: `A page's limit must be a whole number from 1 to ${PAGE_LIMIT_MAX}, not ${limit}.`,
  });
}
