// Which passages a model rests on: those that fit the question, and among them
// first those whose wording leans to its side.
import { createSeededRandom } from "../../platform/random.ts";
import type { Assignment } from "./question.ts";
import { keywords, type Quote } from "./sentences.ts";
import type { Stance } from "./stance.ts";

/** Passages a reply may draw on. */
const QUOTES_MAX = 8;
const TOP = 3;
const AGAINST =
  /\b(?:not|never|no|cannot|can't|without|but|however|cost|costs|risk|lose|loses|lost|slow|slower|fail|fails|block|blocks|limit|limits|wait|waits|hard|expensive|problem|unless|only)\b/i;
const CONDITION = /\b(?:if|when|whenever|unless|while|until|depends|may|either|otherwise|where)\b/i;

/** Each agent starts its reading at another of the best passages, so that three agents do not quote one sentence thrice. */
export function fittingQuotes(ranked: readonly Quote[], { agent, question }: Assignment, seed: string): Quote[] {
  const fitting = ranked.filter((quote) => quote.score > 0);
  const best = (fitting.length > 0 ? fitting : ranked).slice(0, QUOTES_MAX);
  const top = best.slice(0, TOP);
  const start = createSeededRandom(`${seed}/reading/${agent}/${question}`).integer(Math.max(1, top.length));
  return [...top.slice(start), ...top.slice(0, start), ...best.slice(TOP)];
}

/** A passage must fit at least half as well as the best to be moved ahead for its wording. */
const FIT_SHARE_MIN = 0.5;

export function leaningQuotes(quotes: readonly Quote[], { side }: Stance): Quote[] {
  const best = Math.max(0, ...quotes.map((quote) => quote.score));
  const leans = (quote: Quote): boolean => quote.score >= best * FIT_SHARE_MIN && leansTo(quote.quote, side.label);
  return [...quotes.filter(leans), ...quotes.filter((quote) => !leans(quote))];
}

function leansTo(text: string, label: string): boolean {
  if (label === "Yes") return !AGAINST.test(text);
  if (label === "No") return AGAINST.test(text);
  if (label === "It depends") return CONDITION.test(text);
  const words = new Set(keywords(text));
  return keywords(label).some((word) => words.has(word));
}
