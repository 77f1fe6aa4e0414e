// Averages that forget by time, not by count: right for calls that come seldom
// and in bursts.
import type { DurationUs } from "../domain/time.ts";

export interface PeakEwma {
  observe(value: number, atUs: DurationUs): void;
  /** 0 before the first observation; decays towards 0 while nothing is observed, so that what was slow is tried again. */
  valueAt(atUs: DurationUs): number;
  readonly isEmpty: boolean;
}

/**
 * Rises to a peak at once and forgets it with time constant `tauMs`:
 * w = exp(−Δt/τ); cost = x > cost ? x : cost·w + x·(1−w). The load metric of
 * Twitter Finagle's "peak EWMA" balancer.
 */
export function createPeakEwma(tauMs: number): PeakEwma {
  let cost = 0;
  let lastUs: DurationUs | undefined;
  const weightAt = (atUs: DurationUs): number => (lastUs === undefined ? 0 : decay(atUs - lastUs, tauMs));
  return {
    observe(value, atUs) {
      const weight = weightAt(atUs);
      cost = value > cost ? value : cost * weight + value * (1 - weight);
      lastUs = atUs;
    },
    valueAt: (atUs) => cost * weightAt(atUs),
    get isEmpty() {
      return lastUs === undefined;
    },
  };
}

export interface DecayingRate {
  observe(hit: boolean, atUs: DurationUs): void;
  /** Between 0 and 1; 1 where nothing is remembered. */
  valueAt(atUs: DurationUs): number;
  /** How many observations are remembered, each counted by what is left of it. */
  weightAt(atUs: DurationUs): number;
}

/**
 * Share of hits among observations that fade with time constant `tauMs`. One
 * imagined hit that never fades makes it optimistic: after a silence of some τ
 * a source that failed looks good enough to be tried.
 */
export function createDecayingRate(tauMs: number): DecayingRate {
  let hits = 0;
  let all = 0;
  let lastUs: DurationUs = 0;
  const weightAt = (atUs: DurationUs): number => decay(atUs - lastUs, tauMs);
  return {
    observe(hit, atUs) {
      const weight = weightAt(atUs);
      hits = hits * weight + (hit ? 1 : 0);
      all = all * weight + 1;
      lastUs = atUs;
    },
    valueAt: (atUs) => (hits * weightAt(atUs) + 1) / (all * weightAt(atUs) + 1),
    weightAt: (atUs) => all * weightAt(atUs),
  };
}

function decay(elapsedUs: DurationUs, tauMs: number): number {
  return Math.exp(-Math.max(0, elapsedUs) / 1_000 / tauMs);
}
