// The structured log: what the program says about itself, one JSON object a
// line. The journal is the record of conversations; this is for operators.
import { isoFromUs } from "../domain/time.ts";
import type { Clock } from "./clock.ts";
import type { Redactor } from "./redaction.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Errors become their name, code and message; other values are written as JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  /** `event` names what happened, dotted and in the past: `vendor.answered`. Never throws. */
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with fields that every line carries. */
  with(fields: LogFields): Log;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes one line without its line feed. What it throws is not the logging program's concern. */
  readonly sink: (line: string) => void;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Longer text values are cut to this many characters and end in `…`; 2,000 unless told. */
  readonly valueCharsMax?: number;
}

const VALUE_CHARS_MAX_DEFAULT = 2_000;
/** How far down a chain of causes is written. */
const CAUSES_MAX = 5;

export function createLog(options: LogOptions, fixed: LogFields = {}): Log {
  const threshold = LOG_LEVELS.indexOf(options.level);
  const write = (level: LogLevel, event: string, fields: LogFields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < threshold) return;
    try {
      options.sink(formatLine({ ...fixed, ...fields, at: isoFromUs(options.clock.nowUs()), level, event }, options));
    } catch {
      // A full disk, a closed pipe or a field that cannot be written must not end a conversation.
    }
  };
  return {
    debug: (event, fields) => write("debug", event, fields),
    info: (event, fields) => write("info", event, fields),
    warn: (event, fields) => write("warn", event, fields),
    error: (event, fields) => write("error", event, fields),
    with: (fields) => createLog(options, { ...fixed, ...fields }),
  };
}

/** Says nothing; the default of a library. */
export function createSilentLog(): Log {
  const silent: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
    with: () => silent,
  };
  return silent;
}

/** The same log, but nothing secret reaches it: for logs that somebody else made. */
export function createRedactedLog(log: Log, redactor: Redactor): Log {
  const clean = (fields: LogFields): LogFields => {
    try {
      return JSON.parse(
        JSON.stringify(
          fields,
          plainValues((text) => redactor.redact(text)),
        ),
      ) as LogFields;
    } catch {
      // A log never throws, and what cannot be read cannot be cleaned.
      return { fieldsUnwritable: true };
    }
  };
  return {
    debug: (event, fields = {}) => log.debug(event, clean(fields)),
    info: (event, fields = {}) => log.info(event, clean(fields)),
    warn: (event, fields = {}) => log.warn(event, clean(fields)),
    error: (event, fields = {}) => log.error(event, clean(fields)),
    with: (fields) => createRedactedLog(log.with(clean(fields)), redactor),
  };
}

function formatLine(entry: LogFields, options: LogOptions): string {
  const charsMax = options.valueCharsMax ?? VALUE_CHARS_MAX_DEFAULT;
  const { at, level, event, ...fields } = entry;
  const clean = (text: string): string => cut(options.redactor.redact(text), charsMax);
  return JSON.stringify({ at, level, event, ...fields }, plainValues(clean));
}

/** A replacer for JSON.stringify that also writes errors, big integers and circles. */
function plainValues(clean: (text: string) => string): (this: unknown, key: string, value: unknown) => unknown {
  // The path from the root to the value at hand, so that a circle ends where it closes.
  const ancestors: unknown[] = [];
  return function plain(this: unknown, _key: string, value: unknown): unknown {
    if (typeof value === "bigint") return value.toString();
    if (typeof value === "string") return clean(value);
    if (typeof value !== "object" || value === null) return value;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(value)) return "[circular]";
    const shown = value instanceof Error ? plainError(value, CAUSES_MAX) : value;
    ancestors.push(shown);
    return shown;
  };
}

/** No stack: its paths say nothing to an operator, and messages carry what, why and how to mend. */
function plainError(error: Error, causesMax: number): LogFields {
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: error.message,
    ...(error.cause instanceof Error && causesMax > 0 ? { cause: plainError(error.cause, causesMax - 1) } : {}),
  };
}

function cut(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax)}…`;
}
