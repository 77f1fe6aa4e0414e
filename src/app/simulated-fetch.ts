// The network of a simulation: the simulators themselves, in this process.

import type { Clock } from "../platform/clock.ts";
import type { FetchLike } from "../platform/http-fetch.ts";
import { createSimulators } from "../simulators/routing-fetch.ts";
import { LATENCY_PROFILES } from "../simulators/simulator.ts";
import type { SimulatedLatency } from "./options.ts";

export function createSimulatedFetch(options: {
  readonly clock: Clock;
  readonly seed: number;
  readonly latency: SimulatedLatency;
}): FetchLike {
  const { clock, seed, latency } = options;
  return createSimulators({ clock, seed, latency: LATENCY_PROFILES[latency] }).fetch;
}
