// The seam between commands and the process they run in: a test gives its own
// and reads what was written.
import type { Environment } from "../app/environment.ts";
import type { Clock } from "../platform/clock.ts";
import type { Interrupt } from "./interrupt.ts";

export interface TextOut {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Of the terminal; 80 and 24 where there is none. */
  readonly columns: number;
  readonly rows: number;
  /** Calls `listener` on each change of size; returns how to stop. */
  onResize(listener: () => void): () => void;
}

export interface TextIn {
  readonly isTTY: boolean;
  /** Everything up to the end, decoded from UTF-8; at most `bytesMax` bytes are kept, one more tells that there was more. */
  read(bytesMax: number): Promise<Uint8Array>;
}

export interface Io {
  /** Data: what a script wants to read. */
  readonly stdout: TextOut;
  /** Everything else: progress, notices, errors. */
  readonly stderr: TextOut;
  readonly stdin: TextIn;
  readonly env: Environment;
  /** Where relative paths start. */
  readonly folder: string;
  readonly clock: Clock;
  readonly interrupt: Interrupt;
  /** Runs `restore` when the process ends in whatever way before the returned function is called. */
  atExit(restore: () => void): () => void;
}

export const COLUMNS_DEFAULT = 80;
export const ROWS_DEFAULT = 24;
