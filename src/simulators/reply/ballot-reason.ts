// Why a voter ranks an answer first, in one sentence that is true of that
// answer, and whether the voter shares its conclusion.
import { createSeededRandom, type Random } from "../../platform/random.ts";
import { type Ballot, candidateText, rankOptions } from "./candidates.ts";
import { capitalised } from "./grammar.ts";
import { claimOf } from "./peer-quote.ts";
import { pick, reasonFor } from "./reasons.ts";
import { type Side, sideIn } from "./sides.ts";

export interface LabelledBallot extends Ballot {
  /** What the ballot chooses between. */
  readonly labels: readonly string[];
}

/** What a voter puts first. */
interface FirstChoice {
  readonly label: string;
  /** The answer that the label stands for; absent where the label is itself the choice. */
  readonly body?: string;
  readonly side: Side | undefined;
}

function firstChoice(ballot: LabelledBallot): FirstChoice | undefined {
  const label = rankOptions(ballot.labels, ballot)[0];
  if (typeof label !== "string") return undefined;
  const body = candidateText(label, ballot.text);
  const side = sideIn(body ?? label, ballot.stance.sides);
  return { label, ...(body === undefined ? {} : { body }), side };
}

/** How often one who finds another answer the best still holds a conclusion of one's own. */
const STANDS_BY_OWN = 0.7;

/** Whether the voter keeps to another conclusion than that of the answer it ranks first; `undefined` when nothing is ranked. */
export function standsByOwn(ballot: LabelledBallot): boolean | undefined {
  const first = firstChoice(ballot);
  if (first === undefined) return undefined;
  if (first.side === undefined || first.side === ballot.stance.side) return false;
  return randomOf(ballot, "conviction").next() < STANDS_BY_OWN;
}

export function ballotReason(ballot: LabelledBallot): string | undefined {
  const first = firstChoice(ballot);
  if (first === undefined) return undefined;
  const random = randomOf(ballot, `reason/${first.label}`);
  if (first.body === undefined) return reasonForOption(ballot, first, random);
  const merit = pick(random, meritsOf(first.label, first.body, ballot));
  const { side } = ballot.stance;
  const best = ballot.labels.length === 2 ? "the better one" : "the best of them";
  if (standsByOwn(ballot) === true) {
    return pick(random, [
      `I rank ${first.label} first because it ${merit}, but I still hold that ${side.claim}.`,
      `${first.label} is ${best} because it ${merit}, although I still think that ${side.claim}.`,
    ]);
  }
  if (first.side !== undefined && first.side !== side)
    return `I rank ${first.label} first because it ${merit}, and it has convinced me that ${first.side.claim}.`;
  return pick(random, [
    `I rank ${first.label} first because it ${merit}.`,
    `${first.label} is ${best} because it ${merit}.`,
    ...(first.side === undefined ? [] : [`${first.label} comes to the conclusion that I share, and it ${merit}.`]),
  ]);
}

function reasonForOption(ballot: LabelledBallot, { label, side }: FirstChoice, random: Random): string {
  const { sides } = ballot.stance;
  if (side !== undefined) return reasonFor({ ...ballot, side, sides, said: "" });
  return pick(random, [
    `${capitalised(label)} would serve better here than the other options.`,
    `${capitalised(label)} would leave the most room to change course later.`,
  ]);
}

/** What can truly be said for an answer in comparison with the others, as what "it" does. */
function meritsOf(first: string, body: string, { labels, text, assignment }: LabelledBallot): readonly string[] {
  const others = labels.filter((label) => label !== first).flatMap((label) => candidateText(label, text) ?? []);
  const exact = (answer: string): string[] =>
    [...answer.matchAll(/[“"]([^“”"]{20,})[”"]/g)]
      .map((match) => match[1] as string)
      .filter((quote) => assignment.documents.some((document) => document.text.includes(quote)));
  const quoted = exact(body);
  const sources = assignment.documents.filter((document) => body.includes(document.name)).map(({ name }) => name);
  const source = sources[0] ?? "the text";
  const rest = others.length === 1 ? "the other" : "any other";
  const merits: string[] = [];
  if (quoted.length > 0 && others.every((other) => exact(other).length < quoted.length))
    merits.push(`supports its conclusion with more exact quotations from ${source} than ${rest}`);
  else if (quoted.length > 0) merits.push(`rests on a passage of ${source} that bears on the question directly`);
  if (/\b(?:would|could) change my mind\b|\bmake me think again\b|\bcount as failure\b/.test(body))
    merits.push("says what would prove it wrong");
  if (/\bI (?:disagree|do not agree)\b|\bUnlike \w|\bThe main argument of\b/.test(body))
    merits.push("answers what was said against it instead of passing over it");
  if (/\bI weigh that less\b|\bon the other side\b/.test(body)) merits.push("names the strongest point against itself");
  if (merits.length === 0 && others.every((other) => other.length < body.length))
    merits.push(`is more complete than ${rest}`);
  const claim = claimOf(body);
  if (merits.length === 0 && claim !== undefined) merits.push(`makes the best point: “${claim}”`);
  return merits.length > 0 ? merits : ["comes to the point"];
}

function randomOf({ seed, assignment }: Ballot, purpose: string): Random {
  return createSeededRandom(`${seed}/${purpose}/${assignment.agent}/${assignment.question}`);
}
