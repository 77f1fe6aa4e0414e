// Whoever shows a running conversation: live columns, plain lines, JSON lines,
// or nobody.
import type { JournalEvent } from "../../domain/journal-event.ts";
import type { Progress } from "../../mesh/mesh.ts";
import type { StopKind } from "../interrupt.ts";

export interface Watcher {
  onProgress(progress: Progress): void;
  onJournal(event: JournalEvent): void;
  /** The first request to stop: running turns end, then it is over, or left to be resumed. */
  onDraining(kind: StopKind): void;
  /** Before anything else is printed. Closing twice is harmless. */
  close(): void;
}

/** Under `--json` nothing is said before the document, but for a request to stop. */
export function createQuietWatcher(note: (text: string) => void): Watcher {
  return {
    onProgress: () => undefined,
    onJournal: () => undefined,
    onDraining: (kind) => note(DRAINING_TEXTS[kind]),
    close: () => undefined,
  };
}

export const DRAINING_TEXTS: Readonly<Record<StopKind, string>> = {
  cancel: "Stopping: the running turns end first, then the conversation is cancelled. Ctrl-C again ends at once.",
  leave:
    "Stopping: the running turns end first, then the conversation is left to be resumed. Ctrl-C again, or a second signal, ends at once.",
};
