// Writes an answer in plain English: the side, the quoted evidence, the reason,
// a word to each peer, and what would change it. Facts come from the prompt only.
import type { Random } from "../../platform/random.ts";
import type { Evidence } from "./evidence.ts";
import { isForeign } from "./matter.ts";
import { openingOf } from "./openings.ts";
import { peerSentences } from "./peers.ts";
import type { Assignment } from "./question.ts";
import { pick, reasonFor } from "./reasons.ts";
import type { Stance } from "./stance.ts";

export interface ProseFacts {
  readonly assignment: Assignment;
  readonly stance: Stance;
  readonly quotes: readonly Evidence[];
  readonly random: Random;
  readonly seed: string;
}

const WORDS_MIN = 60;
const WORDS_MAX = 160;

/** Two or three paragraphs, in the order in which people argue. */
export function writeAnswer(facts: ProseFacts): string {
  const said = facts.assignment.peers.map((peer) => peer.text).join("\n");
  const reason = reasonFor({ ...facts, ...facts.stance, said });
  const opening = openingOf(facts.stance, facts.random);
  const answer: string[] = [];
  const peers: string[] = [];
  const rest: string[] = [];
  const add = (to: string[], sentence: string): boolean => {
    const isFitting = sentence !== "" && wordCount([...answer, ...peers, ...rest, sentence]) <= WORDS_MAX;
    if (isFitting) to.push(sentence);
    return isFitting;
  };
  for (const sentence of [opening, firstEvidence(facts), reason]) add(answer, sentence);
  for (const { full, short } of peerSentences(facts)) if (!add(peers, full)) add(peers, short);
  for (const sentence of asides({ ...facts, said: `${said}\n${reason}` })) {
    if (wordCount([...answer, ...peers, ...rest]) >= WORDS_MIN && facts.random.next() < 0.5) continue;
    add(rest, sentence);
  }
  if (isForeign(facts.assignment.question)) add(rest, "I answer in English, the language that simulated models write.");
  return [answer, peers, rest]
    .filter((paragraph) => paragraph.length > 0)
    .map((paragraph) => paragraph.join(" "))
    .join("\n\n");
}

export function wordCount(sentences: readonly string[]): number {
  return sentences.join(" ").split(/\s+/).filter(Boolean).length;
}

function firstEvidence({ quotes, stance, random }: ProseFacts): string {
  const [first, second] = quotes;
  // A passage that is itself the answer stands in the opening.
  if (first === undefined || stance.side.kind === "passage") return "";
  const { source, quote, role } = first;
  if (role !== undefined && second !== undefined) {
    return `In its favour, ${source} says: “${quote}” ${placeOf(second, source)} one reads on the other side: “${second.quote}”`;
  }
  if (first.support < 0)
    return `I found no passage for this, and I take seriously that ${source} says the opposite: “${quote}”`;
  return pick(random, [
    `In ${source} I read: “${quote}”`,
    `What ${source} says weighs most with me: “${quote}”`,
    `I rely on a sentence in ${source}: “${quote}”`,
    `The plainest ground for this is in ${source}: “${quote}”`,
  ]);
}

function placeOf({ source }: Evidence, before: string): string {
  return source === before ? "In the same text" : `In ${source}`;
}

/** What may be said besides, in order; the second passage first. */
function asides(facts: ProseFacts & { readonly said: string }): readonly string[] {
  const { stance, said } = facts;
  const further = reasonFor({ ...facts, ...stance });
  const isNew = !said.includes(further.replace(/\.$/, ""));
  return [secondEvidence(facts), isNew ? further : "", condition(facts), check(facts), closing(facts)];
}

function secondEvidence({ quotes, random }: ProseFacts): string {
  const [first, second] = quotes;
  if (first === undefined || second === undefined || first.role !== undefined) return "";
  const counter = quotes.find(({ support }) => support <= -1);
  if (counter !== undefined && first.support >= 0 && random.next() < COUNTER_SHARE)
    return pick(random, [
      `${placeOf(counter, first.source)} one also reads: “${counter.quote}” I weigh that less.`,
      `The strongest point on the other side is this one: “${counter.quote}” It does not outweigh the rest.`,
    ]);
  if (second.support < 0) return "";
  return second.source === first.source
    ? `The same text adds: “${second.quote}”`
    : `Something similar stands in ${second.source}: “${second.quote}”`;
}

/** How often an answer names what speaks against it. */
const COUNTER_SHARE = 0.5;

function condition({ random, stance }: ProseFacts): string {
  if (stance.side.kind === "unknown") return "Attach a text that speaks to the question, and I can quote what it says.";
  return pick(random, [
    "A measurement that shows the opposite would change my mind.",
    "New evidence could change my mind, but so far nobody has brought any.",
    "A case from practice that went the other way would make me think again.",
  ]);
}

function check({ assignment, quotes, random }: ProseFacts): string {
  const source = quotes[0]?.source;
  const silent = assignment.documents[0]?.name;
  if (source === undefined && silent !== undefined) return `Nothing in ${silent} speaks of this directly.`;
  return pick(random, [
    source === undefined
      ? "I say this without a document to rely on, so it should be checked against one before anybody acts on it."
      : `Before acting I would read the rest of ${source} once more for anything that speaks against it.`,
    "As a next step I propose a small trial, with a note beforehand of what would count as failure.",
    "Before acting I would write down what result would count as failure.",
  ]);
}

function closing({ stance, random }: ProseFacts): string {
  if (stance.side.kind === "unknown") return "Until then I would rather say nothing definite than something wrong.";
  const held =
    stance.rivals.length === 0 ? "I hold this with fair confidence" : "I know that others see it differently";
  return pick(random, [
    `${held}, and I would rather decide now and look again with data than wait for certainty.`,
    `${held}, and the reasons above can be checked by anybody.`,
  ]);
}
