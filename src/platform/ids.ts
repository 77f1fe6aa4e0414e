// UUIDv7 (RFC 9562 §5.7): new ones from clock and random, and ones derived from
// a cause, so that a replay makes the same ids again.
import type { Uuid } from "../domain/ids.ts";
import { isTraceparent, type TraceContext } from "../domain/trace.ts";
import type { Clock } from "./clock.ts";
import { sha256 } from "./hash.ts";
import type { Random } from "./random.ts";

export interface IdSource {
  /** A new UUIDv7; ids of one source strictly increase. */
  next(): Uuid;
  /** A new trace with a first span. */
  trace(): TraceContext;
  /** A new span of the same trace. */
  span(parent: TraceContext): TraceContext;
}

export function createIdSource(clock: Clock, random: Random): IdSource {
  let lastMs = 0;
  let counter = 0;
  function next(): Uuid {
    const nowMs = Math.floor(clock.nowUs() / 1_000);
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = random.integer(0x400);
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    return formatUuidV7(lastMs, counter, hex(random.bytes(8)));
  }
  return {
    next,
    trace: () => ({ traceparent: `00-${hex(random.bytes(15))}01-${hex(random.bytes(7))}01-01` }),
    span: (parent) => {
      if (!isTraceparent(parent.traceparent)) throw new RangeError(`not a traceparent: ${parent.traceparent}`);
      return { traceparent: `${parent.traceparent.slice(0, 36)}${hex(random.bytes(7))}01-01` };
    },
  };
}

/** The same cause and label always give the same id; it sorts with its cause. */
export function deriveId(cause: Uuid, label: string): Uuid {
  const digest = sha256(`${cause}\n${label}`);
  const causeMs = Number.parseInt(cause.replaceAll("-", "").slice(0, 12), 16);
  return formatUuidV7(causeMs, Number.parseInt(digest.slice(0, 3), 16), digest.slice(3, 19));
}

/** `tailHex`: 16 hex digits; two bits of the first are overwritten by the variant. */
function formatUuidV7(timeMs: number, counter: number, tailHex: string): Uuid {
  const time = timeMs.toString(16).padStart(12, "0");
  const variant = ((Number.parseInt(tailHex.charAt(0), 16) & 0x3) | 0x8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, "0")}-${variant}${tailHex.slice(1, 4)}-${tailHex.slice(4)}`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
