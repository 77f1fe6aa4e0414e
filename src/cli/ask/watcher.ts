// Whoever shows a running conversation: live columns, plain lines, JSON lines,
// or nobody.
import type { JournalEvent } from "../../domain/journal-event.ts";
import type { Progress } from "../../mesh/mesh.ts";

export interface Watcher {
  onProgress(progress: Progress): void;
  onJournal(event: JournalEvent): void;
  /** The first Ctrl-C: running turns end, then it is over. */
  onDraining(): void;
  /** Before anything else is printed. Closing twice is harmless. */
  close(): void;
}

/** Under `--json` nothing is said before the document, but for a Ctrl-C. */
export function createQuietWatcher(note: (text: string) => void): Watcher {
  return {
    onProgress: () => undefined,
    onJournal: () => undefined,
    onDraining: () => note(DRAINING_TEXT),
    close: () => undefined,
  };
}

export const DRAINING_TEXT =
  "Stopping: the running turns end first, then the conversation is cancelled. Ctrl-C again ends at once.";
