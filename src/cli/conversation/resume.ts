// Goes on with open conversations, and says what became of each.
import type { Polylogue, ResumeDocument } from "../../app/polylogue.ts";
import { EXIT_CODES, PolylogueError } from "../../domain/errors.ts";
import { createPlainWatcher } from "../ask/plain-watcher.ts";
import { createQuietWatcher } from "../ask/watcher.ts";
import type { Run } from "../context.ts";
import { exitCodeOfCauses } from "../exit-code.ts";
import { formatTable } from "../table.ts";
import { plainLine } from "../terminal-text.ts";

export interface ResumeInput {
  readonly ids: readonly string[];
  readonly all: boolean;
}

export async function resumeConversations(run: Run, polylogue: Polylogue, { ids, all }: ResumeInput): Promise<void> {
  if (all === ids.length > 0) {
    throw new PolylogueError("USAGE", {
      message: all ? "Both --all and ids were given." : "Nothing was named to resume.",
      mend: "Give the ids of conversations, or --all.",
    });
  }
  const { io, globals } = run;
  const isQuiet = globals.json || globals.jsonl;
  const watcher = isQuiet ? createQuietWatcher((text) => io.stderr.write(`${text}\n`)) : createPlainWatcher(io);
  const draining = io.interrupt.drain(() => watcher.onDraining());
  try {
    const document = await polylogue.conversations.resume(all ? "all" : ids, {
      signal: draining.signal,
      onProgress: (progress) => watcher.onProgress(progress),
    });
    run.show(document, () => resumeLines(document));
    run.exit(exitCodeOf(document, draining.signal.aborted));
  } finally {
    draining.release();
    watcher.close();
  }
}

function exitCodeOf({ resumed }: ResumeDocument, isInterrupted: boolean): number {
  if (resumed.every(hasEnded)) return EXIT_CODES.ok;
  if (isInterrupted) return EXIT_CODES.interrupted;
  const codes = resumed.flatMap(({ code }) => (code === undefined ? [] : [code]));
  return resumed.some(hasEnded) ? EXIT_CODES.partial : exitCodeOfCauses(codes);
}

function hasEnded({ status }: ResumeDocument["resumed"][number]): boolean {
  return status !== "running" && status !== "paused";
}

function resumeLines({ resumed }: ResumeDocument): string[] {
  if (resumed.length === 0) return ["Nothing is open."];
  return formatTable(
    [
      { title: "CONVERSATION", cell: (row) => row.conversationId },
      { title: "STATUS", cell: (row) => row.status },
      { title: "WHY", cell: (row) => (row.code === undefined ? "" : `${row.code}: ${plainLine(row.reason ?? "")}`) },
    ],
    resumed,
  );
}
