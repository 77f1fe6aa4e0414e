// How a command speaks: data on stdout, the rest on stderr.
import { type ErrorCode, EXIT_CODES, isPolylogueError } from "../domain/errors.ts";
import type { Globals } from "./globals.ts";
import { asInvoked, invocationOf } from "./invocation.ts";
import type { Io } from "./io.ts";
import { plainText } from "./terminal-text.ts";

/** Under `--json` and `--jsonl` the one document of a command that failed. */
export interface ErrorDocument {
  readonly schema: "polylogue.error/1";
  readonly code: ErrorCode;
  readonly message: string;
  readonly mend: string | null;
}

/** What went wrong, whatever was thrown. */
export function errorDocument(error: unknown): ErrorDocument {
  if (isPolylogueError(error)) {
    return { schema: "polylogue.error/1", code: error.code, message: error.message, mend: error.mend ?? null };
  }
  return {
    schema: "polylogue.error/1",
    code: "INTERNAL",
    message: `Polylogue itself failed: ${error instanceof Error ? error.message : String(error)}`,
    mend: "Run the command again with --debug, and report what it prints.",
  };
}

/** What of the global options an error's report needs. */
export type ErrorGlobals = Pick<Globals, "json" | "jsonl" | "debug" | "home" | "config">;

/** For people on stderr; under `--json` and `--jsonl` also a document on stdout. Returns the exit code. */
export function reportError(error: unknown, io: Io, globals: ErrorGlobals): number {
  const document = errorDocument(error);
  const lines = [`polylogue: ${document.message}`];
  if (document.mend !== null) {
    lines.push(`  How to mend: ${asInvoked(document.mend, invocationOf(io.env, globals))}`);
  }
  lines.push(`  Code: ${document.code}`);
  if (globals.debug) lines.push(...stackOf(error));
  io.stderr.write(`${plainText(lines.join("\n"))}\n`);
  if (globals.json || globals.jsonl) writeDocument(io, document, globals);
  return isPolylogueError(error) ? error.exitCode : EXIT_CODES.failure;
}

/** One JSON document: indented under `--json`, the last line under `--jsonl`. */
export function writeDocument(io: Io, document: object, globals: Pick<Globals, "jsonl">): void {
  io.stdout.write(`${globals.jsonl ? JSON.stringify(document) : JSON.stringify(document, null, 2)}\n`);
}

export function writeLines(out: { write(text: string): void }, lines: readonly string[]): void {
  if (lines.length > 0) out.write(`${lines.join("\n")}\n`);
}

/** The error's stack and those of its causes; a chain that goes round is cut. */
function stackOf(error: unknown): string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = at.cause) {
    seen.add(at);
    lines.push(
      ...`${lines.length === 0 ? "" : "Caused by: "}${at.stack ?? at.message}`.split("\n").map((line) => `  ${line}`),
    );
  }
  return lines;
}
