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

interface Scored {
  readonly candidate: Candidate;
  readonly score: number;
}

/**
 * Each place goes to the better of two drawn at random (Mitzenmacher, "The
 * power of two choices"): load spreads almost as well as by the best of all,
 * without everybody running to the same one.
 */
export const createScoreStrategy: CreateStrategy = ({ random }) => ({
  order(candidates) {
    const pool = candidates.map((candidate) => ({ candidate, score: score(candidate.load) }));
    const draw = (): Scored => pool.splice(random.integer(pool.length), 1)[0] as Scored;
    const ordered: Candidate[] = [];
    while (pool.length > 1) {
      const [first, second] = [draw(), draw()];
      const [better, other] = second.score < first.score ? [second, first] : [first, second];
      ordered.push(better.candidate);
      pool.push(other);
    }
    return [...ordered, ...pool.map(({ candidate }) => candidate)];
  },
});
