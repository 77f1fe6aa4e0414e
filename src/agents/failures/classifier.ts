// From evidence to one of seven classes, by the table of rules.
import type { ErrorCode } from "../../domain/errors.ts";
import type { Failure, FailureClass } from "../../domain/failure.ts";
import type { FailureEvidence } from "./evidence.ts";
import { CLASS_CODES, FAILURE_RULES, type FailureRule, FINISH_FAILURES } from "./failure-rules.ts";
import { retryAfterMs } from "./retry-after.ts";

export interface ClassifyOptions {
  readonly nowMs: number;
  /** Takes secrets out of what the vendor said: some quote parts of a refused key. */
  readonly redact: (text: string) => string;
}

const REASON_CHARS_MAX = 400;

/** Without any rule that fits: a wrong request where the status says so, else a passing trouble. */
export function classify(evidence: FailureEvidence, { nowMs, redact }: ClassifyOptions): Failure {
  const { status } = evidence;
  const rule = FAILURE_RULES.find((candidate) => fits(candidate, evidence));
  const failureClass = rule?.class ?? (status !== undefined && status < 500 ? "request" : "transient");
  const delay = failureClass === "budget" ? undefined : retryAfterMs(evidence, nowMs);
  return {
    class: failureClass,
    code: rule?.code ?? CLASS_CODES[failureClass],
    reason: reasonOf(evidence, redact),
    ...(status === undefined ? {} : { status }),
    ...(delay === undefined || !isDelayed(failureClass) ? {} : { retryAfterMs: delay }),
  };
}

/** A delay on a refusal that waiting does not mend is noise: some vendors send one with every reply. */
function isDelayed(failureClass: FailureClass): boolean {
  return failureClass === "rate" || failureClass === "capacity" || failureClass === "transient";
}

function fits(rule: FailureRule, { status, words, message }: FailureEvidence): boolean {
  if (rule.statuses !== undefined && status !== undefined && rule.statuses.includes(status)) return true;
  if (rule.words?.some((word) => words.includes(word)) === true) return true;
  const { word } = rule;
  if (word !== undefined && words.some((candidate) => word.test(candidate))) return true;
  return rule.message?.test(message) === true;
}

function reasonOf({ status, message }: FailureEvidence, redact: (text: string) => string): string {
  const sentence = message === "" ? "the vendor said nothing more" : message;
  const text = status === undefined ? sentence : `HTTP ${status}: ${sentence}`;
  const redacted = redact(text);
  return redacted.length <= REASON_CHARS_MAX ? redacted : `${redacted.slice(0, REASON_CHARS_MAX)} …`;
}

/** A finish word that is a failure by itself; undefined for all others. */
export function finishFailure(raw: string | undefined): Failure | undefined {
  const failureClass = raw === undefined ? undefined : FINISH_FAILURES[raw.toLowerCase()];
  if (failureClass === undefined) return undefined;
  return failureOf(failureClass, `the model stopped with "${raw}"`);
}

export function failureOf(failureClass: FailureClass, reason: string, code?: ErrorCode): Failure {
  return { class: failureClass, code: code ?? CLASS_CODES[failureClass], reason };
}
