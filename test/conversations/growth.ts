// Whether work grows with its input as it should: no faster than the input itself.
import { expect } from "vitest";

const RUNS = 4;
const TRIES = 8;
/** Less than this is noise, not work. */
const NOISE_MS = 6;

/**
 * Four times the input takes at most eight times as long: four for linear work,
 * the rest for a busy machine; quadratic work would take sixteen times as long.
 * What counts is the thread's own processor time, the best of several runs;
 * whoever grows too fast does so at every try. Times within the noise pass.
 */
export function expectLinear(work: (size: number) => unknown, size: number): void {
  let small = Number.POSITIVE_INFINITY;
  let large = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES; tries++) {
    small = bestMs(() => work(size));
    large = Math.min(
      large,
      bestMs(() => work(4 * size)),
    );
    if (large < 8 * Math.max(small, NOISE_MS)) return;
  }
  expect.fail(`${size} took ${small} ms, ${4 * size} took ${large} ms`);
}

function bestMs(run: () => unknown): number {
  const times = Array.from({ length: RUNS }, () => {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}
