// Time is integer microseconds. A wall-clock time counts from the Unix epoch;
// a duration is a difference of two readings of the monotonic clock.

/** Microseconds since 1970-01-01T00:00:00Z, an integer. */
export type TimestampUs = number;

/** A duration in microseconds, an integer ≥ 0. */
export type DurationUs = number;

export const US_PER_MS = 1_000;
export const US_PER_SECOND = 1_000_000;

/** ISO 8601 in UTC with milliseconds, for people and JSON documents. */
export function isoFromUs(at: TimestampUs): string {
  return new Date(at / US_PER_MS).toISOString();
}
