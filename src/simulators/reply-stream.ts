// How the bytes of a reply leave a simulator: pieces with pauses between them
// on the injected clock, and an ending that may be a fault.
import { type Clock, sleep } from "../platform/clock.ts";

export interface Piece {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

/** `stall`: nothing more is sent; after `giveUpMs` the server resets. */
export type Ending = { readonly kind: "close" | "reset" } | { readonly kind: "stall"; readonly giveUpMs: number };

export interface ReplyScript {
  readonly pieces: readonly Piece[];
  readonly ending: Ending;
}

export interface StreamWatch {
  readonly clock: Clock;
  /** The caller's signal, not aborted yet: aborting it errors the stream with its reason. */
  readonly signal: AbortSignal;
  /** Called once when the stream has ended in whatever way. */
  readonly onEnd: () => void;
}

/** What `fetch` reports when a server resets the connection in the middle of a body. */
export function connectionReset(): TypeError {
  const cause = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  return new TypeError("terminated", { cause });
}

/** What `fetch` reports when nobody listens at the address. */
export function connectionRefused(host: string): TypeError {
  const cause = Object.assign(new Error(`connect ECONNREFUSED ${host}`), { code: "ECONNREFUSED" });
  return new TypeError("fetch failed", { cause });
}

/** Whether an error stands for a broken connection rather than for a mistake. */
export function isConnectionFault(error: unknown): boolean {
  const cause = error instanceof TypeError ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return cause?.code === "ECONNRESET" || cause?.code === "ECONNREFUSED";
}

/** A body that plays the script as fast as it is read, but not faster than the script's pauses. */
export function playScript(script: ReplyScript, watch: StreamWatch): ReadableStream<Uint8Array> {
  const { clock, signal } = watch;
  const cancelled = new AbortController();
  const stop = AbortSignal.any([signal, cancelled.signal]);
  const pieces = packed(script.pieces);
  let position = 0;
  let ended = false;

  function end(): void {
    if (ended) return;
    ended = true;
    watch.onEnd();
  }

  async function finish(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (script.ending.kind === "stall") await sleep(clock, script.ending.giveUpMs, stop);
    end();
    if (script.ending.kind === "close") controller.close();
    else controller.error(connectionReset());
  }

  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        const onAbort = (): void => {
          end();
          controller.error(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
      },
      pull: async (controller) => {
        const piece = pieces[position++];
        try {
          if (piece === undefined) return await finish(controller);
          if (piece.afterMs > 0) await sleep(clock, piece.afterMs, stop);
          controller.enqueue(piece.bytes);
        } catch (error) {
          // Only an abort ends a pause early; `start` or `cancel` has already ended the stream then.
          if (!stop.aborted) throw error;
        }
      },
      cancel: () => {
        end();
        cancelled.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A network packet's worth: pieces without a pause between them travel together, as they do on a real wire. */
const PACKET_BYTES_MAX = 1_400;

function packed(pieces: readonly Piece[]): Piece[] {
  const packets: Piece[] = [];
  let open: { afterMs: number; parts: Uint8Array[]; size: number } | undefined;
  const flush = (): void => {
    if (open !== undefined) packets.push({ afterMs: open.afterMs, bytes: Buffer.concat(open.parts) });
    open = undefined;
  };
  for (const piece of pieces) {
    if (open === undefined || piece.afterMs > 0 || open.size + piece.bytes.length > PACKET_BYTES_MAX) {
      flush();
      open = { afterMs: piece.afterMs, parts: [], size: 0 };
    }
    open.parts.push(piece.bytes);
    open.size += piece.bytes.length;
  }
  flush();
  return packets;
}
