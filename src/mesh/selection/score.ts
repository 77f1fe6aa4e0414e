// The strategy "score": power of two choices over time to first content, calls
// under way and success.
import type { Candidate, CreateStrategy } from "./strategy.ts";
import type { TargetLoad } from "./target.ts";

/** Below this success counts no less, so that a failing agent's score stays finite and comparable. */
const SUCCESS_MIN = 0.05;
/** Of an agent that is being asked for the first time: behind every measured one until it has answered. */
const UNMEASURED_US = 2 ** 40;

/**
 * Lower is better: peakEWMA(time to first content) · (under way + 1) ÷ max(0.05, success)³.
 * An agent that was never asked scores 0, so that it is asked once.
 */
export function score(load: TargetLoad): number {
  if (load.firstContentUs === undefined) return load.outstanding === 0 ? 0 : UNMEASURED_US + load.outstanding;
  return (load.firstContentUs * (load.outstanding + 1)) / Math.max(SUCCESS_MIN, load.success) ** 3;
}

/**
 * Each place goes to the better of two drawn at random (Mitzenmacher, "The
 * power of two choices"): load spreads almost as well as by the best of all,
 * without everybody running to the same one.
 */
export const createScoreStrategy: CreateStrategy = ({ random }) => ({
  order(candidates) {
    const pool = candidates.map((candidate) => ({ candidate, score: score(candidate.load) }));
    const ordered: Candidate[] = [];
    while (pool.length > 0) {
      const first = random.integer(pool.length);
      const second = pool.length === 1 ? first : (first + 1 + random.integer(pool.length - 1)) % pool.length;
      const winner = (pool[second]?.score ?? 0) < (pool[first]?.score ?? 0) ? second : first;
      ordered.push(...pool.splice(winner, 1).map((drawn) => drawn.candidate));
    }
    return ordered;
  },
});
