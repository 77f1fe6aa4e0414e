// Who holds a lease, in a form that tells later whether that process still
// lives: then a conversation whose process was killed need not wait.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** `alive` and `dead` are certain; `unknown` for processes of another machine, or of another view of this one. */
export type OwnerState = "alive" | "dead" | "unknown";

const SEPARATOR = " ";

/** `mark` tells apart the owners of one process. */
export function createOwner(mark: string): string {
  return [machine(), process.pid, startOf(process.pid) ?? "-", mark].join(SEPARATOR);
}

export function ownerState(owner: string): OwnerState {
  const [where, pidText, start, mark] = owner.split(SEPARATOR);
  const pid = Number(pidText);
  if (where !== machine() || mark === undefined || !Number.isSafeInteger(pid) || pid <= 0) return "unknown";
  if (!isRunning(pid)) return "dead";
  // Process ids are used again; the time of its start tells the old one from the new one.
  return start === (startOf(pid) ?? "-") ? "alive" : "dead";
}

/** Two containers may share a host name and a home, and yet not see each other's processes. */
function machine(): string {
  const boot = attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  const view = attempt(() => readlinkSync("/proc/self/ns/pid"));
  return boot === undefined || view === undefined ? hostname() : `${boot}/${view}`;
}

/** Clock ticks since boot, where the system tells (proc(5), field 22 of stat). */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The second field is the command in parentheses, and may hold any character.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
