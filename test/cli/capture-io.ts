// An Io that a test gives to a command, and what was written to it.

import { createInterrupt } from "../../src/cli/interrupt.ts";
import type { Io } from "../../src/cli/io.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";

export interface CaptureOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** What is piped in; a terminal, where nothing is. */
  readonly stdin?: string;
  readonly folder?: string;
}

export interface CapturedIo extends Io {
  readonly clock: VirtualClock;
  out(): string;
  err(): string;
  /** Changes the terminal's size, as a user who drags the window. */
  resize(columns: number, rows: number): void;
  /** Runs what waits for the end of the process. */
  end(): void;
}

export function captureIo(options: CaptureOptions = {}): CapturedIo {
  const written = { out: "", err: "" };
  const size = { columns: options.columns ?? 80, rows: options.rows ?? 24 };
  const resizers = new Set<() => void>();
  const restorers = new Set<() => void>();
  const stream = (name: "out" | "err"): Io["stdout"] => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY: options.isTTY === true,
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    onResize: (listener) => {
      resizers.add(listener);
      return () => resizers.delete(listener);
    },
  });
  return {
    stdout: stream("out"),
    stderr: stream("err"),
    stdin: {
      isTTY: options.stdin === undefined,
      read: (bytesMax) => Promise.resolve(new TextEncoder().encode(options.stdin ?? "").subarray(0, bytesMax + 1)),
    },
    env: options.env ?? {},
    folder: options.folder ?? "/nowhere",
    clock: createVirtualClock(),
    interrupt: createInterrupt(),
    atExit: (restore) => {
      restorers.add(restore);
      return () => restorers.delete(restore);
    },
    out: () => written.out,
    err: () => written.err,
    resize: (columns, rows) => {
      size.columns = columns;
      size.rows = rows;
      for (const listener of resizers) listener();
    },
    end: () => {
      for (const restore of restorers) restore();
    },
  };
}
