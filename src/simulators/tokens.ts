// The simulators' own idea of tokens: the pieces in which a reply streams and
// the counts in every usage block come from one and the same split.

/** Words in runs of at most six characters with the space before them, single marks, runs of white space. */
const PIECE = /\s?[\p{L}\p{M}\p{N}_]{1,6}|\s?[^\s\p{L}\p{M}\p{N}_]|\s+/gu;

/** Cuts a text into token-like pieces; joined, they are the text. */
export function tokenPieces(text: string): string[] {
  return text.match(PIECE) ?? [];
}

/** The number of tokens of a text, times a model family's factor, rounded up. */
export function countTokens(text: string, factor = 1): number {
  let count = 0;
  for (const _ of text.matchAll(PIECE)) count += 1;
  return Math.ceil(count * factor);
}

/** The longest prefix of whole pieces that has at most `tokensMax` tokens. */
export function cutToTokens(
  text: string,
  tokensMax: number,
  factor = 1,
): { readonly text: string; readonly cut: boolean } {
  const pieces = tokenPieces(text);
  const kept = Math.max(0, Math.floor(tokensMax / factor));
  if (pieces.length <= kept) return { text, cut: false };
  return { text: pieces.slice(0, kept).join(""), cut: true };
}
