// Goes on with open conversations, and says what became of each.
import type { Polylogue, ResumeDocument } from "../../app/polylogue.ts";
import { EXIT_CODES, PolylogueError } from "../../domain/errors.ts";
import type { Progress } from "../../mesh/mesh.ts";
import { DRAINING_TEXTS } from "../ask/watcher.ts";
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
  const { io } = run;
  // To resume is not to decide that it ends here: whoever stops it, it can be resumed again.
  const draining = io.interrupt.drain(() => io.stderr.write(`${DRAINING_TEXTS.leave}\n`));
  try {
    const document = await polylogue.conversations.resume(all ? "all" : ids, {
      signal: draining.signal,
      onProgress: tellEachOnce(run),
    });
    run.show(document, () => resumeLines(document));
    run.exit(exitCodeOf(document, draining.signal.aborted));
  } finally {
    draining.release();
  }
}

/** A line for people when the first sign of a conversation comes. */
function tellEachOnce({ io, globals }: Run): (progress: Progress) => void {
  const told = new Set<string>();
  return ({ conversationId }) => {
    if (globals.json || globals.jsonl || told.has(conversationId)) return;
    told.add(conversationId);
    io.stderr.write(`Going on with ${conversationId} …\n`);
  };
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
