// Splits documents into quotable sentences and ranks them by how well they fit
// a question: Okapi BM25 (Robertson & Zaragoza 2009) with each sentence as a document.
import type { SourceDocument } from "./question.ts";

export interface Quote {
  readonly source: string;
  /** An exact substring of the source, on one line. */
  readonly quote: string;
  readonly score: number;
}

const STOP_WORDS = new Set(
  "a an and are as at be been but by can could did do does for from had has have how i if in into is it its may me more most must my no not of on one only or other our out over own shall should so some such than that the their them then there these they this those to too under up use used uses using very was we were what when where which while who whom why will with would yes you your".split(
    " ",
  ),
);

/** The words that carry meaning, lower case, with the commonest English endings cut. */
export function keywords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
  return words.filter((word) => word.length > 1 && !STOP_WORDS.has(word)).map(stem);
}

function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ies|ing|ed|es|s)$/, "") : word;
}

const SENTENCE_CHARS_MIN = 25;
const SENTENCE_CHARS_MAX = 260;
/** Documents longer than this are read in part, so that one reply stays quick. */
const SENTENCES_MAX = 5_000;

/** Sentences of prose lines: headings, table rules, code fences and mark-up lines are passed over. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let isCode = false;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    else if (!isCode && isProse(line)) sentences.push(...sentencesOfLine(line));
    if (sentences.length >= SENTENCES_MAX) break;
  }
  return sentences.length > 0 ? sentences : fallbackLines(text);
}

function isProse(line: string): boolean {
  return !/^\s*(#{1,6}\s|\||<|[-=*_]{3,}\s*$)/.test(line);
}

/** A sentence ends where the next one starts, so that versions, file names and "e.g." do not end it. */
const SENTENCE_BREAK = /(?<=[.!?][)'’]?)\s+(?=[\p{Lu}\p{N}`*_'(["“])/u;

function sentencesOfLine(line: string): string[] {
  const text = line.replace(/^\s*(?:[-*+>]|\d+[.)])\s+/, "");
  return text
    .split(SENTENCE_BREAK)
    .map((part) => part.trim())
    .filter(isQuotable);
}

function isQuotable(sentence: string): boolean {
  return (
    sentence.length >= SENTENCE_CHARS_MIN &&
    sentence.length <= SENTENCE_CHARS_MAX &&
    !/["“”<>]/.test(sentence) &&
    /\p{L}{2,}.*\s\p{L}{2,}/u.test(sentence)
  );
}

/** Source code, tables and lists of short items still have lines that can be quoted. */
function fallbackLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= 8 && line.length <= SENTENCE_CHARS_MAX && !/["“”<>]/.test(line))
    .slice(0, SENTENCES_MAX);
}

const K1 = 1.2;
const B = 0.75;

/** Best first; equal scores keep the order of the text. */
export function rankSentences(documents: readonly SourceDocument[], question: string): Quote[] {
  const candidates = documents.flatMap((document) =>
    sentencesOf(document.text).map((quote) => ({ source: document.name, quote, words: keywords(quote) })),
  );
  const wanted = [...new Set(keywords(question))];
  const meanLength = candidates.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, candidates.length);
  const weightOf = new Map(wanted.map((word) => [word, inverseFrequency(word, candidates)]));
  return candidates
    .map(({ source, quote, words }) => {
      const length = 1 - B + (B * words.length) / meanLength;
      const score = wanted.reduce((sum, word) => {
        const count = words.filter((candidate) => candidate === word).length;
        return sum + ((weightOf.get(word) as number) * count * (K1 + 1)) / (count + K1 * length);
      }, 0);
      return { source, quote, score };
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
