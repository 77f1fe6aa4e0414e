// One run of a turn: which route to try next, what to wait for, and when to
// give up.
import type { DurationUs } from "../../domain/time.ts";
import { backoffMs } from "../../platform/backoff.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { isWaitable } from "../selection/refusal.ts";
import type { Targets } from "../selection/targets.ts";
import type { OpenTurn, TurnResult } from "../turn-runner.ts";
import type { AttemptEnd } from "./attempt.ts";
import { tokensMax } from "./attempt-plan.ts";
import { nextStep } from "./retry-rules.ts";
import { closeRoutes, hasOpaque, mostTelling, nextRequestOf, type RouteState, routeStates } from "./route-state.ts";
import { stepsFailure } from "./turn-failures.ts";

export interface RunLimits {
  /** Repeated tries of one request on one route. */
  readonly retriesMax: number;
  /** Model requests of one turn on one route, repairs among them. */
  readonly stepsMax: number;
  /** One turn in this process, with all its calls and waits; the turn's own deadline may come before. */
  readonly turnMs: number;
}

export const RUN_LIMITS_DEFAULT = { retriesMax: 2, stepsMax: 8, turnMs: 1_800_000 } as const satisfies RunLimits;

export interface RunDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly targets: Targets;
  readonly limits: RunLimits;
  /** Calls back whenever a call of this process has settled; returns how to stop. */
  onSettled(wake: () => void): () => void;
  /** Makes one attempt on the route; `attempt` counts through the whole turn. */
  attempt(state: RouteState, attempt: number): Promise<AttemptEnd>;
}

export interface RunRequest {
  readonly turn: OpenTurn;
  /** Aborts when the turn is stopped from outside or overdue. */
  readonly signal: AbortSignal;
  /** On the monotonic clock. */
  readonly deadlineUs: DurationUs;
}

/** Between looks at a budget that calls of other processes may hold. */
const BUDGET_POLL_MS = 500;

export async function runTurn(deps: RunDeps, request: RunRequest): Promise<TurnResult> {
  const states = routeStates(request.turn);
  let attempts = 0;
  while (!request.signal.aborted) {
    const move = nextMove(deps, request, states);
    if (move.kind === "give-up") return { kind: "failed", failure: mostTelling(states), attempts };
    if (move.kind === "wait") {
      await waitFor(deps.clock, request.signal, { waitMs: move.waitMs, bell: deps.targets.onRelease });
      continue;
    }
    const end = await deps.attempt(move.state, request.turn.attemptsBefore + attempts + 1);
    if (end.wasMade) attempts++;
    switch (end.kind) {
      case "answered":
      case "stopped":
        return { kind: end.kind, attempts };
      case "over-budget":
        return { kind: "failed", failure: end.failure, attempts };
      case "repair":
        if (move.state.step + 1 >= deps.limits.stepsMax) {
          return { kind: "failed", failure: stepsFailure(deps.limits.stepsMax), attempts };
        }
        nextRequestOf(move.state, end.repair);
        break;
      case "unaskable":
        move.state.refusal = end.failure;
        closeRoutes(states, move.state, "leave");
        break;
      case "held":
        await waitFor(deps.clock, request.signal, { waitMs: BUDGET_POLL_MS, bell: deps.onSettled });
        break;
      case "refused":
      case "shortened":
        break;
      case "failed":
        followFailure(deps, { request, states, state: move.state, end });
    }
  }
  return { kind: "stopped", attempts };
}

type Move =
  | { readonly kind: "attempt"; readonly state: RouteState }
  /** Undefined: until a call ends. */
  | { readonly kind: "wait"; readonly waitMs: number | undefined }
  | { readonly kind: "give-up" };

/** The first route that can be asked now; else the shortest wait that ends before the deadline. */
function nextMove(deps: RunDeps, request: RunRequest, states: readonly RouteState[]): Move {
  const waits: (number | undefined)[] = [];
  for (const state of states.filter((candidate) => !candidate.closed)) {
    const backoffUs = state.notBeforeUs - deps.clock.monotonicUs();
    if (backoffUs > 0) {
      waits.push(Math.ceil(backoffUs / 1_000));
      if (state.holds) break;
      continue;
    }
    const refused = refusalOf(deps, request.turn, state);
    if (refused === undefined) return { kind: "attempt", state };
    state.refusal = refused.failure;
    if (isWaitable(refused) && request.turn.otherCandidates === 0) waits.push(refused.waitMs);
  }
  const leftMs = (request.deadlineUs - deps.clock.monotonicUs()) / 1_000;
  const known = waits.filter((wait): wait is number => wait !== undefined && wait < leftMs);
  if (known.length > 0) return { kind: "wait", waitMs: Math.min(...known) };
  return waits.includes(undefined) ? { kind: "wait", waitMs: undefined } : { kind: "give-up" };
}

function refusalOf(deps: RunDeps, turn: OpenTurn, state: RouteState): ReturnType<Targets["refusal"]> {
  const tokens = state.priced === undefined ? 1 : tokensMax(state.priced);
  return deps.targets.refusal(turn.port.agent.card, state.route, tokens);
}

interface FailedAttempt {
  readonly request: RunRequest;
  readonly states: readonly RouteState[];
  readonly state: RouteState;
  readonly end: Extract<AttemptEnd, { readonly kind: "failed" }>;
}

function followFailure(deps: RunDeps, { request, states, state, end }: FailedAttempt): void {
  state.failure = end.failure;
  state.failedTries++;
  const step = nextStep(end.failure, {
    failedTries: state.failedTries,
    retriesMax: deps.limits.retriesMax,
    hasOtherCandidates: request.turn.otherCandidates > 0,
    canStripOpaque: !state.stripped && state.priced !== undefined && hasOpaque(state.priced.projected.request),
  });
  switch (step) {
    case "again":
    case "later": {
      const { retryAfterMs } = end.failure;
      const waitMs = backoffMs(deps.random, { retry: state.failedTries, retryAfterMs });
      state.notBeforeUs = deps.clock.monotonicUs() + waitMs * 1_000;
      state.holds = step === "again";
      break;
    }
    case "stripped":
      state.stripped = true;
      state.priced = undefined;
      break;
    default:
      closeRoutes(states, state, step);
  }
}

interface Wait {
  /** Undefined: as long as it takes. */
  readonly waitMs: number | undefined;
  /** What ends it early. */
  readonly bell: (wake: () => void) => () => void;
}

/** Ends when the time is over, the bell rings, or the turn is stopped. */
function waitFor(clock: Clock, signal: AbortSignal, { waitMs, bell }: Wait): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      stopTimer();
      stopListening();
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const stopTimer = waitMs === undefined ? (): void => undefined : clock.setTimer(waitMs, finish);
    const stopListening = bell(finish);
    signal.addEventListener("abort", finish, { once: true });
  });
}
