// Who holds a lease, in a form that tells later whether that process still
// lives: then a conversation whose process was killed need not wait.
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** `alive` and `dead` are certain; `unknown` for processes of another machine, or of another view of this one. */
export type OwnerState = "alive" | "dead" | "unknown";

/** What the system says of its processes. */
export interface ProcessTable {
  /** The machine and the view of it that this process has: ids of processes mean the same in equal ones only. */
  readonly machine: string;
  /** When it started, in whatever unit; undefined where the system does not tell. */
  startOf(pid: number): string | undefined;
  isRunning(pid: number): boolean;
}

const SEPARATOR = " ";

/** `mark` tells apart the owners of one process. */
export function createOwner(mark: string, table = systemProcesses()): string {
  return [table.machine, process.pid, startText(table, process.pid), mark].join(SEPARATOR);
}

export function ownerState(owner: string, table = systemProcesses()): OwnerState {
  const parts = partsOf(owner);
  if (parts?.machine !== table.machine) return "unknown";
  if (!table.isRunning(parts.pid)) return "dead";
  // Process ids are used again; the time of its start tells the old one from the new one.
  return parts.start === startText(table, parts.pid) ? "alive" : "dead";
}

/** Who that is, in words that a person can act on, as in "… is being driven by process 4711 on this machine". */
export function describeOwner(owner: string, table = systemProcesses()): string {
  const parts = partsOf(owner);
  if (parts === undefined) return "another process";
  const { machine, pid, start } = parts;
  if (machine === table.machine) {
    const isOwn = pid === process.pid && start === startText(table, pid);
    return isOwn ? "this very process" : `process ${pid} on this machine`;
  }
  // Only a host's name says something to people; it holds no slash.
  return machine.includes("/") ? `process ${pid} of another machine or container` : `process ${pid} on ${machine}`;
}

interface OwnerParts {
  readonly machine: string;
  readonly pid: number;
  readonly start: string;
}

/** Undefined where the text is none of {@link createOwner}'s. */
function partsOf(owner: string): OwnerParts | undefined {
  const [machine, pidText, start, mark] = owner.split(SEPARATOR);
  const pid = Number(pidText);
  if (machine === undefined || start === undefined || mark === undefined) return undefined;
  return Number.isSafeInteger(pid) && pid > 0 ? { machine, pid, start } : undefined;
}

function startText(table: ProcessTable, pid: number): string {
  return table.startOf(pid) ?? "-";
}

/** Linux tells by proc(5); elsewhere the host's name and the process's id must do. */
export function systemProcesses(proc = "/proc"): ProcessTable {
  // Two containers may share a host name and a home, and yet not see each other's processes.
  const boot = attempt(() => readFileSync(`${proc}/sys/kernel/random/boot_id`, "utf8").trim());
  const view = attempt(() => readlinkSync(`${proc}/self/ns/pid`));
  return {
    machine: boot === undefined || view === undefined ? hostname() : `${boot}/${view}`,
    // Clock ticks since boot, field 22. The second field, the command in parentheses, may hold any character.
    startOf: (pid) => {
      const stat = attempt(() => readFileSync(`${proc}/${pid}/stat`, "utf8"));
      return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    },
    isRunning: (pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch (error) {
        // It exists, and belongs to somebody else.
        return (error as NodeJS.ErrnoException).code === "EPERM";
      }
    },
  };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
