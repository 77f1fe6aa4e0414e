// Which side a simulated model takes. The first side follows from seed, model,
// agent and question; reading others on other sides may change it, by a seeded rule.
import { createSeededRandom, type Random } from "../../platform/random.ts";
import type { Assignment, PeerMessage } from "./question.ts";
import type { Quote } from "./rank.ts";
import { type Side, sideIn, sidesOf } from "./sides.ts";

export type { Side } from "./sides.ts";

export interface Stance {
  readonly side: Side;
  readonly sides: readonly Side[];
  /** Where the side changed after reading a peer. */
  readonly persuadedBy?: PeerMessage;
  readonly allies: readonly PeerMessage[];
  readonly rivals: readonly PeerMessage[];
}

export interface StanceFacts {
  readonly assignment: Assignment;
  readonly quotes: readonly Quote[];
  readonly seed: string;
  readonly model: string;
}

export function takeStance({ assignment, quotes, seed, model }: StanceFacts): Stance {
  const { agent, question, peers, own, responses } = assignment;
  const sides = sidesOf(question, quotes);
  const random = createSeededRandom(`${seed}/stance/${model}/${agent}/${question}`);
  const first = weightedSide(sides, random);
  const held = sideIn(own.at(-1) ?? "", sides) ?? first;
  const spoken = peers.map((peer) => ({ peer, side: sideIn(peer.text, sides) }));
  // A ballot shows answers without one's own turns: whoever was moved by them before is moved again.
  const unnamed = own.length > 0 ? [] : responses.map(({ label, text }) => ({ from: label, text }));
  const heard = peers.length > 0 ? spoken : unnamed.map((peer) => ({ peer, side: sideIn(peer.text, sides) }));
  const rivals = heard.filter(({ side }) => side !== undefined && side !== held);
  const reads = Math.max(1, own.length);
  const persuader = persuaded(rivals, random.fork(`round/${reads}/${heard.length}`));
  const side = persuader?.side ?? held;
  return {
    side,
    sides,
    // Whoever has said nothing yet takes a side and changes none.
    ...(persuader === undefined || own.length === 0 ? {} : { persuadedBy: persuader.peer }),
    allies: spoken.filter((other) => other.side === side).map(({ peer }) => peer),
    rivals: spoken.filter((other) => other.side !== undefined && other.side !== side).map(({ peer }) => peer),
  };
}

/** One peer on another side changes few minds, each more of them changes more. */
const PERSUASION_PER_PEER = 0.2;

interface Spoken {
  readonly peer: PeerMessage;
  readonly side: Side | undefined;
}

/** The most common rival side has `n` speakers and wins with probability 1 − (1 − p)ⁿ. */
function persuaded(rivals: readonly Spoken[], random: Random): { peer: PeerMessage; side: Side } | undefined {
  const crowd = rivals
    .map(({ side }) => rivals.filter((other) => other.side === side))
    .sort((a, b) => b.length - a.length)[0];
  if (crowd === undefined) return undefined;
  const isMoved = random.next() < 1 - (1 - PERSUASION_PER_PEER) ** crowd.length;
  const leader = crowd[random.integer(crowd.length)];
  return isMoved && leader?.side !== undefined ? { peer: leader.peer, side: leader.side } : undefined;
}

function weightedSide(sides: readonly Side[], random: Random): Side {
  let left = random.next() * sides.reduce((sum, side) => sum + side.weight, 0);
  const found = sides.find((side) => {
    left -= side.weight;
    return left < 0;
  });
  return found ?? (sides[0] as Side);
}
