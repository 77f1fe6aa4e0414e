// How slow this very process is (Lifeguard's local health, arXiv 1707.00788): a
// process that wakes late should doubt itself before it doubts its peers.

const SCORE_MAX = 8;
/** A timer that fires later than this part of its delay counts as late. */
const LATE_PART = 0.5;

export interface LocalHealth {
  /** 0 healthy to 8; time-outs are multiplied by 1 + this. */
  score(): number;
  /** A timer of `delayMs` fired after `tookMs`: was that late? */
  observe(delayMs: number, tookMs: number): boolean;
}

export function createLocalHealth(): LocalHealth {
  let score = 0;
  return {
    score: () => score,
    observe(delayMs, tookMs) {
      const late = tookMs > delayMs * (1 + LATE_PART);
      score = Math.min(SCORE_MAX, Math.max(0, score + (late ? 1 : -1)));
      return late;
    },
  };
}
