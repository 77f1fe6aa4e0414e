// Group commit: what is queued in one event-loop turn shares one transaction
// and so one sync of the disk. Each caller has its own savepoint, and its
// promise settles only after COMMIT has returned.
import { PolylogueError } from "../../domain/errors.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Clock } from "../../platform/clock.ts";

/** The transaction of one connection. All calls are synchronous. */
export interface TransactionEngine {
  /** Takes the write lock; false when another process holds it. */
  begin(): boolean;
  /** Begins, ends and undoes the part of one caller. */
  savepoint(): void;
  releaseSavepoint(): void;
  rollbackSavepoint(): void;
  /** Returns whether anything had been written. */
  commit(): boolean;
  /** Harmless when SQLite has rolled back by itself. */
  rollback(): void;
  /** The engine failed, or has ended the transaction by itself: nothing of it can be kept. */
  isLost(error: unknown): boolean;
  /** As the catalogue's error. */
  translate(error: unknown): unknown;
}

export interface GroupCommitOptions {
  readonly engine: TransactionEngine;
  readonly clock: Clock;
  /** Callers that may wait; one more is refused with `STORE_BUSY`. */
  readonly queueDepthMax: number;
  /** Callers of one commit; the rest waits for the next turn, so that the event loop keeps breathing. */
  readonly groupSizeMax: number;
  /** How long the write lock of another process is waited for; then every caller that waits gets `STORE_BUSY`. */
  readonly busyWaitMsMax: number;
  /** After each commit that wrote something, when all its callers are settled. */
  onCommit(): void;
}

export interface GroupCommit {
  submit<T>(work: () => T): Promise<T>;
  /** Resolves when nothing is queued any more. */
  drain(): Promise<void>;
}

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Settle = () => void;

const BUSY_BACKOFF_MS_MIN = 1;
const BUSY_BACKOFF_MS_MAX = 20;

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { engine, clock } = options;
  let queue: Job[] = [];
  let isScheduled = false;
  let busySinceUs: number | undefined;
  let backoffMs = BUSY_BACKOFF_MS_MIN;
  let drained: (() => void)[] = [];

  function submit<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (queue.length >= options.queueDepthMax) {
        reject(overloaded(options.queueDepthMax));
        return;
      }
      queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      schedule();
    });
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    clock.defer(flush);
  }

  function flush(): void {
    isScheduled = false;
    const group = queue.slice(0, options.groupSizeMax);
    let hasWritten = false;
    try {
      if (!engine.begin()) {
        waitForLock();
        return;
      }
      hasWritten = commitGroup(engine, group);
    } catch (error) {
      engine.rollback();
      rejectAll(group, engine.translate(error));
    }
    busySinceUs = undefined;
    backoffMs = BUSY_BACKOFF_MS_MIN;
    queue = queue.slice(group.length);
    goOn();
    if (hasWritten) options.onCommit();
  }

  function waitForLock(): void {
    const nowUs = clock.monotonicUs();
    busySinceUs ??= nowUs;
    if (nowUs - busySinceUs >= options.busyWaitMsMax * US_PER_MS) {
      const waiting = queue;
      queue = [];
      busySinceUs = undefined;
      rejectAll(waiting, locked(options.busyWaitMsMax));
      goOn();
      return;
    }
    isScheduled = true;
    clock.setTimer(backoffMs, flush);
    backoffMs = Math.min(backoffMs * 2, BUSY_BACKOFF_MS_MAX);
  }

  function goOn(): void {
    if (queue.length > 0) {
      schedule();
      return;
    }
    const waiting = drained;
    drained = [];
    for (const resolve of waiting) resolve();
  }

  return {
    submit,
    drain: () =>
      new Promise((resolve) => {
        if (queue.length === 0) resolve();
        else drained.push(resolve);
      }),
  };
}

/** Returns whether anything was written. Throws when the transaction as a whole is lost. */
function commitGroup(engine: TransactionEngine, group: readonly Job[]): boolean {
  const settles = group.map((job) => runJob(engine, job));
  const hasWritten = engine.commit();
  for (const settle of settles) settle();
  return hasWritten;
}

function runJob(engine: TransactionEngine, job: Job): Settle {
  engine.savepoint();
  try {
    const value = job.work();
    if (value instanceof Promise) throw asynchronous(value);
    if (engine.isLost(undefined)) throw lost();
    engine.releaseSavepoint();
    return () => job.resolve(value);
  } catch (error) {
    if (engine.isLost(error)) throw error;
    engine.rollbackSavepoint();
    return () => job.reject(engine.translate(error));
  }
}

function rejectAll(jobs: readonly Job[], error: unknown): void {
  for (const job of jobs) job.reject(error);
}

function overloaded(queueDepthMax: number): PolylogueError {
  return new PolylogueError("STORE_BUSY", {
    message: `${queueDepthMax} writes already wait for the store.`,
    mend: "Wait for some of them before writing more; the disk does not keep up.",
  });
}

function locked(busyWaitMsMax: number): PolylogueError {
  return new PolylogueError("STORE_BUSY", {
    message: `Another process has kept the store locked for ${busyWaitMsMax} ms.`,
    mend: "Try again; if it stays so, look for a process that hangs in the middle of a write.",
  });
}

function asynchronous(value: Promise<unknown>): PolylogueError {
  // Its own failure is not lost: it is the cause of nothing once the transaction is refused.
  value.catch(() => {});
  return new PolylogueError("INTERNAL", {
    message: "The work of a transaction must be synchronous: what it awaits would run after the commit.",
  });
}

function lost(): PolylogueError {
  return new PolylogueError("STORE_IO", {
    message: "The database ended the transaction by itself; nothing of it was kept.",
    mend: "Try again; if it stays so, check the disk.",
  });
}
