// Ranks quotable sentences by how well they fit a question: Okapi BM25
// (Robertson & Zaragoza 2009) with each sentence as a document.
import type { SourceDocument } from "./question.ts";
import { type SourceSentence, sentencesOf } from "./sentences.ts";

export interface Quote extends SourceSentence {
  readonly source: string;
  readonly score: number;
}

const STOP_WORDS = new Set(
  "a an and are as at be been but by can could did do does for from had has have how i if in into is it its may me more most must my no not of on one only or other our out over own shall should so some such than that the their them then there these they this those to too under up use used uses using very was we were what when where which while who whom why will with would yes you your".split(
    " ",
  ),
);

/** The words that carry meaning, lower case, with the commonest English endings cut. */
export function keywords(text: string): string[] {
  const joined = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
  const words = joined.flatMap((word) => (word.includes("-") ? [word, ...word.split("-")] : [word]));
  return words.filter((word) => word.length > 1 && !STOP_WORDS.has(word)).map(stem);
}

function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|ing|ed|es|s)$/, "") : word;
}

const OF_THE_WHOLE = new Set(
  keywords(
    "summary summarise summarize document text file design work works explain tell mean main point key say says propose proposes proposal speak speaks against attached read think content describe overview next happens done risk benefit advantage disadvantage drawback weakness strength limit",
  ),
);

/** Whether a question names nothing in particular, so that any part of a text may answer it. */
export function asksOfTheWhole(question: string): boolean {
  return keywords(question).every((word) => OF_THE_WHOLE.has(word));
}

const K1 = 1.2;
const B = 0.75;

/** Best first; equal scores keep the order of the text. */
export function rankSentences(documents: readonly SourceDocument[], question: string): Quote[] {
  const candidates = documents.flatMap((document) =>
    sentencesOf(document).map((sentence) => ({ sentence, source: document.name, words: keywords(sentence.quote) })),
  );
  const wanted = [...new Set(keywords(question))];
  const meanLength = candidates.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, candidates.length);
  const weightOf = new Map(wanted.map((word) => [word, inverseFrequency(word, candidates)]));
  return candidates
    .map(({ sentence, source, words }) => {
      const length = 1 - B + (B * words.length) / meanLength;
      const score = wanted.reduce((sum, word) => {
        const count = words.filter((candidate) => candidate === word).length;
        return sum + ((weightOf.get(word) as number) * count * (K1 + 1)) / (count + K1 * length);
      }, 0);
      return { ...sentence, source, score };
    })
    .sort((a, b) => b.score - a.score);
}

function inverseFrequency(word: string, candidates: readonly { readonly words: readonly string[] }[]): number {
  const containing = candidates.filter(({ words }) => words.includes(word)).length;
  return Math.log(1 + (candidates.length - containing + 0.5) / (containing + 0.5));
}

/** Share of the smaller text's keywords that the other has too, 0 to 1. */
export function overlap(a: string, b: string): number {
  const left = new Set(keywords(a));
  const right = new Set(keywords(b));
  const smaller = Math.min(left.size, right.size);
  if (smaller === 0) return 0;
  let shared = 0;
  for (const word of left) if (right.has(word)) shared += 1;
  return shared / smaller;
}
