// SQLite's result codes, read off the driver's errors, as errors of the catalogue.
import { isPolylogueError, PolylogueError } from "../../domain/errors.ts";

const BUSY = 5;
const LOCKED = 6;
const NO_MEMORY = 7;
const READ_ONLY = 8;
const IO = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const PROTOCOL = 15;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;

/** Failures of the engine, not of one statement: the whole transaction is lost with them. */
const ENGINE_FAILURES: readonly number[] = [
  BUSY,
  LOCKED,
  NO_MEMORY,
  READ_ONLY,
  IO,
  CORRUPT,
  FULL,
  CANNOT_OPEN,
  PROTOCOL,
  NOT_A_DATABASE,
];

/** The primary result code (https://www.sqlite.org/rescode.html); undefined for an error that is not SQLite's. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Another connection holds a lock: waiting helps. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED || code === PROTOCOL;
}

export function isConstraint(error: unknown): boolean {
  return resultCode(error) === CONSTRAINT;
}

export function isEngineFailure(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && ENGINE_FAILURES.includes(code);
}

/** The catalogue's error for one of SQLite's; any other value comes back unchanged. */
export function storeError(error: unknown, path: string): unknown {
  const code = resultCode(error);
  if (code === undefined || isPolylogueError(error)) return error;
  const reason = (error as Error).message;
  switch (code) {
    case BUSY:
    case LOCKED:
    case PROTOCOL:
      return new PolylogueError("STORE_BUSY", {
        message: `Another process kept the store ${path} locked for too long (${reason}).`,
        mend: "Try again; if it stays so, look for a process that hangs in the middle of a write.",
        cause: error,
      });
    case FULL:
      return new PolylogueError("STORE_FULL", {
        message: `There is no room left for the store ${path} (${reason}). What was being written was undone; reading still works.`,
        mend: "Free disk space or raise the store's size limit, then try again.",
        cause: error,
      });
    case READ_ONLY:
      return new PolylogueError("STORE_READ_ONLY", {
        message: `The store ${path} cannot be written (${reason}).`,
        mend: "Give this user write permission on the file and its directory, or use another POLYLOGUE_HOME.",
        cause: error,
      });
    case CORRUPT:
    case NOT_A_DATABASE:
      return new PolylogueError("STORE_CORRUPT", {
        message: `The store ${path} is damaged or is not a SQLite database (${reason}).`,
        mend: "Restore it from a backup; keep the damaged file and its -wal file beside it for analysis.",
        cause: error,
      });
    case IO:
    case CANNOT_OPEN:
    case NO_MEMORY:
      return new PolylogueError("STORE_IO", {
        message: `The store ${path} could not be read or written (${reason}).`,
        mend: "Check the disk, the directory and its permissions, then try again.",
        cause: error,
      });
    default:
      return new PolylogueError("INTERNAL", {
        message: `The store ${path} refused a statement (${reason}).`,
        cause: error,
      });
  }
}
