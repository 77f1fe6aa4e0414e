// Leaves out agents that fail far more than the others, but only while the
// others can carry the load: with few agents a careless ejection overloads the
// healthy ones, and hurts more than it helps.
import type { Candidate } from "./strategy.ts";

export interface EjectionLimits {
  /** Ejected below this success … */
  readonly successMin: number;
  /** … once it rests on so many recent calls. */
  readonly callsMin: number;
  /** The others' capacity must be at least so many times the demand. */
  readonly headroom: number;
}

const EJECTION_DEFAULT: EjectionLimits = { successMin: 0.4, callsMin: 8, headroom: 1.25 };

/**
 * The candidates without the ejected, worst ones tried first. `demandPerMinute`
 * is in requests; capacity is the sum of the agents' requests per minute, without
 * bound where one has no limit. Never leaves nobody.
 */
export function withoutEjected(
  candidates: readonly Candidate[],
  demandPerMinute: number,
  limits: EjectionLimits = EJECTION_DEFAULT,
): Candidate[] {
  const worstFirst = candidates
    .filter(({ load }) => load.successWeight >= limits.callsMin && load.success < limits.successMin)
    .sort((a, b) => a.load.success - b.load.success);
  let left = [...candidates];
  for (const outlier of worstFirst) {
    const others = left.filter((candidate) => candidate !== outlier);
    if (others.length > 0 && capacity(others) >= limits.headroom * demandPerMinute) left = others;
  }
  return left;
}

function capacity(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { load }) => sum + (load.requestsPerMinute ?? Number.POSITIVE_INFINITY), 0);
}
