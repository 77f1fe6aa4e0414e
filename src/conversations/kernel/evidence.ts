// Evidence: quotations in answers that really occur in an attachment. What is
// recorded is the attachment's own text, byte for byte, never the answer's.
// Each attachment is read once for all quotations together.
import type { Evidence } from "../../domain/decision.ts";
import type { SetupAttachment } from "../orchestration.ts";
import { withoutEnd } from "./edges.ts";
import { foldedText } from "./folded-text.ts";
import type { TableAnswer } from "./table.ts";
import { createTextSearch, type TextSearch } from "./text-search.ts";

export const QUOTE_CHARS_MIN = 20;
/** A quotation longer than this is a copy, not evidence. */
export const QUOTE_CHARS_MAX = 2_000;
/** The first so many quotations of an answer are looked up, so that one answer leaves room for the others. */
export const QUOTES_PER_ANSWER_MAX = 256;
/** The first so many characters of quotations are looked up, in the order of the answers given. */
export const QUOTED_CHARS_MAX = 100_000;
/** The first so many are recorded, in the order of the answers given. */
export const EVIDENCE_MAX = 64;

export function evidenceIn(
  answers: readonly TableAnswer[],
  attachments: readonly SetupAttachment[],
): readonly Evidence[] {
  const candidates = attachments.length === 0 ? [] : candidatesIn(answers);
  if (candidates.length === 0) return [];
  const search = createTextSearch(candidates.map(({ folded }) => folded));
  const sources = attachments.map(({ name, text }) => ({ name, quotes: quotesIn(text, candidates, search) }));
  const found = new Map<string, Evidence>();
  const settled = new Set<number>();
  for (const [place, { quotation, agent, messageId }] of candidates.entries()) {
    const source = settled.has(quotation) ? undefined : sources.find(({ quotes }) => quotes[place] !== undefined);
    const quote = source?.quotes[place];
    if (source === undefined || quote === undefined) continue;
    settled.add(quotation);
    const key = JSON.stringify([agent, source.name, quote]);
    if (!found.has(key)) found.set(key, { agent, messageId, source: source.name, quote });
    if (found.size >= EVIDENCE_MAX) break;
  }
  return [...found.values()];
}

/** One way to read a quotation: as it stands, or without the marks that close the answer's sentence. */
interface Candidate extends Pick<TableAnswer, "agent" | "messageId"> {
  /** Which quotation; the first of its candidates that occurs is the evidence. */
  readonly quotation: number;
  readonly folded: string;
}

function candidatesIn(answers: readonly TableAnswer[]): readonly Candidate[] {
  const candidates: Candidate[] = [];
  let quotation = 0;
  let chars = 0;
  for (const { agent, messageId, text } of answers) {
    for (const quoted of quotations(text).slice(0, QUOTES_PER_ANSWER_MAX)) {
      chars += quoted.length;
      if (chars > QUOTED_CHARS_MAX) return candidates;
      quotation++;
      for (const folded of readingsOf(quoted)) candidates.push({ agent, messageId, quotation, folded });
    }
  }
  return candidates;
}

const CLOSING = new Set(".,;:…");

function readingsOf(quoted: string): readonly string[] {
  const whole = foldedText(quoted).folded.trim();
  const readings = [...new Set([whole, withoutEnd(whole, CLOSING)])];
  return readings.filter(({ length }) => length >= QUOTE_CHARS_MIN);
}

/** For each candidate the source's own text, where it occurs. */
function quotesIn(
  source: string,
  candidates: readonly Candidate[],
  search: TextSearch,
): readonly (string | undefined)[] {
  const { folded, original } = foldedText(source);
  return search(folded).map((at, place) => {
    const { folded: quoted } = candidates[place] as Candidate;
    return at < 0 ? undefined : original(at, quoted.length);
  });
}

/**
 * Text between “ and ”, and between each two neighbouring straight marks:
 * straight marks do not say which of them opens, so every stretch is a
 * candidate, and only what the source contains is kept.
 */
function quotations(text: string): readonly string[] {
  const curly = [...text.matchAll(/“([^“”]+)”/g)].map((match) => ({ at: match.index, quoted: match[0].slice(1, -1) }));
  const straight = stretches(text);
  return [...curly, ...straight]
    .sort((a, b) => a.at - b.at)
    .map(({ quoted }) => quoted.trim())
    .filter((quoted) => quoted.length >= QUOTE_CHARS_MIN && quoted.length <= QUOTE_CHARS_MAX);
}

function stretches(text: string): { at: number; quoted: string }[] {
  const marks = [...text.matchAll(/"/g)].map((match) => match.index);
  return marks.slice(0, -1).map((at, index) => ({ at, quoted: text.slice(at + 1, marks[index + 1]) }));
}
