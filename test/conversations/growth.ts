// Whether work grows with its input as it should: no faster than the input itself.
import { expect } from "vitest";

const RUNS = 4;
/** Less than this is noise, not work. */
const NOISE_MS = 6;

/**
 * Four times the input takes at most eight times as long: four for linear work,
 * the rest for a busy machine; quadratic work would take sixteen times as long.
 * The best of several runs is compared, and times within the noise pass.
 */
export function expectLinear(work: (size: number) => unknown, size: number): void {
  const small = bestMs(() => work(size));
  const large = bestMs(() => work(4 * size));
  expect(large, `${size} took ${small} ms, ${4 * size} took ${large} ms`).toBeLessThan(8 * Math.max(small, NOISE_MS));
}

function bestMs(run: () => unknown): number {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}
