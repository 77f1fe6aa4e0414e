// The lifecycle's own limits. Each has a finite default.

export interface LifecycleLimits {
  /** A conversation whose driver is silent for so long can be taken over. Renewed at a third of it. */
  readonly leaseTtlMs: number;
  /** How long running turns may go on when a conversation is interrupted or paused. */
  readonly drainMs: number;
  /** Of a conversation that was not given one. */
  readonly deadlineMs: number;
  /** Attachments of one conversation, together, in UTF-8. */
  readonly attachmentsBytesMax: number;
  /** How long a message of the user's into a running conversation stays good. */
  readonly userMessageMs: number;
}

export const LIFECYCLE_LIMITS_DEFAULT: LifecycleLimits = {
  leaseTtlMs: 10_000,
  drainMs: 30_000,
  deadlineMs: 3_600_000,
  attachmentsBytesMax: 4 * 1024 * 1024,
  userMessageMs: 3_600_000,
};
