// An upper estimate of the tokens of a text too long to be counted whole. It is
// cut into pieces; pieces that look alike are of one kind, and each kind counts
// as dense as the densest of its samples. So neither a long tail of another
// kind than the beginning, nor a mixture, is taken for what it is not. Which
// pieces are sampled follows from a hash of the whole text: the same for the
// same text, and not to be foreseen by who writes it.
import { sha256 } from "../../platform/hash.ts";
import { createSeededRandom, shuffled } from "../../platform/random.ts";
import { roughTokens } from "./token-count.ts";

/** Shorter texts are counted whole. */
export const COUNTED_CHARS_MAX = 100_000;
const PIECE_CHARS = 400;
/** In proportion to the kinds; Chinese without a space, the slowest to count, still takes only a tenth of a second. */
const SAMPLES = 64;
/** Of each kind at least, where there are so many. */
const SAMPLES_PER_KIND_MIN = 4;

interface Piece {
  readonly start: number;
  readonly bytes: number;
}

/** `count` tells the tokens of one piece. Never less than the rule of thumb by UTF-8 bytes. */
export function tokensMaxOf(text: string, count: (piece: string) => number): number {
  const kinds = [...kindsOf(text).values()];
  const random = createSeededRandom(sha256(text));
  const pieces = kinds.reduce((sum, kind) => sum + kind.length, 0);
  const bound = kinds.reduce((sum, kind) => {
    const wanted = Math.max(SAMPLES_PER_KIND_MIN, Math.round((SAMPLES * kind.length) / pieces));
    const density = Math.max(
      ...shuffled(random, kind)
        .slice(0, wanted)
        .map(({ start, bytes }) => count(text.slice(start, start + PIECE_CHARS)) / bytes),
    );
    return sum + density * kind.reduce((all, { bytes }) => all + bytes, 0);
  }, 0);
  return Math.ceil(Math.max(bound, roughTokens(text)));
}

function kindsOf(text: string): Map<string, Piece[]> {
  const kinds = new Map<string, Piece[]>();
  for (let start = 0; start < text.length; start += PIECE_CHARS) {
    const { kind, bytes } = lookAt(text.slice(start, start + PIECE_CHARS));
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [{ start, bytes }]);
    else known.push({ start, bytes });
  }
  return kinds;
}

/** What tells scripts, prose, code and encoded data apart at a glance: at most 27 kinds. */
function lookAt(piece: string): { readonly kind: string; readonly bytes: number } {
  let spaces = 0;
  let signs = 0;
  for (let index = 0; index < piece.length; index++) {
    const code = piece.charCodeAt(index);
    if (code <= 32) spaces++;
    else if (code < 65 || (code > 90 && code < 97) || (code > 122 && code < 128)) signs++;
  }
  const bytes = Buffer.byteLength(piece);
  const share = (part: number): number => part / piece.length;
  return {
    kind: `${level(bytes / piece.length, [1.1, 2])} ${level(share(spaces), [0.02, 0.1])} ${level(share(signs), [0.1, 0.35])}`,
    bytes,
  };
}

function level(value: number, borders: readonly number[]): number {
  return borders.filter((border) => value >= border).length;
}
