// Which side a quoted sentence argues for: by its place in the document, by the
// tone of its words, and by the option that it names.
import { keywords, type Quote } from "./rank.ts";
import type { Side } from "./stance.ts";

const GOOD =
  /\b(?:keeps?|simple|simpler|simply|safe|safer|safely|shares?|fast|faster|quick|quicker|cheap|cheaper|eas(?:y|ier|ily)|robust|gains?|benefits?|better|best|grows?|survives?|total order|above|enough|works?|confirmed|move|serves?|protects?|helps?|saves?|improves?|reliable|clear|prevents?|whole)\b/gi;
const BAD =
  /\b(?:delay(?:s|ed)?|slow|slower|slows|waits?|waited|stall(?:s|ed)?|limited|stops?|lost|lose|loses|costs?|fail(?:s|ed|ure)?|needs?|locks?|holds? up|hard|harder|expensive|risk(?:s|y)?|blocks?|deadlocks?|bottlenecks?|worse|worst|skips?|nothing|differed|damaged|breaks?|broken|problems?|late|dangerous|danger|limits?|impossible|complex|difficult|overload(?:s|ed)?)\b/gi;
const NEGATION = /\b(?:no|not|never|without|cannot|can't|nor|neither|none|nobody)\b/gi;
/** A negation reaches so many words on. */
const NEGATION_REACH = 3;

/** Above 0 where the words speak well of their matter, below 0 where they speak ill. */
export function toneOf(text: string): number {
  const good = text.match(GOOD)?.length ?? 0;
  const bad = text.match(BAD)?.length ?? 0;
  const turned = [...text.matchAll(NEGATION)].reduce((sum, match) => {
    const reached = text
      .slice(match.index + match[0].length)
      .trim()
      .split(/\s+/)
      .slice(0, NEGATION_REACH)
      .join(" ");
    const isIll = reached.match(BAD) !== null;
    return sum + (isIll ? 2 : reached.match(GOOD) === null ? -1 : -2);
  }, 0);
  return good - bad + turned;
}

/** By the place of a passage, else by its words. */
export function leanIn({ lean, quote }: Quote): number {
  return lean === 0 ? Math.sign(toneOf(quote)) : lean;
}

const ONE = /\b(?:one|single|no)\b/i;
const OTHERS = /\b(?:second|another|several|many|multiple|two|three|eight|additional)\b/i;
const CONDITION = /\b(?:if|when|whenever|unless|while|until|depends|may|either|otherwise|where|as long as)\b/i;

/** −1 to 1: how far a sentence argues for a side rather than against it. */
export function supportOf(
  quote: Quote,
  side: Side,
  { question, sides }: { question: string; sides: readonly Side[] },
): number {
  if (side.kind === "passage") return side.label === quote.quote ? 1 : 0;
  const tone = leanIn(quote);
  if (side.kind === "depends") return CONDITION.test(quote.quote) ? 1 : 0;
  if (side.kind !== "option") {
    // What is said of many speaks the other way for whoever asks about one.
    const isOfAnother = ONE.test(question) && OTHERS.test(quote.quote) && !ONE.test(quote.quote) && quote.lean === 0;
    return (side.kind === "no" ? -tone : tone) * (isOfAnother ? -1 : 1);
  }
  const named = optionNamed(quote, sides);
  if (named === undefined) return 0;
  const isOwn = named === side;
  return tone === 0 ? (isOwn ? 0.25 : -0.25) : isOwn ? tone : -tone;
}

/** The one option that the sentence speaks of, else the one that its heading does. */
function optionNamed({ quote, heading }: Quote, sides: readonly Side[]): Side | undefined {
  for (const text of [quote, heading]) {
    const words = new Set(keywords(text));
    const named = sides.filter((side) => tellingWords(side, sides).some((word) => words.has(word)));
    if (named.length === 1) return named[0];
    if (named.length > 1) return undefined;
  }
  return undefined;
}

/** Keywords of an option that no other option has. */
function tellingWords(side: Side, sides: readonly Side[]): string[] {
  const others = new Set(sides.filter((other) => other !== side).flatMap(({ label }) => keywords(label)));
  // The verb of a course of action stands in many a sentence on something else.
  return keywords(side.label.replace(/^\w+ing\s+/, "")).filter((word) => !others.has(word));
}
