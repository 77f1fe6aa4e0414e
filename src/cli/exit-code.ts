// What an outcome says to the shell.
import type { AskDocument } from "../app/polylogue.ts";
import { ERRORS, EXIT_CODES, type ExitKind, isErrorCode } from "../domain/errors.ts";

/** Of several causes the first in this list is told: what a person can mend himself comes first. */
const CAUSES: readonly ExitKind[] = ["config", "auth", "vendor", "timeout"];

export function exitCodeOfAsk(document: Pick<AskDocument, "status" | "quorum" | "stopReasons">): number {
  switch (document.status) {
    case "decided":
      return EXIT_CODES.ok;
    case "degraded":
    case "no_decision":
      return EXIT_CODES.partial;
    case "budget_exhausted":
      return EXIT_CODES.budget;
    case "cancelled":
      return EXIT_CODES.interrupted;
    case "failed":
      return exitCodeOfCauses([...document.quorum.failed.map(({ code }) => code), ...document.stopReasons]);
  }
}

/** 3, 4, 5 or 7 when one leads there, else 1: error codes, and reasons to stop such as `deadline: 10 minutes are over`. */
export function exitCodeOfCauses(codes: readonly string[]): number {
  const kinds = new Set(codes.map(kindOf));
  const cause = CAUSES.find((kind) => kinds.has(kind));
  return cause === undefined ? EXIT_CODES.failure : EXIT_CODES[cause];
}

function kindOf(text: string): ExitKind {
  const word = /^\w+/.exec(text)?.[0] ?? "";
  if (isErrorCode(word)) return ERRORS[word].exit;
  return word === "deadline" ? "timeout" : "failure";
}
