// Builds the turn runner: deadlines and stopping around a run, recovery, and
// the state all runs of this process share.
import { isPolylogueError } from "../../domain/errors.ts";
import type { AttemptId } from "../../domain/ids.ts";
import { US_PER_MS } from "../../domain/time.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Clock } from "../../platform/clock.ts";
import type { IdSource } from "../../platform/ids.ts";
import { createSilentLog, type Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import type { Progress } from "../mesh.ts";
import type { Targets } from "../selection/targets.ts";
import type { OpenTurn, TurnResult, TurnRunner } from "../turn-runner.ts";
import { type AttemptDeps, makeAttempt } from "./attempt.ts";
import { createRetryBudget } from "./retry-budget.ts";
import { settleLost } from "./settle-lost.ts";
import { tooLong } from "./turn-failures.ts";
import { RUN_LIMITS_DEFAULT, type RunLimits, runTurn } from "./turn-run.ts";

export interface TurnRunnerOptions {
  /** With the projection "budgets" registered. */
  readonly journal: Journal;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly random: Random;
  /** The same as the selector's: what attempts learn is what it chooses by. */
  readonly targets: Targets;
  readonly log?: Log;
  readonly limits?: Partial<RunLimits>;
  /** For people who watch. */
  readonly onProgress: (progress: Progress) => void;
}

type RunHooks = Parameters<TurnRunner["run"]>[1];

export function createTurnRunner(options: TurnRunnerOptions): TurnRunner {
  const { journal, ids, clock, targets } = options;
  const underWay = new Set<AttemptId>();
  const settled = createBell();
  const deps: AttemptDeps = {
    journal,
    ids,
    clock,
    targets,
    underWay,
    retryBudget: createRetryBudget(),
    log: options.log ?? createSilentLog(),
    onProgress: options.onProgress,
    onSettled: settled.ring,
  };
  const limits = { ...RUN_LIMITS_DEFAULT, ...options.limits };

  async function run(turn: OpenTurn, hooks: RunHooks): Promise<TurnResult> {
    const timed = withDeadline(clock, turn, { outer: hooks.signal, turnMs: limits.turnMs });
    let made = 0;
    try {
      const result = await runTurn(
        {
          clock,
          random: options.random,
          targets,
          limits,
          onSettled: settled.listen,
          attempt: async (state, attempt) => {
            const { signal, isOverdue } = timed;
            const end = await makeAttempt(deps, { turn, state, attempt, signal, isOverdue, commit: hooks.commit });
            if (end.wasMade) made++;
            return end;
          },
        },
        { turn, signal: timed.signal, deadlineUs: timed.deadlineUs },
      );
      const isTooLong = result.kind === "stopped" && timed.isOverdue() && !timed.isLastDeadline;
      return isTooLong ? { kind: "failed", failure: tooLong(limits.turnMs), attempts: result.attempts } : result;
    } catch (error) {
      // Somebody else drives the conversation now, and settles what is open.
      if (isPolylogueError(error) && error.code === "LEASE_LOST") return { kind: "stopped", attempts: made };
      throw error;
    } finally {
      timed.clear();
    }
  }

  return {
    run,
    settleLost: (conversationId, lease) => settleLost(journal, { conversationId, lease, underWay }),
  };
}

/** Tells turns that wait for a budget when a call of this process has settled. */
function createBell() {
  const listeners = new Set<() => void>();
  return {
    ring(): void {
      for (const wake of [...listeners]) wake();
    },
    listen(wake: () => void): () => void {
      listeners.add(wake);
      return () => {
        listeners.delete(wake);
      };
    },
  };
}

interface Deadline {
  /** Aborts when `outer` does, or when the time is over. */
  readonly signal: AbortSignal;
  /** On the monotonic clock: the wall clock may jump. */
  readonly deadlineUs: number;
  isOverdue(): boolean;
  /** Whether it is the turn's own: what is overdue then expires, and did not fail. */
  readonly isLastDeadline: boolean;
  clear(): void;
}

interface DeadlineOptions {
  readonly outer: AbortSignal;
  readonly turnMs: number;
}

function withDeadline(clock: Clock, turn: OpenTurn, { outer, turnMs }: DeadlineOptions): Deadline {
  const toDeadlineUs = turn.deadlineUs - clock.nowUs();
  const leftUs = Math.min(toDeadlineUs, turnMs * US_PER_MS);
  const late = new AbortController();
  if (leftUs <= 0) late.abort();
  const cancel = clock.setTimer(Math.max(0, leftUs / 1_000), () => late.abort());
  return {
    signal: AbortSignal.any([outer, late.signal]),
    deadlineUs: clock.monotonicUs() + leftUs,
    isLastDeadline: leftUs === toDeadlineUs,
    isOverdue: () => late.signal.aborted && !outer.aborted,
    clear: cancel,
  };
}
