// Follows a conversation's journal until it has ended or Ctrl-C is pressed.
import type { Polylogue } from "../../app/polylogue.ts";
import { PolylogueError } from "../../domain/errors.ts";
import type { Run } from "../context.ts";
import { eventLine } from "../report/event-line.ts";

export async function tailConversation(
  run: Run,
  polylogue: Polylogue,
  { id, after }: { readonly id: string; readonly after: number },
): Promise<void> {
  const { io, globals } = run;
  if (globals.json) {
    throw new PolylogueError("USAGE", {
      message: "A tail is a stream and no single JSON document.",
      mend: "Use --jsonl, or: polylogue conversation show ID --json",
    });
  }
  // A reader has nothing to drain: the first Ctrl-C ends it, and that is no failure.
  const draining = io.interrupt.drain(() => undefined);
  try {
    for await (const event of polylogue.conversations.tail(id, { after, signal: draining.signal })) {
      io.stdout.write(`${globals.jsonl ? JSON.stringify(event) : eventLine(event)}\n`);
    }
  } catch (error) {
    if (!draining.signal.aborted) throw error;
  } finally {
    draining.release();
  }
}
