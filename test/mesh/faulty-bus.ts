// A bus that loses, repeats, delays and so reorders, by a seed.
import type { Bus } from "../../src/mesh/bus/bus.ts";
import { createInProcessBus } from "../../src/mesh/bus/in-process-bus.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Random } from "../../src/platform/random.ts";

export interface BusFaults {
  /** Parts of all messages, 0 to 1. */
  readonly lost: number;
  readonly repeated: number;
  /** Each message arrives after a random part of it. */
  readonly delayMsMax: number;
}

export interface FaultyBus extends Bus {
  readonly counts: { published: number; lost: number; repeated: number };
}

export function createFaultyBus(parts: { clock: Clock; random: Random; faults: BusFaults }): FaultyBus {
  const { clock, random, faults } = parts;
  const inner = createInProcessBus({ clock });
  const counts = { published: 0, lost: 0, repeated: 0 };
  return {
    counts,
    subscribe: inner.subscribe,
    publish(subject, message) {
      counts.published++;
      if (random.next() < faults.lost) {
        counts.lost++;
        return;
      }
      const times = random.next() < faults.repeated ? 2 : 1;
      counts.repeated += times - 1;
      for (let time = 0; time < times; time++) {
        clock.setTimer(random.next() * faults.delayMsMax, () => inner.publish(subject, message));
      }
    },
  };
}
