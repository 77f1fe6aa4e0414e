// A text as a quotation of it may differ: runs of white space are one space,
// signs that cannot be seen are left out, and `<` and its likes may be written
// `&lt;`, as they are shown where they would begin a tag. Places in it lead back
// to the text itself. Each sign is looked at once: a pattern over runs would
// need a stack as deep as the longest run.
import { OPENING_SIGNS } from "../projection/frame.ts";

export interface FoldedText {
  readonly folded: string;
  /** The part of the text itself that the folded part from `at` on, of `length` ≥ 1 units, stands for. */
  original(at: number, length: number): string;
}

export function foldedText(text: string): FoldedText {
  const pieces: string[] = [];
  // From `foldedAt[n]` on, the folded text runs along with the text from `textAt[n]` on.
  const foldedAt: number[] = [0];
  const textAt: number[] = [0];
  let length = 0;
  let kept = 0;
  for (let at = 0; at < text.length; ) {
    const run = runAt(text, at);
    at = run.end;
    if (run.written === undefined) continue;
    pieces.push(text.slice(kept, run.start), run.written);
    length += run.start - kept + run.written.length;
    kept = run.end;
    foldedAt.push(length);
    textAt.push(kept);
  }
  pieces.push(text.slice(kept));
  const placeOf = (at: number): number => {
    const segment = lastNotAbove(foldedAt, at);
    return (textAt[segment] as number) + at - (foldedAt[segment] as number);
  };
  return {
    folded: pieces.join(""),
    original: (at, count) => text.slice(placeOf(at), placeOf(at + count)),
  };
}

/** What stands at a place, and what is written for it; without `written` it stays as it is. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly written?: string;
}

const AMPERSAND = 0x26;
const SHOWN_OPENING = "&lt;";

function runAt(text: string, start: number): Run {
  const unit = text.charCodeAt(start);
  if (unit === AMPERSAND && text.startsWith(SHOWN_OPENING, start)) {
    return { start, end: start + SHOWN_OPENING.length, written: "<" };
  }
  const first = signAt(text, start);
  if (first.kind === "plain") return { start, end: first.end };
  if (first.kind === "opening") return { start, end: first.end, written: "<" };
  let { end } = first;
  let isSpace = first.kind === "space";
  for (let next = signAt(text, end); next.kind === "space" || next.kind === "unseen"; next = signAt(text, end)) {
    end = next.end;
    isSpace ||= next.kind === "space";
  }
  const isSame = isSpace && end === start + 1 && text[start] === " ";
  return isSame ? { start, end } : { start, end, written: isSpace ? " " : "" };
}

interface Sign {
  readonly kind: "plain" | "space" | "unseen" | "opening";
  readonly end: number;
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

function signAt(text: string, at: number): Sign {
  const code = text.codePointAt(at);
  // Past the end, and the signs that most texts consist of.
  if (code === undefined || (code > 0x20 && code < 0x7f)) return { kind: "plain", end: at + 1 };
  const sign = String.fromCodePoint(code);
  return { kind: kindOf(sign), end: at + sign.length };
}

function kindOf(sign: string): Sign["kind"] {
  if (sign.trim() === "") return "space";
  if (OPENING_SIGNS.includes(sign)) return "opening";
  return UNSEEN.test(sign) ? "unseen" : "plain";
}

/** `sorted` ascending, its first at most `value`. */
function lastNotAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] as number) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
