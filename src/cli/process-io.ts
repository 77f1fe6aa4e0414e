// The real terminal behind the Io seam, with signals and a closed stdout.
import { readEnvironment } from "../app/environment.ts";
import { createSystemClock } from "../platform/clock.ts";
import { createInterrupt, STOP_EXIT_CODES } from "./interrupt.ts";
import { COLUMNS_DEFAULT, type Io, ROWS_DEFAULT, type TextIn, type TextOut } from "./io.ts";

/** What of a process is used; a test may hand in another. */
export type HostProcess = Pick<
  NodeJS.Process,
  "stdout" | "stderr" | "stdin" | "argv" | "versions" | "platform" | "cwd" | "chdir" | "on" | "once" | "off" | "exit"
> & { exitCode?: number | string | null | undefined };

export function createProcessIo(host: HostProcess): Io {
  const interrupt = createInterrupt();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    host.on(signal, () => {
      if (!interrupt.request(signal)) host.exit(STOP_EXIT_CODES[signal]);
    });
  }
  return {
    stdout: createOut(host.stdout, () => interrupt.requestQuietly()),
    stderr: createOut(host.stderr, () => undefined),
    stdin: createIn(host.stdin),
    env: readEnvironment(),
    folder: host.cwd(),
    clock: createSystemClock(),
    interrupt,
    atExit: (restore) => {
      host.once("exit", restore);
      return () => {
        host.off("exit", restore);
      };
    },
  };
}

type Stream = NodeJS.Process["stdout"] | NodeJS.Process["stderr"];

function createOut(stream: Stream, onClosed: () => void): TextOut {
  let isClosed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // A terminal that hung up answers EIO where a pipe answers EPIPE.
    if (error.code !== "EPIPE" && !(error.code === "EIO" && stream.isTTY)) throw error;
    if (!isClosed) onClosed();
    isClosed = true;
  });
  return {
    write: (text) => {
      if (!isClosed) stream.write(text);
    },
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns || COLUMNS_DEFAULT;
    },
    get rows() {
      return stream.rows || ROWS_DEFAULT;
    },
    onResize: (listener) => {
      stream.on("resize", listener);
      return () => {
        stream.off("resize", listener);
      };
    },
  };
}

function createIn(stream: NodeJS.Process["stdin"]): TextIn {
  return {
    isTTY: stream.isTTY === true,
    read: async (bytesMax) => {
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > bytesMax) break;
      }
      return Buffer.concat(chunks).subarray(0, bytesMax + 1);
    },
  };
}
