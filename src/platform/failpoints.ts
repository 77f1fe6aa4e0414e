// Failpoints: numbered places where a test tries a crash or a failure. In
// production every hit is an empty call.

export interface Failpoints {
  /** Called at each place, for example `store.commit.before`. What it throws counts as a failure at that place. */
  hit(name: string): void;
}

export const NO_FAILPOINTS: Failpoints = { hit: () => {} };

export interface CountingFailpoints extends Failpoints {
  /** How many places were hit so far. */
  count(): number;
  /** The distinct names hit so far, in order of their first hit. */
  names(): string[];
}

export interface CountingFailpointsOptions {
  /** Which hit crashes, from 1. Without it hits are only counted: the first run of a sweep. */
  readonly crashAt?: number;
  /** Ends the process, throws, or takes a picture of the disk and returns. */
  readonly crash?: (name: string) => void;
}

export function createCountingFailpoints(options: CountingFailpointsOptions = {}): CountingFailpoints {
  const names = new Set<string>();
  let count = 0;
  return {
    hit: (name) => {
      count += 1;
      names.add(name);
      if (count === options.crashAt) options.crash?.(name);
    },
    count: () => count,
    names: () => [...names],
  };
}
