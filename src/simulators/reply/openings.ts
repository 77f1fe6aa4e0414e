// The first sentence of an answer. It marks the side in its own words, so that
// a reader, and another model, can tell it.
import type { Random } from "../../platform/random.ts";
import { capitalised } from "./grammar.ts";
import { pick } from "./reasons.ts";
import type { Side } from "./sides.ts";
import type { Stance } from "./stance.ts";

export function openingOf({ side, persuadedBy }: Stance, random: Random): string {
  return persuadedBy === undefined ? pick(random, waysToOpen(side)) : changedMind(side, persuadedBy.from, random);
}

function waysToOpen(side: Side): readonly string[] {
  const { kind, label, phrase, source, isRemote } = side;
  if (kind === "option") {
    const name = capitalised(label);
    return [`${name} would be my choice.`, `${name} would serve better here.`, `${name} would be the better choice.`];
  }
  if (kind === "passage" && isRemote === true)
    return [`Nothing in ${source} speaks of this directly; the nearest that I find is this: “${label}”`];
  if (kind === "passage") {
    return [
      `The answer starts, I think, from what ${source} says: “${label}”`,
      `I would put one point first, and it stands in ${source}: “${label}”`,
      `The heart of the matter is in ${source}: “${label}”`,
    ];
  }
  if (kind === "approach") return [`I would ${label}.`, `My answer is to ${label}.`, `It is best to ${label}.`];
  if (kind === "unknown")
    return [
      "This cannot be told from what was given: nothing is attached, and a simulated model knows nothing of its own.",
    ];
  return phrase === undefined ? FACT[kind] : ACTION[kind](phrase);
}

const ACTION = {
  yes: (phrase: string) => [
    `Yes, I am in favour of ${phrase}.`,
    `Yes, ${phrase} is the right course here.`,
    `Yes, I would go ahead with ${phrase}.`,
  ],
  no: (phrase: string) => [
    `No, I would advise against ${phrase}.`,
    `No, ${phrase} would be the wrong course here.`,
    `No, the case for ${phrase} does not convince me.`,
  ],
  depends: (phrase: string) => [
    `It depends: ${phrase} is right under some conditions and wrong under others.`,
    `It depends on the conditions whether ${phrase} is a good idea.`,
  ],
};

const FACT = {
  yes: ["Yes, I think so.", "Yes, as far as I can tell.", "Yes, and with some confidence."],
  no: ["No, I do not think so.", "No, as far as I can tell.", "No, I see no good ground for it."],
  depends: ["It depends on what the question leaves open.", "It depends on the conditions."],
};

function changedMind(side: Side, peer: string, random: Random): string {
  const { kind, label, claim, source } = side;
  if (kind === "option") {
    const name = capitalised(label);
    return pick(random, [
      `${name} after all: I changed my mind when I read what ${peer} wrote.`,
      `${name} would be my choice now. I changed my mind: ${peer} made the better case.`,
    ]);
  }
  if (kind === "passage") return `I changed my mind: ${peer} is right to start from what ${source} says, “${label}”`;
  if (kind === "yes" || kind === "no" || kind === "depends") {
    const joint = kind === "depends" ? ", and" : ",";
    return pick(random, [
      `${label}${joint} I changed my mind: ${peer} has convinced me that ${claim}.`,
      `${label}${joint} I changed my mind after reading ${peer}: ${claim}.`,
    ]);
  }
  return `I changed my mind: ${peer} has convinced me that ${claim}.`;
}
