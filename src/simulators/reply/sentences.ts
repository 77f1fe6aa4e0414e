// Finds what can be quoted of a document: whole sentences that stand on one
// line, each with what its place says of it.
import type { SourceDocument } from "./question.ts";

/** 1: argues for the matter, -1: against it, 0: not told. */
export type Lean = -1 | 0 | 1;

export interface SourceSentence {
  /** An exact substring of the document, on one line. */
  readonly quote: string;
  /** From the heading, the line that opens the list, or the opening of the paragraph. */
  readonly lean: Lean;
  /** The heading above, or nothing. */
  readonly heading: string;
}

const SENTENCE_CHARS_MIN = 25;
const SENTENCE_CHARS_MAX = 260;
/** Documents longer than this are read in part, so that one reply stays quick. */
const SENTENCES_MAX = 5_000;

/** Whole sentences; where there are none on one line, whole clauses; in source code without comments, lines. */
export function sentencesOf(document: SourceDocument): readonly SourceSentence[] {
  const paragraphs = paragraphsOf(document);
  for (const cut of [wholeSentences, clauses, unendedLines]) {
    const found: SourceSentence[] = [];
    for (const paragraph of paragraphs) {
      found.push(...cut(paragraph));
      if (found.length >= SENTENCES_MAX) return found.slice(0, SENTENCES_MAX);
    }
    if (found.length > 0) return found;
  }
  return isSource(document) ? codeLines(document.text) : [];
}

interface Paragraph {
  /** Lines joined by line ends, so that a sentence over two lines can be told. */
  readonly text: string;
  readonly lean: Lean;
  readonly heading: string;
}

interface Reading {
  readonly paragraphs: Paragraph[];
  lines: string[];
  isCode: boolean;
  heading: string;
  headingLean: Lean;
  leadLean: Lean;
}

const LIST_ITEM = /^\s*(?:[-*+>]|\d+[.)])\s+/;

function paragraphsOf(document: SourceDocument): readonly Paragraph[] {
  const reading: Reading = { paragraphs: [], lines: [], isCode: false, heading: "", headingLean: 0, leadLean: 0 };
  const isCode = isSource(document);
  for (const line of document.text.split(/\r?\n/)) {
    const text = isCode ? commentIn(line) : line;
    if (text === undefined) endParagraph(reading);
    else readLine(reading, text);
  }
  endParagraph(reading);
  return reading.paragraphs;
}

function readLine(reading: Reading, line: string): void {
  const isFence = /^\s*(```|~~~)/.test(line);
  const isItem = LIST_ITEM.test(line);
  if (isFence || isItem || line.trim() === "" || !isProse(line)) endParagraph(reading);
  if (isFence) reading.isCode = !reading.isCode;
  if (isFence || reading.isCode) return;
  const heading = /^\s*#{1,6}\s+(.*)/.exec(line)?.[1];
  if (heading !== undefined) {
    reading.heading = heading;
    reading.headingLean = leanOf(heading);
    reading.leadLean = 0;
  } else if (isProse(line) && line.trim() !== "") {
    // A paragraph that is no item ends the list that a line before has opened.
    if (!isItem && reading.lines.length === 0) reading.leadLean = 0;
    reading.lines.push(line.replace(LIST_ITEM, "").trim());
  }
}

const LEAD_WORDS_MAX = 12;

function endParagraph(reading: Reading): void {
  const text = reading.lines.join("\n");
  reading.lines = [];
  if (text === "") return;
  if (text.endsWith(":") && text.split(/\s+/).length <= LEAD_WORDS_MAX) reading.leadLean = leanOf(text);
  else {
    const lean = reading.leadLean === 0 ? reading.headingLean : reading.leadLean;
    reading.paragraphs.push({ text, lean, heading: reading.heading });
  }
}

function isProse(line: string): boolean {
  return !/^\s*(#{1,6}\s|\||<|!\[|[-=*_]{3,}\s*$)/.test(line);
}

const FOR = /\b(?:for (?:it|this|that)|in favou?r|advantages?|pros?|benefits?|strengths?|dafür|vorteile?)\b/i;
const AGAINST =
  /\b(?:against|disadvantages?|cons?|drawbacks?|risks?|weakness(?:es)?|objections?|limits|limitations?|downsides?|dagegen|nachteile?)\b/i;

/** Whether words ask for, or announce, what speaks for a matter or against it. */
export function leanOf(text: string): Lean {
  const isFor = FOR.test(text);
  return isFor === AGAINST.test(text) ? 0 : isFor ? 1 : -1;
}

/** A sentence ends where the next one starts, so that versions, file names and "e.g." do not end it. */
const SENTENCE_BREAK = /(?<=[.!?][)'’]?)\s+(?=[\p{Lu}\p{N}`*_'(["“])/u;

/** Splits a text of any kind into its sentences. */
export function splitSentences(text: string): string[] {
  return text.split(SENTENCE_BREAK).map((sentence) => sentence.trim());
}

const WHOLE = /^[\p{Lu}\p{N}`*_(][^\n]*[.!][)'’*_`]?$/u;

function wholeSentences({ text, lean, heading }: Paragraph): SourceSentence[] {
  let current = lean;
  return splitSentences(text).flatMap((quote) => {
    const opening = /^([^:\n]{1,40}):/.exec(quote)?.[1];
    if (opening !== undefined && leanOf(opening) !== 0) current = leanOf(opening);
    return WHOLE.test(quote) && isQuotable(quote) ? [{ quote, lean: current, heading }] : [];
  });
}

const CLAUSE_BREAK = /[;:]\s+|,\s+(?:and|but|so|because|while|since)\s+/;
const CLAUSE_WORDS_MIN = 6;

/** Parts between the joints of a sentence, where a whole one runs over several lines. */
function clauses({ text, lean, heading }: Paragraph): SourceSentence[] {
  return splitSentences(text)
    .filter((sentence) => /[.!?]$/.test(sentence))
    .flatMap((sentence) => sentence.replace(/[.!?]$/, "").split(CLAUSE_BREAK))
    .filter((part) => !part.includes("\n") && part.split(/\s+/).length >= CLAUSE_WORDS_MIN && isQuotable(part))
    .map((quote) => ({ quote, lean, heading }));
}

const LINE_WORDS_MIN = 5;

/** Points of a list, written without a full stop. */
function unendedLines({ text, lean, heading }: Paragraph): SourceSentence[] {
  const isPoint = !text.includes("\n") && text.split(/\s+/).length >= LINE_WORDS_MIN && isQuotable(text);
  return isPoint ? [{ quote: text, lean, heading }] : [];
}

function isQuotable(sentence: string): boolean {
  return (
    sentence.length >= SENTENCE_CHARS_MIN &&
    sentence.length <= SENTENCE_CHARS_MAX &&
    !/["“”<>]|\]\(|[:?]$/.test(sentence) &&
    /\p{L}{2,}.*\s\p{L}{2,}/u.test(sentence)
  );
}

const SOURCE_FILE =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|sh|bash|sql|toml|ya?ml|json|css|html|xml|ini)$/i;

function isSource({ name }: SourceDocument): boolean {
  return SOURCE_FILE.test(name);
}

/** The words of a line of comment; `undefined` for code. */
function commentIn(line: string): string | undefined {
  return /^\s*(?:\/\/+|\/\*+|\*|#+|--)\s*([^*/].*?)\s*(?:\*\/)?$/.exec(line)?.[1];
}

const CODE_CHARS_MIN = 8;

function codeLines(text: string): SourceSentence[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line.length >= CODE_CHARS_MIN && line.length <= SENTENCE_CHARS_MAX && !/["“”<>]/.test(line))
    .slice(0, SENTENCES_MAX)
    .map((quote) => ({ quote, lean: 0, heading: "" }));
}
