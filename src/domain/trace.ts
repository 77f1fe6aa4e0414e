// W3C trace context: one trace for a conversation, one span for each event's cause.

export interface TraceContext {
  /** `00-<32 hex trace id>-<16 hex span id>-<2 hex flags>` (W3C Trace Context, level 1). */
  readonly traceparent: string;
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export function isTraceparent(value: string): boolean {
  return TRACEPARENT.test(value);
}
