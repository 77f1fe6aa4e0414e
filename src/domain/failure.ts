// Why a model call failed, in one closed set for every vendor.

/**
 * `rate` wait or fail over · `capacity` fail over first · `budget` the account
 * is out of money or quota, never retry · `auth` the key is refused ·
 * `request` the request is wrong, repair once or fail · `policy` the vendor
 * declined the content · `transient` retry.
 */
export const FAILURE_CLASSES = ["rate", "capacity", "budget", "auth", "request", "policy", "transient"] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** Classes for which the same call may succeed later on the same route. */
export const FAILURE_CLASSES_RETRYABLE: readonly FailureClass[] = ["rate", "capacity", "transient"];

export interface Failure {
  readonly class: FailureClass;
  /** A code of the catalogue in `errors.ts`. */
  readonly code: string;
  /** One sentence for people; secrets are already redacted. */
  readonly reason: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** The vendor's wish, in milliseconds, from a header or the body. */
  readonly retryAfterMs?: number;
}
