// Checks of the data: the folder, the database in it.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { TimestampUs } from "../../domain/time.ts";
import { modeOf } from "../../platform/files.ts";
import type { Store } from "../../storage/store.ts";
import type { Context } from "../context.ts";
import { attempt, type Check, fail, ok, warn } from "./check.ts";

/** Makes nothing: a folder that is not there yet is looked for above. */
export function checkHome(context: Pick<Context, "home">): Promise<Check> {
  return attempt("home", async () => {
    const { path } = await context.home();
    const there = await nearest(path);
    if (!(await isWritable(there))) {
      return fail("home", `${path} cannot be written.`, "Set POLYLOGUE_HOME to a folder that you may write to.");
    }
    if (there !== path) return ok("home", `${path} (will be made)`);
    const mode = (await modeOf(path)) ?? 0;
    if ((mode & 0o077) === 0) return ok("home", path);
    return warn(
      "home",
      `Other users can reach ${path} (mode 0${mode.toString(8)}).`,
      `Run: chmod 700 ${path}; or, where it is shared on purpose, set POLYLOGUE_HOME to a folder of its own.`,
    );
  });
}

export interface DatabaseLook {
  readonly check: Check;
  readonly newestUs?: TimestampUs;
}

/** Opens it, which migrates an older one, and has SQLite look through the whole file. */
export async function checkDatabase(context: Pick<Context, "home" | "store" | "journal">): Promise<DatabaseLook> {
  let newestUs: TimestampUs | undefined;
  const check = await attempt("database", async () => {
    const { database } = await context.home();
    if ((await modeOf(database)) === undefined) return ok("database", `${database} (will be made)`);
    const store = await context.store();
    await context.journal();
    const position = await store.read((reader) => reader.lastPosition());
    const [newest] = await store.events({ after: position - 1, limit: 1 });
    newestUs = newest?.atUs;
    const faults = await integrityFaults(store);
    if (faults.length === 0) return ok("database", `${database}, ${position} events`);
    const mend = "Restore it from a backup; keep the damaged file for a look.";
    return fail("database", `${database} is damaged: ${faults.slice(0, 3).join("; ")}`, mend);
  });
  return newestUs === undefined ? { check } : { check, newestUs };
}

/** None from a store that cannot tell. */
async function integrityFaults(store: Store): Promise<readonly string[]> {
  return hasIntegrityCheck(store) ? store.integrityCheck("full") : [];
}

interface IntegrityCheck {
  integrityCheck(depth: "quick" | "full"): Promise<string[]>;
}

function hasIntegrityCheck(store: Store): store is Store & IntegrityCheck {
  return "integrityCheck" in store;
}

async function nearest(path: string): Promise<string> {
  return (await modeOf(path)) !== undefined || dirname(path) === path ? path : nearest(dirname(path));
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}
