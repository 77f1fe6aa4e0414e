// Writes an answer in plain English: the side, the quoted evidence, a word to
// each peer, the reason. Everything but the joints comes from the prompt.
import type { Random } from "../../platform/random.ts";
import { sharedClause, shortQuote } from "./peer-quote.ts";
import type { Assignment, PeerMessage } from "./question.ts";
import { keywords, type Quote } from "./sentences.ts";
import type { Stance } from "./stance.ts";

export interface ProseFacts {
  readonly assignment: Assignment;
  readonly stance: Stance;
  readonly quotes: readonly Quote[];
  readonly random: Random;
}

const WORDS_MIN = 60;
const WORDS_MAX = 160;
const PEERS_ANSWERED_MAX = 3;

export function writeAnswer(facts: ProseFacts): string {
  const required = [opening(facts), evidence(facts, 0), ...peerSentences(facts), reason(facts)];
  const optional = [evidence(facts, 1), condition(facts), check(facts), closing(facts)];
  const sentences = required.filter((sentence) => sentence !== "");
  for (const sentence of optional) {
    if (sentence === "" || sentences.includes(sentence)) continue;
    const words = wordCount(sentences) + wordCount([sentence]);
    if (words > WORDS_MAX) continue;
    if (wordCount(sentences) >= WORDS_MIN && facts.random.next() < 0.5) continue;
    sentences.push(sentence);
  }
  return paragraphs(sentences, required.length);
}

export function wordCount(sentences: readonly string[]): number {
  return sentences.join(" ").split(/\s+/).filter(Boolean).length;
}

function paragraphs(sentences: readonly string[], firstLength: number): string {
  const head = sentences.slice(0, Math.min(firstLength - 1, 2)).join(" ");
  const tail = sentences.slice(Math.min(firstLength - 1, 2)).join(" ");
  return `${head}\n\n${tail}`;
}

/** One of several ways to say it. */
export function pick(random: Random, ways: readonly string[]): string {
  return ways[random.integer(ways.length)] as string;
}

/** The first sentence names the side in its label's own words, so that a reader can tell it. */
function opening({ stance, assignment, random }: ProseFacts): string {
  const { label } = stance.side;
  const { persuadedBy } = stance;
  if (persuadedBy !== undefined) {
    return pick(random, [
      `${label}: having read ${persuadedBy.from}, I change my position.`,
      `${label}. I held another view before, but ${persuadedBy.from} made the better case.`,
    ]);
  }
  const topic = topicWords(assignment.question);
  if (label === "Yes")
    return pick(random, [
      `Yes, as far as “${topic}” is concerned I am in favour.`,
      `Yes. On “${topic}” the case in favour is the stronger one.`,
    ]);
  if (label === "No")
    return pick(random, [
      `No, as far as “${topic}” is concerned I am against it.`,
      `No. On “${topic}” the case against is the stronger one.`,
    ]);
  if (label === "It depends")
    return pick(random, [
      `It depends: on “${topic}” the conditions decide, not the principle.`,
      `It depends on what “${topic}” will mean in practice.`,
    ]);
  return pick(random, [
    `${label} is where I would start.`,
    `${label}: that is my choice on “${topic}”.`,
    `${label} is the position I hold on “${topic}”.`,
  ]);
}

const DETERMINERS = new Set(["one", "a", "an", "the", "this", "these", "our", "no", "its"]);
const TOPIC_WORDS_MAX = 4;

/** The last words of the question, which name its matter in most of them. */
function topicWords(question: string): string {
  const words = question
    .replace(/[?.!,;:"“”]/g, "")
    .split(/\s+/)
    .slice(-TOPIC_WORDS_MAX);
  const start = words.findIndex((word) => keywords(word).length > 0 || DETERMINERS.has(word.toLowerCase()));
  return start < 0 ? "this matter" : words.slice(start).join(" ");
}

function evidence({ quotes, random }: ProseFacts, index: number): string {
  const quote = quotes[index];
  if (quote === undefined) return "";
  const text = `“${quote.quote}”`;
  if (index > 0)
    return pick(random, [
      `The same reading follows from ${quote.source}, where it says ${text}`,
      `Also relevant in ${quote.source}: ${text}`,
    ]);
  return pick(random, [
    `${quote.source} says: ${text}`,
    `The passage that settles it for me is in ${quote.source}: ${text}`,
    `I rest this on ${quote.source}, which states ${text}`,
  ]);
}

function peerSentences({ assignment, stance, random }: ProseFacts): string[] {
  return assignment.peers.slice(-PEERS_ANSWERED_MAX).map((peer) => {
    const said = shortQuote(peer.text);
    if (said === undefined) return "";
    if (stance.allies.includes(peer) || stance.persuadedBy === peer) return agreement(peer, said, random);
    if (stance.rivals.includes(peer)) return disagreement(peer, said, random);
    return pick(random, [
      `${peer.from} notes “${said}”, which leaves the decision open.`,
      `To ${peer.from}, who writes “${said}”: that is true, but it does not settle the matter.`,
    ]);
  });
}

function agreement(peer: PeerMessage, said: string, random: Random): string {
  return pick(random, [
    `I agree with ${peer.from} that “${said}”.`,
    `${peer.from} is right to say “${said}”.`,
    `Like ${peer.from}, I give weight to “${said}”.`,
  ]);
}

function disagreement(peer: PeerMessage, said: string, random: Random): string {
  return pick(random, [
    `Unlike ${peer.from}, I do not think that “${said}” decides it.`,
    `I disagree with ${peer.from}: “${said}” overlooks the cost of being wrong.`,
    `${peer.from} argues “${said}”, but that carries less weight than the point above.`,
  ]);
}

function reason({ assignment, stance, quotes, random }: ProseFacts): string {
  const clause = sharedClause(assignment.question, quotes);
  const { claim } = stance.side;
  return pick(random, [
    `My reason is that what matters most here is ${clause}, and by that measure ${claim}.`,
    `Judged by ${clause}, ${claim}.`,
    `If the question turns on ${clause}, then ${claim}.`,
  ]);
}

function condition({ assignment, random }: ProseFacts): string {
  const words = [...new Set(keywords(assignment.question))];
  const word = words[random.integer(Math.max(1, words.length))];
  if (word === undefined) return "";
  return pick(random, [
    `I would change my mind if a measurement of “${word}” showed the opposite.`,
    `What could overturn this is evidence about “${word}” that nobody has brought yet.`,
  ]);
}

function check({ quotes, random, stance }: ProseFacts): string {
  const source = quotes[0]?.source;
  const about = source === undefined ? "a small trial" : `the rest of ${source}`;
  return pick(random, [
    `Before acting I would check ${about} for anything that speaks against it.`,
    `The next step I propose is to test this against ${about} and to write down what would count as failure.`,
    `The risk I see is that “${stance.side.label}” is taken as final although ${about} has not been weighed in full.`,
  ]);
}

function closing({ stance, random }: ProseFacts): string {
  const held =
    stance.rivals.length === 0
      ? "I hold this with fair confidence"
      : "I hold this knowing that others see it differently";
  return pick(random, [
    `${held}, because the cost of reversing it later is known and the benefit can be seen early.`,
    `${held}, and I would rather decide now and look again with data than wait for certainty.`,
  ]);
}
