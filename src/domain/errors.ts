// The catalogue of errors. A code never changes its meaning; docs/errors.md
// lists exactly these, and a test keeps the two equal.

/** What the process says to a shell (design §7). */
export const EXIT_CODES = {
  ok: 0,
  failure: 1,
  usage: 2,
  config: 3,
  auth: 4,
  vendor: 5,
  budget: 6,
  timeout: 7,
  partial: 8,
  illegalState: 9,
  interrupted: 130,
} as const;
export type ExitKind = keyof typeof EXIT_CODES;

interface ErrorSpec {
  readonly exit: ExitKind;
  /** Whether the same call may succeed later without any change by a person. */
  readonly retryable: boolean;
}

/** Every code, with the exit code it leads to. */
export const ERRORS = {
  // The program itself.
  INTERNAL: { exit: "failure", retryable: false },
  // Usage and input.
  USAGE: { exit: "usage", retryable: false },
  ATTACHMENT_MISSING: { exit: "usage", retryable: false },
  ATTACHMENT_TOO_LARGE: { exit: "usage", retryable: false },
  ATTACHMENT_BINARY: { exit: "usage", retryable: false },
  ATTACHMENT_TYPE: { exit: "usage", retryable: false },
  ORCHESTRATION_UNKNOWN: { exit: "usage", retryable: false },
  AGENT_UNKNOWN: { exit: "usage", retryable: false },
  MEMBERS_COUNT: { exit: "usage", retryable: false },
  // Configuration.
  CONFIG_INVALID: { exit: "config", retryable: false },
  CONFIG_UNREADABLE: { exit: "config", retryable: false },
  CONFIG_UNTRUSTED: { exit: "config", retryable: false },
  VENDOR_UNKNOWN: { exit: "config", retryable: false },
  SECRET_FILE_MODE: { exit: "config", retryable: false },
  KEY_MISSING: { exit: "auth", retryable: false },
  PROXY_INVALID: { exit: "config", retryable: false },
  // Storage and journal.
  STORE_NEWER: { exit: "config", retryable: false },
  STORE_MIGRATION_CHANGED: { exit: "config", retryable: false },
  STORE_CORRUPT: { exit: "failure", retryable: false },
  STORE_FULL: { exit: "failure", retryable: true },
  STORE_BUSY: { exit: "failure", retryable: true },
  STORE_CLOSED: { exit: "illegalState", retryable: false },
  STORE_READ_ONLY: { exit: "failure", retryable: false },
  STORE_IO: { exit: "failure", retryable: true },
  STORE_LIBRARY_OLD: { exit: "config", retryable: false },
  SEQ_CONFLICT: { exit: "illegalState", retryable: true },
  BODY_MISSING: { exit: "failure", retryable: false },
  LEASE_HELD: { exit: "illegalState", retryable: true },
  LEASE_LOST: { exit: "illegalState", retryable: true },
  PROJECTION_UNKNOWN: { exit: "usage", retryable: false },
  // Conversations.
  CONVERSATION_UNKNOWN: { exit: "usage", retryable: false },
  CONVERSATION_ENDED: { exit: "illegalState", retryable: false },
  CONVERSATION_SIMULATED: { exit: "illegalState", retryable: false },
  CONVERSATION_NOT_SIMULATED: { exit: "illegalState", retryable: false },
  TURN_CLOSED: { exit: "illegalState", retryable: false },
  CANCELLED: { exit: "interrupted", retryable: false },
  PROJECTION_INVALID: { exit: "failure", retryable: false },
  CONTEXT_TOO_LARGE: { exit: "failure", retryable: false },
  // Handshake: refusals of a member.
  VERSION: { exit: "failure", retryable: false },
  AUTH: { exit: "auth", retryable: false },
  CAPABILITY: { exit: "failure", retryable: false },
  BUDGET: { exit: "budget", retryable: false },
  FULL: { exit: "usage", retryable: false },
  STALE_INC: { exit: "illegalState", retryable: true },
  MODEL: { exit: "config", retryable: false },
  PRICE: { exit: "config", retryable: false },
  WINDOW: { exit: "usage", retryable: false },
  BINARY: { exit: "config", retryable: false },
  LOGIN: { exit: "auth", retryable: false },
  SILENT: { exit: "timeout", retryable: true },
  UNREACHABLE: { exit: "vendor", retryable: true },
  // Delivery: refusals of a message.
  STALE_EPOCH: { exit: "illegalState", retryable: true },
  NOT_MEMBER: { exit: "usage", retryable: false },
  DUPLICATE: { exit: "illegalState", retryable: false },
  HOPS: { exit: "failure", retryable: false },
  LOOP: { exit: "failure", retryable: false },
  MESSAGES_SPENT: { exit: "budget", retryable: false },
  DEADLINE: { exit: "timeout", retryable: false },
  OVERLOADED: { exit: "vendor", retryable: true },
  REDELIVERY_SPENT: { exit: "failure", retryable: false },
  NO_CANDIDATE: { exit: "vendor", retryable: true },
  // Model calls.
  VENDOR_RATE: { exit: "vendor", retryable: true },
  VENDOR_CAPACITY: { exit: "vendor", retryable: true },
  VENDOR_BUDGET: { exit: "budget", retryable: false },
  VENDOR_AUTH: { exit: "auth", retryable: false },
  VENDOR_REQUEST: { exit: "vendor", retryable: false },
  VENDOR_POLICY: { exit: "vendor", retryable: false },
  VENDOR_TRANSIENT: { exit: "vendor", retryable: true },
  TIMEOUT_FIRST_CONTENT: { exit: "timeout", retryable: true },
  TIMEOUT_BETWEEN_CONTENTS: { exit: "timeout", retryable: true },
  TIMEOUT_CALL: { exit: "timeout", retryable: true },
  TIMEOUT_TURN: { exit: "timeout", retryable: false },
  ANSWER_EMPTY: { exit: "vendor", retryable: true },
  STEPS_SPENT: { exit: "failure", retryable: false },
  ATTEMPT_LOST: { exit: "failure", retryable: true },
  BREAKER_OPEN: { exit: "vendor", retryable: true },
  BUDGET_EXHAUSTED: { exit: "budget", retryable: false },
  PRICE_UNKNOWN: { exit: "config", retryable: false },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetail {
  /** What happened and why, one or two sentences. */
  readonly message: string;
  /** How to mend it, one sentence a person can act on. */
  readonly mend?: string;
  readonly cause?: unknown;
}

/** The one error class that crosses a folder's border. */
export class PolylogueError extends Error {
  readonly code: ErrorCode;
  readonly mend: string | undefined;

  constructor(code: ErrorCode, detail: ErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = "PolylogueError";
    this.code = code;
    this.mend = detail.mend;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get exitCode(): number {
    return EXIT_CODES[ERRORS[this.code].exit];
  }
}

export function isPolylogueError(value: unknown): value is PolylogueError {
  return value instanceof PolylogueError;
}

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERRORS, value);
}

/** For the `default` branch of a switch that must be exhaustive. */
export function unreachable(value: never): never {
  throw new PolylogueError("INTERNAL", { message: `unreachable value ${JSON.stringify(value)}` });
}
