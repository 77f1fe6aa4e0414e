// What the places of a structured answer or of a tool's arguments mean, judged
// by the names of their properties.
import type { JsonValue } from "../../domain/json.ts";
import { createSeededRandom, type Random } from "../../platform/random.ts";
import { type Ballot, candidateText, likingOf, rankOptions } from "./candidates.ts";
import { extractArgument, extractNumber } from "./extract.ts";
import type { SchemaMeaning, SchemaPlace } from "./from-schema.ts";
import { sharedClause, shortQuote } from "./peer-quote.ts";
import { pick } from "./prose.ts";

export interface MeaningFacts extends Ballot {
  /** The prose answer to the same request. */
  readonly answer: string;
}

interface PlacedFacts extends MeaningFacts {
  readonly place: SchemaPlace;
  readonly random: Random;
}

type TextMaker = (facts: PlacedFacts) => string;

/** First match wins; the pattern is tried on the last property name, in lower case. */
const TEXTS: readonly (readonly [RegExp, TextMaker])[] = [
  [
    /^(?:quote|quotes|excerpt|passage|snippet|citation|verbatim)$/,
    (facts) => quoteAt(facts)?.quote ?? facts.assignment.question,
  ],
  [
    /^(?:source|sources|document|doc|file|filename|attachment|reference)$/,
    (facts) => quoteAt(facts)?.source ?? "the question",
  ],
  [/^(?:agent|author|speaker|me|self)$/, ({ assignment }) => assignment.agent || "assistant"],
  [/^(?:choice|vote|option|pick|winner|preference|preferred|label)$/, ({ stance }) => stance.side.label],
  [/^question$/, ({ assignment }) => assignment.question],
  [
    /(?:position|stance|side|verdict|decision|recommendation|conclusion|claim|thesis)$/,
    ({ stance }) => `${stance.side.label}: ${stance.side.claim}.`,
  ],
  [
    /(?:critique|critiques|criticism|weakness|weaknesses|objection|objections|feedback|concern|concerns|risk|risks)$/,
    critique,
  ],
  [/(?:strength|strengths|merit|pro|pros|benefit|benefits)$/, (facts) => merit(facts)],
  [/(?:reason|reasons|rationale|reasoning|why|justification|argument|arguments|explanation|because|dissent)$/, reason],
  [
    /(?:answer|response|summary|text|content|message|final|reply|result|statement|comment|opinion)$/,
    ({ answer }) => answer,
  ],
];

export function createMeaning(facts: MeaningFacts): SchemaMeaning {
  const { stance } = facts;
  const placed = (place: SchemaPlace): PlacedFacts => ({ ...facts, place, random: randomAt(facts, place) });
  return {
    text: (place) => {
      const known =
        textMaker(nameOf(place)) ?? (isLabelled(facts, place) ? textMaker(nameOf(parentOf(place))) : undefined);
      return known === undefined ? extractArgument(facts.assignment, place) : known(placed(place));
    },
    number: (place) => {
      const name = nameOf(place);
      if (/confidence|certainty|probability|likelihood/.test(name)) return confidence(placed(place));
      if (/score|rating|points|grade|weight|quality|relevance|agreement/.test(place.path.join(" ").toLowerCase()))
        return score(placed(place));
      return extractNumber(facts.assignment, place);
    },
    boolean: (place) => {
      const name = nameOf(place);
      if (/abstain/.test(name)) return false;
      if (/chang|persuad|revis/.test(name)) return stance.persuadedBy !== undefined;
      if (/agree|accept|approve|support|yes|favou?r|keep|should/.test(name)) return stance.side.label !== "No";
      return undefined;
    },
    ranked: (options) => rankOptions(options, facts),
    count: (place) => {
      const name = nameOf(place);
      if (/evidence|quote|citation|source/.test(name)) return Math.min(2, facts.quotes.length);
      return /reason|argument|critique|risk|strength|weakness|point/.test(name) ? 2 : undefined;
    },
  };
}

function textMaker(name: string): TextMaker | undefined {
  return TEXTS.find(([pattern]) => pattern.test(name))?.[1];
}

/** Whether a place is keyed by a label, as in `critiques: {A: …}`. */
function isLabelled({ text }: MeaningFacts, { path }: SchemaPlace): boolean {
  return path.length > 1 && candidateText(path.at(-1) as string, text) !== undefined;
}

function parentOf(place: SchemaPlace): SchemaPlace {
  return { ...place, path: place.path.slice(0, -1) };
}

function nameOf({ path }: SchemaPlace): string {
  return (path.at(-1) ?? "answer").replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}

function randomAt({ seed, assignment }: MeaningFacts, { path, index }: SchemaPlace): Random {
  return createSeededRandom(`${seed}/place/${assignment.agent}/${assignment.question}/${path.join(".")}/${index}`);
}

function quoteAt({ quotes, place }: PlacedFacts): MeaningFacts["quotes"][number] | undefined {
  return quotes[place.index] ?? quotes[0];
}

function reason({ quotes, stance, assignment, place, random }: PlacedFacts): string {
  const quote = quotes[place.index];
  const clause = sharedClause(assignment.question, quotes.slice(place.index));
  const { label } = stance.side;
  if (quote === undefined)
    return pick(random, [
      `Judged by ${clause}, ${stance.side.claim}.`,
      `The question turns on ${clause}, and that speaks for “${label}”.`,
    ]);
  return pick(random, [
    `${quote.source} says “${quote.quote}”, which speaks for “${label}” where the question turns on ${clause}.`,
    `For “${label}” speaks what ${quote.source} states on ${clause}: “${quote.quote}”`,
  ]);
}

/** Speaks of the candidate that the place is keyed by, else of a peer on another side. */
function subject({ place, text, stance, assignment }: PlacedFacts): { name: string; said: string } | undefined {
  const labels = place.subject === undefined ? place.path : [place.subject];
  const keyed = labels
    .map((name) => ({ name, body: candidateText(name, text) }))
    .find(({ body }) => body !== undefined);
  if (keyed?.body !== undefined) return { name: keyed.name, said: shortQuote(keyed.body) ?? keyed.body.slice(0, 80) };
  const peers = stance.rivals.length > 0 ? stance.rivals : assignment.peers;
  const peer = peers[place.index % Math.max(1, peers.length)];
  const said = peer === undefined ? undefined : shortQuote(peer.text);
  return peer === undefined || said === undefined ? undefined : { name: peer.from, said };
}

function critique(facts: PlacedFacts): string {
  const about = subject(facts);
  const clause = sharedClause(facts.assignment.question, facts.quotes);
  if (about === undefined) return `It leaves open what happens to ${clause} when the assumption fails.`;
  return pick(facts.random, [
    `${about.name} writes “${about.said}” without saying what it means for ${clause}.`,
    `“${about.said}” is asserted by ${about.name}, not shown; a figure on ${clause} is missing.`,
  ]);
}

function merit(facts: PlacedFacts): string {
  const about = subject(facts);
  const clause = sharedClause(facts.assignment.question, facts.quotes);
  if (about === undefined) return `It keeps ${clause} in view.`;
  return `${about.name} is concrete where it says “${about.said}”, and it keeps ${clause} in view.`;
}

/** 0.55 to 0.95, lower with every peer on another side. */
function confidence({ stance, random }: PlacedFacts): number {
  const drop = Math.min(0.25, 0.08 * stance.rivals.length);
  return Math.round((0.7 + 0.25 * random.next() - drop) * 100) / 100;
}

/** The liking of the candidate that the place is keyed by, as a share of the scale. */
function score(facts: PlacedFacts): number {
  const { path, subject: about } = facts.place;
  const label = about ?? path.findLast((name) => candidateText(name, facts.text) !== undefined);
  const liking = label === undefined ? 2 + 2 * facts.random.next() : likingOf(label as JsonValue, facts);
  return Math.round(Math.min(1, Math.max(0, liking / 4)) * 100) / 100;
}
