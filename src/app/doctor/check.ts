// One check of the doctor: what was looked at, what was found, how to mend it.
import { isPolylogueError } from "../../domain/errors.ts";
import type { DoctorDocument } from "../polylogue.ts";

export type Check = DoctorDocument["checks"][number];

export function ok(name: string, detail: string): Check {
  return { name, state: "ok", detail, mend: null };
}

export function warn(name: string, detail: string, mend: string): Check {
  return { name, state: "warn", detail, mend };
}

export function fail(name: string, detail: string, mend: string | null): Check {
  return { name, state: "fail", detail, mend };
}

/** Runs a check; what it throws is its failure. */
export async function attempt(name: string, look: () => Promise<Check> | Check): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    const mend = isPolylogueError(error) ? error.mend : undefined;
    return fail(name, error instanceof Error ? error.message : String(error), mend ?? null);
  }
}
