// Token buckets as vendors keep them: per key and model family, one each for
// requests, input tokens and output tokens, refilled evenly on the injected clock.
import { PolylogueError } from "../domain/errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { RateLimits } from "./simulator.ts";

export type Dimension = "requests" | "inputTokens" | "outputTokens";

export interface BucketState {
  readonly limit: number;
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly resetMs: number;
}

export interface BucketReading {
  /** The dimension that refused the call, if one did. */
  readonly refusedBy?: Dimension;
  /** Until a refused call would fit; 0 when it was admitted. */
  readonly retryAfterMs: number;
  readonly state: Readonly<Record<Dimension, BucketState>>;
}

export interface RefusedReading extends BucketReading {
  readonly refusedBy: Dimension;
}

export interface RateBuckets {
  /** Takes from all three buckets, or from none. */
  take(owner: string, amounts: Readonly<Record<Dimension, number>>): BucketReading;
}

interface Level {
  level: number;
  readonly capacity: number;
}

interface Owner {
  atUs: number;
  readonly levels: Readonly<Record<Dimension, Level>>;
}

const DIMENSIONS: readonly Dimension[] = ["requests", "inputTokens", "outputTokens"];
const MINUTE_MS = 60_000;

/** Owners that are remembered; the one unused for longest is forgotten first, and so starts full again. */
const OWNERS_MAX = 1_000;

export function createRateBuckets(clock: Clock, limits: RateLimits): RateBuckets {
  const capacity: Record<Dimension, number> = {
    requests: limits.requestsPerMinute,
    inputTokens: limits.inputTokensPerMinute,
    outputTokens: limits.outputTokensPerMinute,
  };
  for (const [dimension, limit] of Object.entries(capacity)) {
    if (Number.isFinite(limit) && limit > 0) continue;
    throw new PolylogueError("CONFIG_INVALID", {
      message: `The simulator's limit of ${dimension} per minute is ${limit}; a bucket needs a size above 0 to refill.`,
      mend: "Give a positive number, or leave it out for the generous default.",
    });
  }
  const owners = new Map<string, Owner>();

  function refilled(name: string): Owner {
    const nowUs = clock.monotonicUs();
    const owner = owners.get(name) ?? { atUs: nowUs, levels: full(capacity) };
    const shareOfMinute = (nowUs - owner.atUs) / (MINUTE_MS * 1_000);
    for (const dimension of DIMENSIONS) {
      const level = owner.levels[dimension];
      level.level = Math.min(level.capacity, level.level + shareOfMinute * level.capacity);
    }
    owner.atUs = nowUs;
    owners.delete(name);
    owners.set(name, owner);
    if (owners.size > OWNERS_MAX) owners.delete(owners.keys().next().value as string);
    return owner;
  }

  return {
    take: (name, amounts) => {
      const { levels } = refilled(name);
      const refusedBy = DIMENSIONS.find((dimension) => levels[dimension].level < amounts[dimension]);
      if (refusedBy === undefined) {
        for (const dimension of DIMENSIONS) levels[dimension].level -= amounts[dimension];
        return { retryAfterMs: 0, state: stateOf(levels) };
      }
      const missing = amounts[refusedBy] - levels[refusedBy].level;
      return { refusedBy, retryAfterMs: msToFill(missing, capacity[refusedBy]), state: stateOf(levels) };
    },
  };
}

function full(capacity: Readonly<Record<Dimension, number>>): Record<Dimension, Level> {
  const level = (dimension: Dimension): Level => ({ level: capacity[dimension], capacity: capacity[dimension] });
  return { requests: level("requests"), inputTokens: level("inputTokens"), outputTokens: level("outputTokens") };
}

function stateOf(levels: Readonly<Record<Dimension, Level>>): Record<Dimension, BucketState> {
  const state = (dimension: Dimension): BucketState => {
    const { level, capacity } = levels[dimension];
    return { limit: capacity, remaining: Math.floor(level), resetMs: msToFill(capacity - level, capacity) };
  };
  return { requests: state("requests"), inputTokens: state("inputTokens"), outputTokens: state("outputTokens") };
}

function msToFill(missing: number, perMinute: number): number {
  return Math.ceil((missing / perMinute) * MINUTE_MS);
}
