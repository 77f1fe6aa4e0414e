// What this process knows about one target, a (vendor, model, key): its health,
// its load, its breaker, and how long the vendor asked us to wait.
import type { RateLimitState } from "../../agents/agent.ts";
import type { Failure } from "../../domain/failure.ts";
import type { DurationUs } from "../../domain/time.ts";
import { type BreakerPermit, createBreaker } from "../../platform/breaker.ts";
import type { Clock } from "../../platform/clock.ts";
import { createDecayingRate, createPeakEwma } from "../../platform/ewma.ts";
import type { Random } from "../../platform/random.ts";
import { createPauses } from "./pauses.ts";
import { createQuotaMirror, type QuotaPass } from "./quota-mirror.ts";
import { gateRefusal, type Refusal } from "./refusal.ts";

/** How a call ended, as far as it says something about the target. */
export interface CallReport {
  /** Absent when it succeeded. */
  readonly failure?: Failure;
  /** We ended it ourselves: that says nothing about the other side. */
  readonly stopped?: true;
  readonly elapsedUs: DurationUs;
  readonly firstContentUs?: DurationUs;
  readonly tokensUsed: number;
  readonly rateLimits?: RateLimitState;
}

export interface TargetLoad {
  /** Peak-EWMA of the time to first content, in µs; undefined before the first measurement. */
  readonly firstContentUs: number | undefined;
  readonly outstanding: number;
  /** 0 to 1. */
  readonly success: number;
  /** How many recent calls `success` rests on. */
  readonly successWeight: number;
  /** Undefined where neither card nor vendor said. */
  readonly requestsPerMinute: number | undefined;
}

interface TargetPermit {
  end(report: CallReport): void;
  cancel(): void;
}

export interface Target {
  refusal(tokens: number): Refusal | undefined;
  /** Check {@link Target.refusal} first, in the same turn of the event loop. */
  enter(tokens: number): TargetPermit;
  load(): TargetLoad;
}

const FIRST_CONTENT_TAU_MS = 10_000;
const SUCCESS_TAU_MS = 30_000;

export function createTarget(
  name: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Target {
  const breaker = createBreaker({ clock, random });
  const mirror = createQuotaMirror(clock);
  const firstContent = createPeakEwma(FIRST_CONTENT_TAU_MS);
  const success = createDecayingRate(SUCCESS_TAU_MS);
  let outstanding = 0;
  const pauses = createPauses(clock, random);
  let lastReason = "";

  function refusal(tokens: number): Refusal | undefined {
    const paused = pauses.refusal();
    if (paused !== undefined) return paused;
    if (!breaker.isReady()) return brokenRefusal(name, breaker.nextChanceMs(), lastReason);
    const waitMs = mirror.waitMs(tokens);
    return waitMs === 0 ? undefined : gateRefusal(name, waitMs);
  }

  function learn(report: CallReport, permit: BreakerPermit): void {
    const nowUs = clock.monotonicUs();
    const { failure } = report;
    if (report.firstContentUs !== undefined) firstContent.observe(report.firstContentUs, nowUs);
    if (failure === undefined) {
      pauses.answered();
      success.observe(true, nowUs);
      permit.succeeded();
      return;
    }
    lastReason = failure.reason;
    pauses.failed(failure);
    if (failure.class === "capacity" || failure.class === "transient") {
      // A quick refusal must not look like a quick answer; a slow one is as slow as it was.
      if (report.elapsedUs > firstContent.valueAt(nowUs)) firstContent.observe(report.elapsedUs, nowUs);
      success.observe(false, nowUs);
      permit.failed();
    } else {
      permit.ignored();
    }
  }

  function enter(tokens: number): TargetPermit {
    const permit = breaker.acquire();
    if (permit === undefined) throw new RangeError(`${name} was entered although its breaker is open`);
    const pass: QuotaPass = mirror.enter(tokens);
    outstanding++;
    let inside = true;
    const leave = (): boolean => {
      const first = inside;
      if (first) outstanding--;
      inside = false;
      return first;
    };
    return {
      end(report) {
        if (!leave()) return;
        pass.leave(report.tokensUsed, report.rateLimits);
        if (report.stopped === true) permit.ignored();
        else learn(report, permit);
      },
      cancel() {
        if (!leave()) return;
        pass.cancel();
        permit.ignored();
      },
    };
  }

  function load(): TargetLoad {
    const nowUs = clock.monotonicUs();
    return {
      firstContentUs: firstContent.isEmpty ? undefined : firstContent.valueAt(nowUs),
      outstanding,
      success: success.valueAt(nowUs),
      successWeight: success.weightAt(nowUs),
      requestsPerMinute: mirror.requestsPerMinute,
    };
  }

  return { refusal, enter, load };
}

function brokenRefusal(name: string, waitMs: number | undefined, lastReason: string): Refusal {
  const when = waitMs === undefined ? "until the probes under way have ended" : `for ${Math.ceil(waitMs / 1_000)} s`;
  const failure: Failure = {
    class: "capacity",
    code: "BREAKER_OPEN",
    reason: `calls to ${name} are paused ${when} after repeated failures; the last one: ${lastReason}`,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
  return { kind: "breaker", waitMs, failure };
}
