// What follows from a failed attempt, by the class of its failure: try the same
// route again, or leave it to the next one.
import { FAILURE_CLASSES_RETRYABLE, type Failure } from "../../domain/failure.ts";

export interface RetryCircumstances {
  /** Tries of this route that have failed, this one among them. */
  readonly failedTries: number;
  readonly retriesMax: number;
  /** Other agents wait to take the turn: what is not about to pass is left to them. */
  readonly hasOtherCandidates: boolean;
  /** The request carried a vendor's opaque blocks, and was not yet tried without them. */
  readonly canStripOpaque: boolean;
}

/**
 * `again` after a back-off, before any other route is tried · `later` after a
 * back-off, unless another route is free before · `stripped` at once, without
 * opaque blocks · `leave` this route · `leave-key` and those with the same key ·
 * `leave-vendor` and those of the same vendor.
 */
export type NextStep = "again" | "later" | "stripped" | "leave" | "leave-key" | "leave-vendor";

export function nextStep(failure: Failure, seen: RetryCircumstances): NextStep {
  if (FAILURE_CLASSES_RETRYABLE.includes(failure.class) && seen.failedTries > seen.retriesMax) return "leave";
  switch (failure.class) {
    case "transient":
      return "again";
    case "rate":
    case "capacity":
      return seen.hasOtherCandidates ? "leave" : "later";
    case "request":
      return seen.canStripOpaque ? "stripped" : "leave";
    case "auth":
    case "budget":
      return "leave-key";
    case "policy":
      return "leave-vendor";
  }
}
