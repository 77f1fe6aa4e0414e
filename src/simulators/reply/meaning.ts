// What the places of a structured answer or of a tool's arguments mean, judged
// by the names of their properties.
import type { JsonValue } from "../../domain/json.ts";
import { createSeededRandom, type Random } from "../../platform/random.ts";
import { ballotReason, type LabelledBallot, standsByOwn } from "./ballot-reason.ts";
import { candidateText, likingOf, rankOptions } from "./candidates.ts";
import type { Evidence } from "./evidence.ts";
import { extractArgument, extractNumber } from "./extract.ts";
import type { SchemaMeaning, SchemaPlace } from "./from-schema.ts";
import { claimOf } from "./peer-quote.ts";
import { pick, reasonFor } from "./reasons.ts";
import { statementOf } from "./sides.ts";

export interface MeaningFacts extends LabelledBallot {
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
    ({ stance }) => statementOf(stance.side),
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
    boolean: (place) => truthOf(facts, place),
    ranked: (options) => rankOptions(options, facts),
    count: (place) => {
      const name = nameOf(place);
      if (/evidence|quote|citation|source/.test(name)) return Math.min(2, facts.quotes.length);
      return /reason|argument|critique|risk|strength|weakness|point/.test(name) ? 2 : undefined;
    },
  };
}

const OWN_KEPT = /stands?_by|still_hold|holds?_own|keeps?_own|own_answer|dissent/;
const CONCLUSION_SHARED = /agree|accept|share|endorse|concur/;

/** By the property's name, with the schema's own words where the name alone could mean something else. */
function truthOf(facts: MeaningFacts, place: SchemaPlace): boolean | undefined {
  const { stance } = facts;
  const name = nameOf(place);
  const ownKept = standsByOwn(facts);
  if (/abstain/.test(name)) return false;
  if (OWN_KEPT.test(name) || /\bstill hold\b|\bstands? by\b/i.test(place.description)) return ownKept ?? false;
  if (/chang|persuad|revis/.test(name)) return stance.persuadedBy !== undefined;
  if (CONCLUSION_SHARED.test(name) && ownKept !== undefined) return !ownKept;
  if (/agree|accept|approve|support|yes|favou?r|keep|should/.test(name)) return stance.side.kind !== "no";
  return undefined;
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

function quoteAt({ quotes, place }: PlacedFacts): Evidence | undefined {
  return quotes[place.index] ?? quotes[0];
}

function reason(facts: PlacedFacts): string {
  const { quotes, stance, place, random } = facts;
  const chosen = ballotReason(facts);
  if (chosen !== undefined && place.index === 0) return chosen;
  const quote = quotes[place.index];
  // A list of reasons holds different ones: passages first, then arguments.
  if (quote === undefined || quote.support < 0) return reasonFor({ ...facts, ...stance, said: "" });
  return pick(random, [
    `In ${quote.source} I read: “${quote.quote}”`,
    `I rely on a sentence in ${quote.source}: “${quote.quote}”`,
  ]);
}

/** Speaks of the candidate that the place is keyed by, else of a peer on another side. */
function subject({ place, text, stance, assignment }: PlacedFacts): { name: string; body: string } | undefined {
  const labels = place.subject === undefined ? place.path : [place.subject];
  for (const name of labels) {
    const body = candidateText(name, text);
    if (body !== undefined) return { name, body };
  }
  const peers = stance.rivals.length > 0 ? stance.rivals : assignment.peers;
  const peer = peers[place.index % Math.max(1, peers.length)];
  return peer === undefined ? undefined : { name: peer.from, body: peer.text };
}

function critique(facts: PlacedFacts): string {
  const about = subject(facts);
  if (about === undefined) return "It leaves open what happens when its main assumption fails.";
  const claim = claimOf(about.body);
  if (claim === undefined)
    return `The answer of ${about.name} gives a conclusion without a reason that could be tested.`;
  return pick(facts.random, [
    `That “${claim}” is said by ${about.name} but not shown; a figure is missing.`,
    `The point of ${about.name} that “${claim}” is fair, but it leaves the strongest objection unanswered.`,
    `It is not clear what would have to happen for ${about.name} to give up the claim that “${claim}”.`,
  ]);
}

function merit(facts: PlacedFacts): string {
  const about = subject(facts);
  if (about === undefined) return "It keeps to the question and can be checked.";
  const claim = claimOf(about.body);
  return claim === undefined
    ? `The answer of ${about.name} comes to the point.`
    : `The best point of ${about.name} is this: “${claim}”.`;
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
  const liking = label === undefined ? 2.5 + 2.5 * facts.random.next() : likingOf(label as JsonValue, facts);
  return Math.round(Math.min(1, Math.max(0, liking / 5)) * 100) / 100;
}
