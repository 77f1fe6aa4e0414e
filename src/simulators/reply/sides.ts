// The sides that can be taken on a question, and which of them a text takes.
import { capitalised } from "./grammar.ts";
import { matterOf } from "./matter.ts";
import { asksOfTheWhole, type Quote } from "./rank.ts";
import { leanOf } from "./sentences.ts";

export interface Side {
  readonly kind: "yes" | "no" | "depends" | "option" | "passage" | "approach" | "unknown";
  /** What marks the side in a text, for example `Yes` or the name of an option. */
  readonly label: string;
  /** The claim as a clause that can follow "that". */
  readonly claim: string;
  /** What is proposed, as a noun; only where something is. */
  readonly phrase?: string;
  /** The document of a passage. */
  readonly source?: string;
  /** The passage shares no word with the question. */
  readonly isRemote?: boolean;
  /** Relative chance to be taken without having heard anybody. */
  readonly weight: number;
}

const OPEN_SIDES_MAX = 3;

/** An open question has its best-fitting passages for sides, or without a document ways to go about it. */
export function sidesOf(question: string, quotes: readonly Quote[]): Side[] {
  const matter = matterOf(question);
  switch (matter.kind) {
    case "choice":
      return matter.options.map((label) => ({
        kind: "option",
        label,
        claim: `${label} would be the better choice`,
        weight: 1,
      }));
    case "action":
      return [
        { ...YES, claim: `${matter.phrase} is the right course`, phrase: matter.phrase },
        { ...NO, claim: `${matter.phrase} would be the wrong course`, phrase: matter.phrase },
        { ...DEPENDS, claim: `it depends on the conditions whether ${matter.phrase} is right`, phrase: matter.phrase },
      ];
    case "fact":
      return [YES, NO, DEPENDS];
    default:
      if (quotes.length > 0) return passages(quotes, question);
      return matter.isLookup ? [UNKNOWN] : APPROACHES;
  }
}

const YES: Side = { kind: "yes", label: "Yes", claim: "the answer is yes", weight: 5 };
const NO: Side = { kind: "no", label: "No", claim: "the answer is no", weight: 4 };
const DEPENDS: Side = {
  kind: "depends",
  label: "It depends",
  claim: "the answer depends on the conditions",
  weight: 2,
};

const UNKNOWN: Side = {
  kind: "unknown",
  label: "cannot be told",
  claim: "this cannot be told from what was given",
  weight: 1,
};

const APPROACHES: Side[] = ["start small", "measure first", "settle the requirements first"].map((label) => ({
  kind: "approach",
  label,
  claim: `it is best to ${label}`,
  weight: 1,
}));

function passages(quotes: readonly Quote[], question: string): Side[] {
  const isOfSomething = !asksOfTheWhole(question);
  return quotes.slice(0, OPEN_SIDES_MAX).map(({ quote, source, score }) => ({
    kind: "passage",
    label: quote,
    claim: `the answer starts from “${quote.replace(/[.!]$/, "")}”`,
    source,
    isRemote: score === 0 && isOfSomething && leanOf(question) === 0,
    weight: 1,
  }));
}

/** The side in a sentence, marked so that `sideIn` finds it. */
export function statementOf({ kind, label, claim }: Side): string {
  return kind === "yes" || kind === "no" || kind === "depends" ? `${label}: ${claim}.` : `${capitalised(claim)}.`;
}

/** The side a text takes, by its first mark of one; `undefined` when it takes none. */
export function sideIn(text: string, sides: readonly Side[]): Side | undefined {
  return sides
    .map((side) => ({ side, at: positionOf(text, side) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)[0]?.side;
}

/** "No" in the middle of a sentence denies something else; it answers only at the start of one. */
function positionOf(text: string, { kind, label }: Side): number {
  const escaped = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const before = kind === "yes" || kind === "no" ? '(?:^|[.!?:;“"(]\\s*|\\n)\\W*?' : "";
  return text.search(new RegExp(`${before}(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "iu"));
}
