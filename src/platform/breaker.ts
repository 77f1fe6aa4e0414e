// A circuit breaker: stops calls to what keeps failing, and asks a few probes
// before it trusts it again.
import type { DurationUs } from "../domain/time.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

type BreakerState = "closed" | "open" | "half-open";

export interface BreakerLimits {
  /** Opens at this share of failures among the remembered calls … */
  readonly failureRateMax: number;
  /** … once so many are remembered. */
  readonly callsMin: number;
  /** At most so many calls are remembered, none older than `windowMs`. */
  readonly callsMax: number;
  readonly windowMs: number;
  /** Or opens after so many failures in a row. */
  readonly consecutiveFailuresMax: number;
  /** The first pause; doubles with each re-opening up to `openMsMax`. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** A pause is lengthened by up to this share of it, at random. */
  readonly jitter: number;
  /** Successes it takes to close again, and how many probes may be out at once. */
  readonly probes: number;
}

export const BREAKER_DEFAULT: BreakerLimits = {
  failureRateMax: 0.5,
  callsMin: 20,
  callsMax: 100,
  windowMs: 120_000,
  consecutiveFailuresMax: 5,
  openMs: 30_000,
  openMsMax: 300_000,
  jitter: 0.1,
  probes: 3,
};

export interface BreakerPermit {
  /** Exactly one of the three counts; later calls change nothing. */
  succeeded(): void;
  failed(): void;
  /** The call was not made, or its end says nothing about the other side. */
  ignored(): void;
}

export interface Breaker {
  readonly state: BreakerState;
  /** A permit to call once, or undefined while calls are stopped. */
  acquire(): BreakerPermit | undefined;
  /** Whether {@link Breaker.acquire} would give a permit now. */
  isReady(): boolean;
  /** Until a call is worth trying, in milliseconds; 0 when now; undefined while probes are out, whose end decides. */
  nextChanceMs(): number | undefined;
}

interface Call {
  readonly atUs: DurationUs;
  readonly ok: boolean;
}

export function createBreaker(options: {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<BreakerLimits>;
}): Breaker {
  const limits = { ...BREAKER_DEFAULT, ...options.limits };
  const { clock, random } = options;
  const memory = createCallMemory(clock, limits);
  let closed = true;
  let openUntilUs: DurationUs = 0;
  let openings = 0;
  let probesOut = 0;
  let probesPassed = 0;
  /** Raised with every change of state, so that the end of an old call cannot count in a new state. */
  let era = 0;

  function state(): BreakerState {
    if (closed) return "closed";
    return clock.monotonicUs() < openUntilUs ? "open" : "half-open";
  }
  function isReady(): boolean {
    const now = state();
    return now === "closed" || (now === "half-open" && probesOut + probesPassed < limits.probes);
  }
  function enter(nextClosed: boolean): void {
    closed = nextClosed;
    era++;
    memory.clear();
    probesOut = 0;
    probesPassed = 0;
  }
  function open(): void {
    const pauseMs = Math.min(limits.openMsMax, limits.openMs * 2 ** openings);
    openings++;
    openUntilUs = clock.monotonicUs() + Math.round(pauseMs * (1 + limits.jitter * random.next()) * 1_000);
    enter(false);
  }
  function close(): void {
    openings = 0;
    enter(true);
  }
  function counted(ok: boolean): void {
    if (memory.isTooMuch(ok)) open();
  }
  function probed(ok: boolean): void {
    probesOut--;
    if (!ok) open();
    else if (++probesPassed >= limits.probes) close();
  }

  function acquire(): BreakerPermit | undefined {
    if (!isReady()) return undefined;
    const isProbe = state() === "half-open";
    if (isProbe) probesOut++;
    const bornIn = era;
    let used = false;
    const end = (count: () => void): void => {
      if (used) return;
      used = true;
      if (era === bornIn) count();
    };
    return {
      succeeded: () => end(() => (isProbe ? probed(true) : counted(true))),
      failed: () => end(() => (isProbe ? probed(false) : counted(false))),
      ignored: () => end(() => isProbe && probesOut--),
    };
  }

  return {
    get state() {
      return state();
    },
    acquire,
    isReady,
    nextChanceMs() {
      if (isReady()) return 0;
      if (state() === "half-open") return undefined;
      return Math.ceil((openUntilUs - clock.monotonicUs()) / 1_000);
    },
  };
}

interface CallMemory {
  /** Remembers how a call ended; true when with this failure it is time to open. */
  isTooMuch(ok: boolean): boolean;
  clear(): void;
}

function createCallMemory(clock: Clock, limits: BreakerLimits): CallMemory {
  let calls: Call[] = [];
  let consecutiveFailures = 0;
  return {
    isTooMuch(ok) {
      const nowUs = clock.monotonicUs();
      calls = [...calls, { atUs: nowUs, ok }]
        .slice(-limits.callsMax)
        .filter((call) => nowUs - call.atUs < limits.windowMs * 1_000);
      consecutiveFailures = ok ? 0 : consecutiveFailures + 1;
      if (ok) return false;
      const failures = calls.filter((call) => !call.ok).length;
      const rateTooHigh = calls.length >= limits.callsMin && failures >= limits.failureRateMax * calls.length;
      return rateTooHigh || consecutiveFailures >= limits.consecutiveFailuresMax;
    },
    clear() {
      calls = [];
      consecutiveFailures = 0;
    },
  };
}
