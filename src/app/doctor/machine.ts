// Checks of the machine: Node, SQLite, the clock.
import { isoFromUs, type TimestampUs, US_PER_SECOND } from "../../domain/time.ts";
import { assertSqliteLibrary } from "../../storage/sqlite/connection.ts";
import { attempt, type Check, fail, ok, warn } from "./check.ts";

/** Older ones of the 24 line carry an SQLite with a known corruption bug. */
export const NODE_VERSION_MIN = [24, 15] as const;

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin, minorMin] = NODE_VERSION_MIN;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return ok("node", `Node ${version}`);
  return fail("node", `Node ${version} is too old.`, `Use Node ${NODE_VERSION_MIN.join(".")} or newer.`);
}

export function checkSqlite(version: string): Promise<Check> {
  return attempt("sqlite", () => {
    assertSqliteLibrary(version);
    return ok("sqlite", `SQLite ${version}`);
  });
}

/** This program did not exist before: 2026-11-01T00:00:00Z. */
const PROGRAM_AT_US = 1_793_491_200_000_000;
/** Other machines that share the home may be so far ahead. */
const AHEAD_MAX_US = 60 * US_PER_SECOND;

/** `newestUs`: of the newest event on record. Prices, deadlines and leases go by this clock. */
export function checkClock(nowUs: TimestampUs, newestUs: TimestampUs | undefined): Check {
  const mend = "Set the clock, for example by switching on time synchronisation.";
  if (nowUs < PROGRAM_AT_US) return fail("clock", `It says ${isoFromUs(nowUs)}, before this program was made.`, mend);
  if (newestUs !== undefined && newestUs > nowUs + AHEAD_MAX_US) {
    return warn("clock", `It says ${isoFromUs(nowUs)}, but the newest event is of ${isoFromUs(newestUs)}.`, mend);
  }
  return ok("clock", isoFromUs(nowUs));
}
