// What goes wrong, and when: data, drawn by seed. A draw depends on the seed,
// the vendor and the index of the call only, never on timing.
import type { Random } from "../platform/random.ts";
import type { SimulatedVendor } from "./simulator.ts";

/**
 * Each kind is played in the vendor's own grammar.
 * Before the reply: `latency`, `rate429` (says when to come back),
 * `rate429Silent` (does not), `spendLimit` (dead budget), `capacity` (529 or 503),
 * `server…`, `htmlBody` (a proxy's 502 page), `down` (connection refused).
 * In the reply: `truncatedStream` (clean end too early), `reset`, `stall` (no
 * more bytes), `slowDrip`, `malformedEvent`, `splitUtf8` and `slowDrip` (harmless
 * to a correct client), `duplicateChunk`, `errorAfter200`, `firstEventError`,
 * `emptyAnswer`, `refusal` (the vendor's own content policy).
 */
export const FAULT_KINDS = [
  "latency",
  "rate429",
  "rate429Silent",
  "spendLimit",
  "capacity",
  "server500",
  "server502",
  "server504",
  "server520",
  "server524",
  "htmlBody",
  "truncatedStream",
  "reset",
  "stall",
  "slowDrip",
  "malformedEvent",
  "splitUtf8",
  "duplicateChunk",
  "errorAfter200",
  "firstEventError",
  "emptyAnswer",
  "refusal",
  "down",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The plan of one vendor. Without any property nothing goes wrong. */
export interface VendorFaultPlan {
  /** Share of generating calls that fail, 0 to 1. */
  readonly probability?: number;
  /** Relative weight of each kind; a kind left out never happens. Default: {@link DEFAULT_FAULT_WEIGHTS}. */
  readonly weights?: Partial<Readonly<Record<FaultKind, number>>>;
  /** What happens to call 0, 1, 2 …; `null` is no fault. Beyond its end, `probability` decides. */
  readonly script?: readonly (FaultKind | null)[];
  /** The whole vendor refuses connections, free calls included. */
  readonly down?: boolean;
}

export interface FaultPlan extends VendorFaultPlan {
  /** A vendor listed here follows its own plan and nothing of the common one. */
  readonly vendors?: Partial<Readonly<Record<SimulatedVendor, VendorFaultPlan>>>;
  /** What `latency` adds before the reply; default 20,000. */
  readonly latencyMs?: number;
  /** The pause between two pieces of a `slowDrip`; default 400. */
  readonly slowDripMs?: number;
  /** When the server gives up a `stall` and resets; default 600,000. */
  readonly stallMsMax?: number;
  /** What `rate429` asks for; default 2,000. */
  readonly retryAfterMs?: number;
}

/** Every transient kind alike; what means "never again" (`spendLimit`) or is a property of a vendor (`down`) is left to plans that ask for it. */
export const DEFAULT_FAULT_WEIGHTS: Readonly<Partial<Record<FaultKind, number>>> = Object.fromEntries(
  FAULT_KINDS.filter((kind) => !["spendLimit", "refusal", "emptyAnswer", "down"].includes(kind)).map((kind) => [
    kind,
    1,
  ]),
);

export interface FaultTimings {
  readonly latencyMs: number;
  readonly slowDripMs: number;
  readonly stallMsMax: number;
  readonly retryAfterMs: number;
}

export interface FaultPicker {
  readonly down: boolean;
  readonly timings: FaultTimings;
  /** The fault of the call with this index, if any. */
  pick(index: number): FaultKind | undefined;
}

export function createFaultPicker(plan: FaultPlan, vendor: SimulatedVendor, random: Random): FaultPicker {
  const own = plan.vendors?.[vendor] ?? plan;
  const weights = Object.entries(own.weights ?? DEFAULT_FAULT_WEIGHTS) as [FaultKind, number][];
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return {
    down: own.down ?? false,
    timings: {
      latencyMs: plan.latencyMs ?? 20_000,
      slowDripMs: plan.slowDripMs ?? 400,
      stallMsMax: plan.stallMsMax ?? 600_000,
      retryAfterMs: plan.retryAfterMs ?? 2_000,
    },
    pick: (index) => {
      const scripted = own.script?.[index];
      if (scripted !== undefined) return scripted ?? undefined;
      const draw = random.fork(`fault/${index}`);
      if (draw.next() >= (own.probability ?? 0)) return undefined;
      return weighted(weights, draw.next() * total);
    },
  };
}

function weighted(weights: readonly [FaultKind, number][], at: number): FaultKind | undefined {
  let left = at;
  for (const [kind, weight] of weights) {
    left -= weight;
    if (left < 0) return kind;
  }
  return undefined;
}
