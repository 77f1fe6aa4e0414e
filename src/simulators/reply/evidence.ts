// Which passages a model rests on: those that fit the question and argue for its side.
import { createSeededRandom } from "../../platform/random.ts";
import { leanIn, supportOf } from "./leaning.ts";
import { matterOf } from "./matter.ts";
import type { Assignment } from "./question.ts";
import { asksOfTheWhole, keywords, type Quote } from "./rank.ts";
import { leanOf } from "./sentences.ts";
import type { Stance } from "./stance.ts";

/** A passage with how far it argues for the side taken, −1 to 1. */
export interface Evidence extends Quote {
  readonly support: number;
  /** Set on one passage for each side, where both are shown. */
  readonly role?: "for" | "against";
}

/** Passages a reply may draw on. */
const QUOTES_MAX = 12;
/** A passage must fit at least so well in comparison with the best. */
const FIT_SHARE_MIN = 0.35;
const SUPPORT = 0.9;
const READING = 0.3;
/** Members of one table start at different passages, so that three of them do not quote one sentence thrice. */
const TOP = 3;

/**
 * The passages that speak to the question, best first, the same for everybody.
 * Who asks for risks is given what warns of something. Where no passage shares a
 * word with the question, one about the text as a whole is answered from what
 * argues in it; for a side of anything else there is nothing to cite.
 */
export function fittingQuotes(ranked: readonly Quote[], question: string): Quote[] {
  const best = ranked[0]?.score ?? 0;
  const wanted = leanOf(question);
  const isOpen = matterOf(question).kind === "open";
  if (isOpen && wanted !== 0) return arguing(ranked, (lean) => lean === wanted);
  if (best > 0) return ranked.filter((quote) => quote.score >= best * FIT_SHARE_MIN).slice(0, QUOTES_MAX);
  if (isOpen) return ranked.slice(0, QUOTES_MAX);
  return asksOfTheWhole(question) ? arguing(ranked, (lean) => lean !== 0) : [];
}

/** Passages of a lean, those first whose place in the text says so; all where there is none. */
function arguing(ranked: readonly Quote[], isWanted: (lean: number) => boolean): Quote[] {
  const found = ranked.filter((quote) => isWanted(leanIn(quote)));
  const placed = [...found.filter(({ lean }) => lean !== 0), ...found.filter(({ lean }) => lean === 0)];
  return (placed.length > 0 ? placed : [...ranked]).slice(0, QUOTES_MAX);
}

export interface Reader {
  readonly assignment: Assignment;
  readonly stance: Stance;
  readonly seed: string;
}

/** Passages for the side first, those that argue against it last. Who says that it depends has one for each side. */
export function evidenceFor(quotes: readonly Quote[], { assignment, stance, seed }: Reader): Evidence[] {
  const { agent, question } = assignment;
  const best = Math.max(Number.EPSILON, ...quotes.map((quote) => quote.score));
  const weighed = quotes
    .map((quote) => {
      const support = supportOf(quote, stance.side, { question, sides: stance.sides });
      const taste = createSeededRandom(`${seed}/reading/${agent}/${question}/${quote.quote}`).next();
      return { quote: { ...quote, support }, value: quote.score / best + SUPPORT * support + READING * taste };
    })
    .sort((a, b) => Number(a.quote.support < 0) - Number(b.quote.support < 0) || b.value - a.value)
    .map(({ quote }) => quote)
    .filter((quote) => stance.side.kind !== "option" || quote.support !== 0 || sharedWords(quote.quote, question) > 1);
  if (stance.side.kind === "depends") return bothSides(weighed);
  const top = weighed.slice(0, TOP).filter((quote) => quote.support >= (weighed[0] as Evidence).support);
  const start = assignment.seat % Math.max(1, top.length);
  const inTurn = [...top.slice(start), ...top.slice(0, start)];
  return [...inTurn, ...weighed.filter((quote) => !top.includes(quote))];
}

function sharedWords(text: string, question: string): number {
  const asked = new Set(keywords(question));
  return new Set(keywords(text).filter((word) => asked.has(word))).size;
}

function bothSides(quotes: readonly Evidence[]): Evidence[] {
  const good = quotes.find((quote) => leanIn(quote) > 0);
  const bad = quotes.find((quote) => leanIn(quote) < 0);
  if (good === undefined || bad === undefined) return [...quotes];
  const others = quotes.filter((quote) => quote !== good && quote !== bad);
  return [{ ...good, role: "for" }, { ...bad, role: "against" }, ...others];
}
