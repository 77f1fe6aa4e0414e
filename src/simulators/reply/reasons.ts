// Why a side is taken, in whole sentences that others can quote: nothing in
// them claims a fact that the prompt does not give.
import { createSeededRandom, type Random } from "../../platform/random.ts";
import { capitalised } from "./grammar.ts";
import type { Assignment } from "./question.ts";
import type { Side } from "./sides.ts";

/** One of several ways to say it. */
export function pick(random: Random, ways: readonly string[]): string {
  return ways[random.integer(ways.length)] as string;
}

export interface Reasoning {
  readonly assignment: Assignment;
  readonly side: Side;
  readonly sides: readonly Side[];
  /** What has been said already and is not said again. */
  readonly said: string;
  readonly seed: string;
}

/**
 * Members of one table draw from one seeded order, each from a place of its own
 * and each turn from a further one, so that they do not speak in chorus.
 */
export function reasonFor({ assignment, side, sides, said, seed }: Reasoning): string {
  const ways = waysFor(side, sides).map(capitalised);
  const { seat, seats, own, question } = assignment;
  const start = createSeededRandom(`${seed}/reasons/${question}/${side.kind}`).integer(ways.length);
  const inTurn = ways.map((_, index) => ways[(start + seat + own.length * seats + index) % ways.length] as string);
  return inTurn.find((way) => !said.includes(way.replace(/\.$/, ""))) ?? (inTurn[0] as string);
}

function waysFor(side: Side, sides: readonly Side[]): readonly string[] {
  const { kind, phrase, label } = side;
  if (kind === "option") {
    const rivals = sides.filter((other) => other !== side);
    return forOption(label, rivals.length === 1 ? (rivals[0] as Side).label : "the alternatives");
  }
  if (kind === "yes" || kind === "no" || kind === "depends")
    return phrase === undefined ? FACT[kind] : ACTION[kind](phrase);
  if (kind === "passage") return side.isRemote === true ? REMOTE : PASSAGE;
  return kind === "approach" ? (APPROACH[label] as readonly string[]) : UNKNOWN;
}

function forOption(label: string, rival: string): readonly string[] {
  return [
    `The cases that come every day would be covered by ${label}, and the rare ones can be handled apart.`,
    `The weak points of ${label} are known and can be planned for, which I cannot say of ${rival}.`,
    `After the first year ${label} would be easier to live with than ${rival}.`,
    `Mistakes would be found earlier and cost less if the choice fell on ${label}.`,
    `${rival} would leave less room to change course later.`,
    `What ${rival} would add is needed by few, and everybody would pay for it.`,
  ];
}

const ACTION = {
  yes: (phrase: string) => [
    `The benefits of ${phrase} come every day, while its drawbacks come under conditions that can be watched for.`,
    `${phrase} keeps the number of things that can go wrong small.`,
    `The objections to ${phrase} can be met when they arise, but its advantages cannot be had in another way.`,
    `${phrase} can be undone if it disappoints, so the risk of trying it is small.`,
    `Every alternative to ${phrase} that I can see would cost more to understand and to test.`,
    `The case for ${phrase} rests on what happens now, and the case against it on what might happen.`,
  ],
  no: (phrase: string) => [
    `The drawbacks of ${phrase} would be felt at the worst moment, when the load is highest.`,
    `${phrase} would be hard to take back once other things depend on it.`,
    `What ${phrase} would bring can be had for less.`,
    `${phrase} would solve a problem that may never come, and set limits that are certain to come.`,
    `The case for ${phrase} holds on a quiet day, and systems are not built for quiet days.`,
    `Nobody has shown that ${phrase} would still be enough when demand grows.`,
  ],
  depends: (phrase: string) => [
    `${phrase} pays off under one set of conditions and does harm under another, so the conditions have to be named first.`,
    `Both sides are right about ${phrase} under their own conditions, and nobody has said which conditions are given here.`,
    `The same property that speaks for ${phrase} under light use speaks against it under heavy use.`,
    `A limit that is named in advance would settle when ${phrase} is right and when it stops being right.`,
  ],
};

const FACT = {
  yes: [
    "What there is to go by points that way, and I found nothing of equal weight against it.",
    "The doubts that one can raise concern rare cases, and the question is about the usual one.",
    "I would need a strong reason to believe the opposite, and I see none.",
    "The simpler reading of what is known leads there, and the other needs more assumptions.",
  ],
  no: [
    "What there is to go by does not bear it out, and a hope is not evidence.",
    "It may hold in the usual case, but the question has to be answered for the hard cases too.",
    "Too much would have to go right for it to be true.",
    "The simpler reading of what is known speaks against it.",
  ],
  depends: [
    "The answer changes with the conditions, and the question leaves them open.",
    "It holds in the usual case and fails in the hard ones, so one has to say which case is meant.",
    "Both answers can be defended, because they assume different circumstances.",
  ],
};

const PASSAGE = [
  "It speaks to the question directly, and the other points follow from it.",
  "Whoever gets this right can still change the rest later.",
  "Most of the other points can be left open until this one is settled.",
  "Other passages describe details, while this one names what everything else has to respect.",
  "This is the point that would cost the most if it were overlooked.",
];

const REMOTE = [
  "That is little to go by, and I would not build a decision on it.",
  "It touches the question only from the side, so another text may well say more.",
  "Where a text is silent, its general rules are the best guide that it gives.",
];

const APPROACH: Readonly<Record<string, readonly string[]>> = {
  "start small": [
    "A small start shows in days what a plan can only guess.",
    "A small mistake is cheap to mend, and the first version always has one.",
    "Whatever is learnt from a small start can still change the plan, which is not true later.",
  ],
  "measure first": [
    "Without figures every answer is a guess, and figures can usually be had within a day.",
    "The places where people expect the difficulty are seldom the places where it is.",
    "A measurement ends a discussion that arguments only prolong.",
  ],
  "settle the requirements first": [
    "Two good answers to different questions look like a disagreement, so the question has to be settled first.",
    "It costs less to change a requirement on paper than in a finished thing.",
    "Once it is known what must not fail, most of the choices make themselves.",
  ],
};

const UNKNOWN = [
  "An answer without a source would be a guess that only sounds certain.",
  "A fact has to be looked up, and there is nothing here to look it up in.",
  "It is better to say plainly what is missing than to fill the gap with something plausible.",
];
