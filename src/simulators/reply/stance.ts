// Which side a simulated model takes. The first side follows from seed, model,
// agent and question; reading peers on other sides may change it, by a seeded rule.
import { createSeededRandom, type Random } from "../../platform/random.ts";
import type { Assignment, PeerMessage } from "./question.ts";
import { keywords, overlap, type Quote } from "./sentences.ts";

export interface Side {
  /** What marks the side in a text, for example `Yes` or the name of an option. */
  readonly label: string;
  /** The claim as a clause that can follow "that". */
  readonly claim: string;
  /** Relative chance to be taken without having heard anybody. */
  readonly weight: number;
}

export interface Stance {
  readonly side: Side;
  readonly sides: readonly Side[];
  /** Where the side changed after reading a peer. */
  readonly persuadedBy?: PeerMessage;
  readonly allies: readonly PeerMessage[];
  readonly rivals: readonly PeerMessage[];
}

const YES_NO = /^(?:should|shall|is|are|was|were|do|does|did|can|could|will|would|has|have|had|must|may|might)\b/i;
const OPEN_SIDES_MAX = 3;

/** The sides one can take; an open question has the approaches of the best-fitting sentences. */
export function sidesOf(question: string, quotes: readonly Quote[]): Side[] {
  const options = optionsOf(question);
  if (options.length >= 2) {
    return options.map((option) => ({ label: option, claim: `${option} is the better choice`, weight: 1 }));
  }
  const lead = question.replace(/^(?:.*[:,;]\s*)?(?=(?:should|is|are|do|does|can|will)\b)/i, "").trim();
  if (YES_NO.test(lead)) {
    return [
      { label: "Yes", claim: "the answer is yes", weight: 5 },
      { label: "No", claim: "the answer is no", weight: 4 },
      { label: "It depends", claim: "it depends on the conditions", weight: 2 },
    ];
  }
  return openSides(question, quotes);
}

function openSides(question: string, quotes: readonly Quote[]): Side[] {
  const topics = new Set(quotes.map((quote) => topicOf(quote.quote)).filter((topic) => topic !== ""));
  const sides = [...topics]
    .slice(0, OPEN_SIDES_MAX)
    .map((label) => ({ label, claim: `“${label}” should lead`, weight: 1 }));
  if (sides.length > 0) return sides;
  const words = [...new Set(keywords(question))];
  const topic = words.slice(0, 3).join(" ") || "the simplest course";
  return [{ label: topic, claim: `${topic} comes first`, weight: 1 }];
}

const TOPIC_WORDS_MAX = 4;

/** The longest run of telling words in a sentence, as its name. */
function topicOf(sentence: string): string {
  const runs: string[][] = [[]];
  for (const word of sentence.replace(/[*_`#]/g, "").split(/\s+/)) {
    const isTelling = keywords(word).length > 0;
    if (isTelling) runs.at(-1)?.push(word.replace(/[,;:.!?()[\]]+/g, ""));
    if (!isTelling || /[,;:.!?)\]]$/.test(word)) runs.push([]);
  }
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), []);
  return longest.slice(0, TOPIC_WORDS_MAX).join(" ");
}

/** "Should we use A or B?", "A, B, or C?", "A vs B". Empty when the question offers no choice. */
export function optionsOf(question: string): string[] {
  const text = question.replace(/[?.!]+\s*$/, "");
  if (/\bor not\b/i.test(text)) return [];
  const separated = text.split(/\s*(?:,\s*or\s+|\s+or\s+|\s+vs\.?\s+|\s+versus\s+)\s*/i);
  if (separated.length < 2) return [];
  const last = separated.at(-1) as string;
  const firsts = separated.slice(0, -1).flatMap((part) => part.split(/\s*,\s*/));
  const head = firsts[0] as string;
  const options = [trimmedHead(head, last), ...firsts.slice(1), trimmedTail(last)].map((option) => option.trim());
  const isSane = options.every((option) => option !== "" && option.split(/\s+/).length <= 8);
  return isSane && new Set(options.map((option) => option.toLowerCase())).size === options.length ? options : [];
}

const LEAD_WORD =
  /^.*\b(?:use|using|choose|choosing|pick|prefer|adopt|take|keep|buy|build|write|go with|move to|switch to|be|is|are|was|between|either|better|best|want|have|recommend|need|ship|run|than)\b[:,]?\s+/i;

/** The first option is what follows the question's verb, else as many words as the last option has. */
function trimmedHead(head: string, last: string): string {
  const afterColon = head.replace(/^.*:\s+/, "");
  const trimmed = afterColon.replace(LEAD_WORD, "");
  if (trimmed !== afterColon && trimmed !== "") return trimmed;
  return afterColon
    .split(/\s+/)
    .slice(-Math.max(1, trimmedTail(last).split(/\s+/).length))
    .join(" ");
}

function trimmedTail(last: string): string {
  return last.replace(/\s+(?:for|in|on|when|if|to|as|with|at|by|here|now)\b.*$/i, "");
}

/** The side a text takes, by its first mark of one; `undefined` when it takes none. */
export function sideIn(text: string, sides: readonly Side[]): Side | undefined {
  const lower = text.toLowerCase();
  const found = sides
    .map((side) => ({ side, at: positionOf(lower, side.label.toLowerCase()) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return found[0]?.side;
}

function positionOf(text: string, label: string): number {
  const escaped = label.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const match = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "u").exec(text);
  return match?.index ?? -1;
}

export interface StanceFacts {
  readonly assignment: Assignment;
  readonly quotes: readonly Quote[];
  readonly seed: string;
  readonly model: string;
}

export function takeStance({ assignment, quotes, seed, model }: StanceFacts): Stance {
  const { agent, question, peers, own } = assignment;
  const sides = sidesOf(question, quotes);
  const random = createSeededRandom(`${seed}/stance/${model}/${agent}/${question}`);
  const first = weightedSide(sides, random);
  const held = sideIn(own.at(-1) ?? "", sides) ?? first;
  const spoken = peers.map((peer) => ({ peer, side: sideIn(peer.text, sides) }));
  const rivals = spoken.filter(({ side }) => side !== undefined && side !== held);
  const persuader = persuaded(rivals, held, random.fork(`round/${own.length}/${peers.length}`));
  const side = persuader?.side ?? held;
  return {
    side,
    sides,
    ...(persuader === undefined ? {} : { persuadedBy: persuader.peer }),
    allies: spoken.filter((other) => other.side === side).map(({ peer }) => peer),
    rivals: spoken.filter((other) => other.side !== undefined && other.side !== side).map(({ peer }) => peer),
  };
}

/** One peer on another side changes few minds, each more of them changes more. */
const PERSUASION_PER_PEER = 0.22;

interface Spoken {
  readonly peer: PeerMessage;
  readonly side: Side | undefined;
}

/** The most common rival side has `n` speakers and wins with probability 1 − (1 − p)ⁿ. */
function persuaded(
  rivals: readonly Spoken[],
  held: Side,
  random: Random,
): { peer: PeerMessage; side: Side } | undefined {
  const crowd = rivals
    .map(({ side }) => rivals.filter((other) => other.side === side))
    .sort((a, b) => b.length - a.length)[0];
  const leader = crowd?.[random.integer(crowd.length)];
  if (crowd === undefined || leader?.side === undefined) return undefined;
  const chance = 1 - (1 - PERSUASION_PER_PEER) ** crowd.length;
  const stubborn = overlap(held.claim, leader.peer.text) * 0.1;
  return random.next() < chance - stubborn ? { peer: leader.peer, side: leader.side } : undefined;
}

function weightedSide(sides: readonly Side[], random: Random): Side {
  let left = random.next() * sides.reduce((sum, side) => sum + side.weight, 0);
  const found = sides.find((side) => {
    left -= side.weight;
    return left < 0;
  });
  return found ?? (sides[0] as Side);
}
