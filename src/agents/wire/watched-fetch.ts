// The provider libraries' view of the network, and ours on them: what was
// sent, what came back, when bytes came; and not one request more than allowed.
import type { FetchLike } from "../../platform/http-fetch.ts";

/** One reply at most, headers apart. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;

/** Marks every reply of a simulator. */
const SIMULATED_HEADER = "x-polylogue-simulated";

/** What one call did on the network. */
export interface NetworkRecord {
  readonly requests: number;
  readonly url?: string;
  /** Of the last reply; undefined until its headers came. */
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** No reply came, or the line broke while it was under way. */
  readonly error?: unknown;
  readonly simulated: boolean;
}

export interface WatchedFetchOptions {
  readonly fetch: FetchLike;
  readonly onByte: () => void;
  /**
   * Stands in for the network from the second request on. A library that asks
   * again by itself (a long answer in several pieces, a retry) gets this reply,
   * so that one attempt stays one paid request.
   */
  readonly replyToRepeat: () => Response;
}

export interface WatchedFetch {
  readonly fetch: FetchLike;
  record(): NetworkRecord;
}

export function createWatchedFetch({ fetch, onByte, replyToRepeat }: WatchedFetchOptions): WatchedFetch {
  let record: NetworkRecord = { requests: 0, headers: {}, simulated: false };

  async function watched(input: Request | string | URL, init?: RequestInit): Promise<Response> {
    if (record.requests > 0) return replyToRepeat();
    record = { ...record, requests: 1, url: input instanceof Request ? input.url : String(input) };
    const response = await fetch(input, init).catch((error: unknown) => {
      record = { ...record, error };
      throw error;
    });
    const headers = Object.fromEntries(response.headers.entries());
    record = { ...record, status: response.status, headers, simulated: headers[SIMULATED_HEADER] === "true" };
    onByte();
    if (response.body === null) return response;
    const onBreak = (error: unknown): void => {
      record = { ...record, error };
    };
    return new Response(tapped(response.body, { onByte, onBreak }), response);
  }

  return { fetch: watched, record: () => record };
}

interface BodyTap {
  readonly onByte: () => void;
  readonly onBreak: (error: unknown) => void;
}

/**
 * The same bytes. A broken line is noted and looks like an early end to the
 * reader: an error would overtake what arrived before it, and words be lost.
 */
function tapped(body: ReadableStream<Uint8Array>, { onByte, onBreak }: BodyTap): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await reader.read();
          if (next.done) return controller.close();
          onByte();
          bytes += next.value.length;
          if (bytes > REPLY_BYTES_MAX) throw new RangeError(`the reply is longer than ${REPLY_BYTES_MAX} bytes`);
          controller.enqueue(next.value);
        } catch (error) {
          onBreak(error);
          controller.close();
          await reader.cancel(error).catch(() => undefined);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
