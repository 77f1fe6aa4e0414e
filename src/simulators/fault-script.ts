// Turns the frames of a good reply into what is really sent when a fault of the
// stream strikes. It knows frames and bytes, and no vendor's grammar.
import type { Random } from "../platform/random.ts";
import type { FaultKind, FaultTimings } from "./fault-plan.ts";
import type { Ending, Piece, ReplyScript } from "./reply-stream.ts";
import type { LatencyProfile } from "./simulator.ts";

/** One server-sent event as its exact text, or the whole of a reply that is not streamed. */
export interface Frame {
  readonly text: string;
  /** Tokens that are generated before this frame can be sent. */
  readonly tokens: number;
  /** Whether a reader sees content in it. */
  readonly isContent: boolean;
}

export interface FaultyReply {
  readonly frames: readonly Frame[];
  readonly fault: FaultKind | undefined;
  readonly latency: LatencyProfile;
  readonly timings: FaultTimings;
  readonly random: Random;
  /** The vendor's event for an error in the middle of a stream. */
  readonly errorFrame: string;
  /** A comment the vendor sends while the model has not begun; without one, headers wait too where they can. */
  readonly keepAlive: string | undefined;
}

const encoder = new TextEncoder();

export interface TimedScript extends ReplyScript {
  /** Before the headers. */
  readonly delayMs: number;
}

export function scriptOf(reply: FaultyReply): TimedScript {
  const { fault, timings, keepAlive, frames } = reply;
  const lateMs = fault === "latency" ? timings.latencyMs : 0;
  const played = timed(reply, faultyFrames(reply));
  const pieces =
    fault === "splitUtf8"
      ? splitInCharacters(played)
      : fault === "slowDrip"
        ? dripping(played, timings.slowDripMs)
        : played;
  const ending = endingOf(reply);
  if (keepAlive !== undefined) return { pieces: [...keptAlive(keepAlive, lateMs), ...pieces], ending, delayMs: 0 };
  const [first] = pieces;
  // A reply in one piece has no headers before it is complete.
  if (frames.length > 1 || first === undefined) return { pieces, ending, delayMs: lateMs };
  return { pieces: [{ ...first, afterMs: 0 }, ...pieces.slice(1)], ending, delayMs: lateMs + first.afterMs };
}

/** How often a waiting server says that it is still there. */
const KEEP_ALIVE_EVERY_MS = 5_000;

/** One comment at once, and one more after each pause until the wait is over. */
function keptAlive(comment: string, waitMs: number): Piece[] {
  const bytes = encoder.encode(comment);
  const pieces: Piece[] = [{ afterMs: 0, bytes }];
  for (let left = waitMs; left > 0; left -= KEEP_ALIVE_EVERY_MS) {
    pieces.push({ afterMs: Math.min(left, KEEP_ALIVE_EVERY_MS), bytes });
  }
  return pieces;
}

function endingOf({ fault, timings }: FaultyReply): Ending {
  if (fault === "reset") return { kind: "reset" };
  if (fault === "stall") return { kind: "stall", giveUpMs: timings.stallMsMax };
  return { kind: "close" };
}

function faultyFrames({ frames, fault, random, errorFrame }: FaultyReply): readonly Frame[] {
  const strike = strikeIndex(frames, random);
  const error: Frame = { text: errorFrame, tokens: 0, isContent: false };
  switch (fault) {
    case "truncatedStream":
    case "reset":
    case "stall":
      return cutShort(frames, strike);
    case "malformedEvent":
      return replaceAt(frames, strike, (frame) => [malformed(frame)]);
    case "duplicateChunk":
      return replaceAt(frames, strike, (frame) => [frame, frame]);
    case "errorAfter200":
      return [...frames.slice(0, strike + 1), error];
    case "firstEventError":
      return [error];
    default:
      return frames;
  }
}

/** A content frame, so that something was already delivered when it strikes; never the last frame. */
function strikeIndex(frames: readonly Frame[], random: Random): number {
  const contents = frames.flatMap((frame, index) => (frame.isContent && index < frames.length - 1 ? [index] : []));
  return contents[random.integer(Math.max(1, contents.length))] ?? 0;
}

/** A single frame is cut in its middle, several between two of them. */
function cutShort(frames: readonly Frame[], strike: number): Frame[] {
  const first = frames[0];
  if (frames.length > 1 || first === undefined) return frames.slice(0, strike + 1);
  return [{ ...first, text: first.text.slice(0, Math.ceil(first.text.length / 2)) }];
}

/** Cuts the JSON of an event, keeps its frame: the line ends are the vendor's own. */
function malformed(frame: Frame): Frame {
  const body = frame.text.trimEnd();
  const tail = frame.text.slice(body.length);
  return { ...frame, text: `${body.slice(0, Math.floor(body.length * 0.7))}${tail}` };
}

function replaceAt(frames: readonly Frame[], at: number, made: (frame: Frame) => Frame[]): Frame[] {
  return frames.flatMap((frame, index) => (index === at ? made(frame) : [frame]));
}

function timed({ latency, random }: FaultyReply, frames: readonly Frame[]): Piece[] {
  const stretch = (): number => 1 + latency.jitterShare * random.next();
  let isFirstContent = true;
  return frames.map((frame) => {
    let afterMs = frame.tokens * latency.perTokenMs * stretch();
    if (isFirstContent && frame.isContent) {
      afterMs += latency.firstContentMs * stretch();
      isFirstContent = false;
    }
    return { afterMs, bytes: encoder.encode(frame.text) };
  });
}

/** Cuts every piece inside a character of several bytes if it has one, else in its middle, each half a packet of its own. */
function splitInCharacters(pieces: readonly Piece[]): Piece[] {
  return pieces.flatMap(({ afterMs, bytes }) => {
    const lead = bytes.findIndex((byte) => byte >= 0xc0);
    const cut = lead < 0 ? Math.ceil(bytes.length / 2) : lead + 1;
    return [
      { afterMs, bytes: bytes.slice(0, cut) },
      { afterMs: SPLIT_PAUSE_MS, bytes: bytes.slice(cut) },
    ];
  });
}

/** Long enough to keep two packets apart. */
const SPLIT_PAUSE_MS = 1;

const DRIP_BYTES = 64;
/** However long the reply is, it drips in at most so many pieces. */
const DRIPS_MAX = 40;

function dripping(pieces: readonly Piece[], pauseMs: number): Piece[] {
  const all = Buffer.concat(pieces.map((piece) => piece.bytes));
  const size = Math.max(DRIP_BYTES, Math.ceil(all.length / DRIPS_MAX));
  const drips: Piece[] = [];
  for (let at = 0; at < all.length; at += size) {
    drips.push({ afterMs: pauseMs, bytes: Uint8Array.from(all.subarray(at, at + size)) });
  }
  return drips;
}
