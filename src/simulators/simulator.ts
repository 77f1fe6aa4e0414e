// The contract of a vendor simulator: a deterministic stand-in for a vendor's
// HTTP API, down to its bytes on the wire. It never calls out.
import type { Clock } from "../platform/clock.ts";
import type { FaultKind, FaultPlan } from "./fault-plan.ts";

/** The vendors that can be simulated. */
export const SIMULATED_VENDORS = ["anthropic", "google", "deepseek", "openai"] as const;
export type SimulatedVendor = (typeof SIMULATED_VENDORS)[number];

/** Present, with the value `true`, on every reply of a simulator, over fetch and over HTTP. */
export const SIMULATED_HEADER = "x-polylogue-simulated";

/** How long a simulated model takes, on the injected clock. */
export interface LatencyProfile {
  /** From the request to the first content. */
  readonly firstContentMs: number;
  readonly perTokenMs: number;
  /** Share (0 to 1) by which a seeded draw may lengthen either figure. */
  readonly jitterShare: number;
}

export const LATENCY_PROFILES = {
  /** Answers at once and sets no timer. */
  none: { firstContentMs: 0, perTokenMs: 0, jitterShare: 0 },
  /** Quick enough to watch: a reply of 150 tokens takes about one second. */
  lively: { firstContentMs: 180, perTokenMs: 4, jitterShare: 0.6 },
  /** What the vendors really take. */
  realistic: { firstContentMs: 1_200, perTokenMs: 14, jitterShare: 0.5 },
} as const satisfies Record<string, LatencyProfile>;

/** The size of one key's buckets, per model family. They refill evenly over a minute. */
export interface RateLimits {
  readonly requestsPerMinute: number;
  readonly inputTokensPerMinute: number;
  readonly outputTokensPerMinute: number;
  /** Calls from their arrival to the last byte of their reply. */
  readonly concurrentCallsMax: number;
}

export interface SimulatorOptions {
  readonly clock: Clock;
  /** The same seed and the same request always give the same reply. */
  readonly seed: number | string;
  readonly faults?: FaultPlan;
  /** Default: `none`. */
  readonly latency?: LatencyProfile;
  /** Whatever is left out keeps its generous default. */
  readonly limits?: Partial<RateLimits>;
  /** Accepted keys. Default: any key that does not start with `invalid`. */
  readonly apiKeys?: readonly string[];
  /** How many of the last calls {@link VendorSimulator.requests} remembers; default 1,000. */
  readonly requestLogMax?: number;
}

/**
 * Answers one HTTP request. Rejects with `TypeError("fetch failed")` when the
 * fault plan refuses the connection, and with the signal's reason when the
 * request's signal aborts first; everything else is a `Response`.
 */
export type SimulatorHandler = (request: Request) => Promise<Response>;

/** One call, as the simulator saw it. */
export interface SimulatedCall {
  readonly method: string;
  readonly path: string;
  /** The answered status; 0 when the connection was refused. */
  readonly status: number;
  readonly model?: string;
  /** The index of a generating call, from 0, which the fault plan counts by. Free calls have none. */
  readonly index?: number;
  readonly fault?: FaultKind;
  /** The parsed JSON body, where there was one. */
  readonly body?: unknown;
}

export interface SimulatedCalls {
  /** All calls since the start, remembered or not. */
  readonly total: number;
  readonly generating: number;
  readonly faulty: number;
  /** Generating calls whose reply has not ended. */
  readonly inFlight: number;
  /** The last calls, oldest first, at most `requestLogMax`. */
  readonly recent: readonly SimulatedCall[];
}

export interface VendorSimulator {
  readonly name: SimulatedVendor;
  /** The vendor's real base URL, without a path. */
  readonly baseUrl: string;
  readonly handle: SimulatorHandler;
  requests(): SimulatedCalls;
}

/** All vendors behind one `fetch`. */
export interface Simulators {
  readonly vendors: Readonly<Record<SimulatedVendor, VendorSimulator>>;
  /**
   * Routes by the host of the URL. An unknown host, like a vendor that is down,
   * rejects with `TypeError("fetch failed")`.
   */
  readonly fetch: typeof globalThis.fetch;
}
