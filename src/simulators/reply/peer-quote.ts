// What a peer claims, as a whole sentence of its own.
import { splitSentences } from "./sentences.ts";

const CLAIM_WORDS_MIN = 4;
const CLAIM_WORDS_MAX = 28;
/** Stands for a quotation, so that a sentence around one can be told. */
const QUOTED = "\u0001";
const GIVES_REASON = /\b(?:because|since|so that|would|costs?|can|cannot|keeps?|every|more|less|than|only)\b/i;

/**
 * One sentence of the peer's own words, an exact substring without its full
 * stop: a reason rather than the bare answer, from the first paragraph that has
 * any. Sentences with a quotation in them, questions and openings of lists are
 * passed over; where nothing else is said there is nothing to quote.
 */
export function claimOf(text: string): string | undefined {
  const own = text.replace(/[“"]([^”"]*)[”"]/g, (_, inner: string) => (/[.!?]$/.test(inner) ? `${QUOTED}\n` : QUOTED));
  const sentences = own
    .split(/\n\s*\n/)
    .map(claimsIn)
    .find((claims) => claims.length > 0);
  if (sentences === undefined) return undefined;
  return sentences.slice(1).find((sentence) => GIVES_REASON.test(sentence)) ?? sentences[1] ?? sentences[0];
}

function claimsIn(paragraph: string): string[] {
  return paragraph
    .split("\n")
    .flatMap(splitSentences)
    .map((sentence) => sentence.replace(/^[\s#>*-]+/, ""))
    .filter(isClaim)
    .map((sentence) => sentence.replace(/[.!]+$/, ""));
}

function isClaim(sentence: string): boolean {
  const words = sentence.split(/\s+/).length;
  return (
    words >= CLAIM_WORDS_MIN && words <= CLAIM_WORDS_MAX && !sentence.includes(QUOTED) && !/[?:“”"<>]|…$/.test(sentence)
  );
}
