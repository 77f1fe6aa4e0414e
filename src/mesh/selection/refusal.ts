// Why a route cannot be asked now, and when it could be.
import type { Route } from "../../domain/agent-card.ts";
import type { Failure } from "../../domain/failure.ts";

/**
 * `gate` the agent's or the vendor's rate is used up · `cooling` the vendor
 * asked us to wait · `breaker` it kept failing · `blocked` its key or account
 * was refused, so that waiting alone changes nothing.
 */
type RefusalKind = "gate" | "cooling" | "breaker" | "blocked";

export interface Refusal {
  readonly kind: RefusalKind;
  /** Undefined while only the end of a running call can tell. */
  readonly waitMs: number | undefined;
  readonly failure: Failure;
}

/** Worth waiting for within one turn. */
export function isWaitable(refusal: Refusal): boolean {
  return refusal.kind === "gate" || refusal.kind === "cooling";
}

/** One key of one model of one vendor: what fails, and is paced, together. */
export function targetName(route: Route): string {
  return `${route.vendor}/${route.model}${route.key === undefined ? "" : ` (key ${route.key})`}`;
}

export function gateRefusal(name: string, waitMs: number | undefined): Refusal {
  const failure: Failure = {
    class: "rate",
    code: "OVERLOADED",
    reason: `${name} has no room now under its limits on requests, tokens or calls at once`,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
  return { kind: "gate", waitMs, failure };
}
