// A word to each peer, with what the peer claims in its own words.
import type { Random } from "../../platform/random.ts";
import { listed } from "./grammar.ts";
import { claimOf } from "./peer-quote.ts";
import type { Assignment, PeerMessage } from "./question.ts";
import { pick } from "./reasons.ts";
import type { Stance } from "./stance.ts";

export interface PeerFacts {
  readonly assignment: Assignment;
  readonly stance: Stance;
  readonly random: Random;
}

/** `short` names the peer without quoting, for want of room. */
export interface PeerSentence {
  readonly full: string;
  readonly short: string;
}

const RIVALS_ANSWERED_MAX = 3;
const SILENT_ANSWERED_MAX = 2;

/** First who convinced, then one ally in its own words and the others by name, then the rivals. */
export function peerSentences({ assignment, stance, random }: PeerFacts): PeerSentence[] {
  const { persuadedBy, rivals } = stance;
  const allies = stance.allies.filter((peer) => peer !== persuadedBy);
  const silent = assignment.peers.filter(
    (peer) => peer !== persuadedBy && !stance.allies.includes(peer) && !rivals.includes(peer),
  );
  return [
    ...(persuadedBy === undefined ? [] : [convinced(persuadedBy)]),
    ...agreements(allies, random),
    ...disagreements(rivals.slice(-RIVALS_ANSWERED_MAX), random),
    ...silent.slice(-SILENT_ANSWERED_MAX).map(undecided),
  ];
}

function convinced({ from, text }: PeerMessage): PeerSentence {
  const claim = claimOf(text);
  return { full: claim === undefined ? "" : `What convinced me is the argument of ${from}: “${claim}”.`, short: "" };
}

function agreements(allies: readonly PeerMessage[], random: Random): PeerSentence[] {
  const [first, ...others] = allies;
  if (first === undefined) return [];
  const claim = claimOf(first.text);
  const short = `I agree with ${first.from}.`;
  const full =
    claim === undefined
      ? short
      : pick(random, [
          `I agree with ${first.from}: “${claim}”.`,
          `On this I stand with ${first.from}, who writes: “${claim}”.`,
          `As ${first.from} puts it, “${claim}”.`,
        ]);
  const named = `On the same side I count ${listed(others.map(({ from }) => from))}.`;
  return [{ full, short }, ...(others.length === 0 ? [] : [{ full: named, short: "" }])];
}

const REBUTTALS = [
  "That is a reason for care, not for another answer.",
  "That may be so, but it does not outweigh what I have said.",
  "That is claimed rather than shown.",
  "The same could be said of every course, this one no more than others.",
  "I give that some weight, but not enough to change my answer.",
];

/** Each rival in another form of words. */
function disagreements(rivals: readonly PeerMessage[], random: Random): PeerSentence[] {
  const form = random.integer(REBUTTALS.length);
  return rivals.map(({ from, text }, index) => {
    const claim = claimOf(text);
    const short = `I do not agree with ${from}.`;
    if (claim === undefined) return { full: short, short };
    const ways = [
      `I disagree with ${from}, who writes: “${claim}”.`,
      `Unlike ${from}, I am not moved by the argument “${claim}”.`,
      `The main argument of ${from} is “${claim}”.`,
    ];
    const rebuttal = REBUTTALS[(form + index) % REBUTTALS.length];
    return { full: `${ways[(form + index) % ways.length]} ${rebuttal}`, short };
  });
}

function undecided({ from, text }: PeerMessage): PeerSentence {
  const claim = claimOf(text);
  return {
    full: claim === undefined ? "" : `What ${from} writes, “${claim}”, leaves the decision open.`,
    short: "",
  };
}
