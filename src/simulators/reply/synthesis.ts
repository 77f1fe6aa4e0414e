// The answer of a chair over answers without names: who agrees, what the
// position is, and what was said against it.
import type { Random } from "../../platform/random.ts";
import { capitalised, listed } from "./grammar.ts";
import { claimOf } from "./peer-quote.ts";
import { type ProseFacts, wordCount } from "./prose.ts";
import type { Assignment, LabelledAnswer } from "./question.ts";
import { pick, reasonFor } from "./reasons.ts";
import { type Side, sideIn } from "./sides.ts";
import type { Stance } from "./stance.ts";

const CHAIRS = /\byou chair\b|\bsynthesi[sz]e\b/i;
const WORDS_MAX = 160;

/** Whether a prompt asks for one answer made of several. */
export function asksForSynthesis({ instruction, responses }: Assignment): boolean {
  return responses.length >= 2 && CHAIRS.test(instruction);
}

interface Voice extends LabelledAnswer {
  readonly side: Side | undefined;
  /** What the reviewers gave it. */
  readonly points: number;
}

export function writeSynthesis(facts: ProseFacts): string {
  const { assignment, stance, random } = facts;
  const { side } = stance;
  const voices = voicesOf(assignment, stance);
  const head = [position(side, random), parties(voices, side), bestOf(voices)];
  const body = [evidence(facts, side), reasonFor({ ...facts, ...stance, said: "" })];
  const tail = [
    dissent(voices, side, random),
    "What remains open can be settled by a trial, and the decision should be looked at again with its result.",
  ];
  const kept: string[][] = [[], [], []];
  for (const [at, sentences] of [head, body, tail].entries())
    for (const sentence of sentences)
      if (sentence !== "" && wordCount([...kept.flat(), sentence]) <= WORDS_MAX) kept[at]?.push(sentence);
  return kept
    .filter((paragraph) => paragraph.length > 0)
    .map((paragraph) => paragraph.join(" "))
    .join("\n\n");
}

/** The chair's stance: the side that most of the answers take, as the reviewers weigh them. */
export function chairedStance(assignment: Assignment, stance: Stance): Stance {
  return { ...stance, side: chosenSide(voicesOf(assignment, stance), stance.side) };
}

function voicesOf({ responses, instruction }: Assignment, { sides }: Stance): Voice[] {
  return responses.map((response) => ({
    ...response,
    side: sideIn(response.text, sides),
    points: pointsOf(response.label, instruction),
  }));
}

/** `Response A: 0.50 points of the reviewers`. */
function pointsOf(label: string, instruction: string): number {
  const line = instruction.split("\n").find((text) => text.startsWith(`${label}: `)) ?? "";
  return Number(/: ([\d.]+) points/.exec(line)?.[1] ?? 0);
}

/** Each side weighs what its answers earned; where nobody took a side the chair's own stands. */
function chosenSide(voices: readonly Voice[], own: Side): Side {
  const weightOf = (side: Side): number =>
    voices.reduce((sum, voice) => sum + (voice.side === side ? 1 + voice.points : 0), side === own ? 0.5 : 0);
  return voices.reduce((best, { side }) => (side !== undefined && weightOf(side) > weightOf(best) ? side : best), own);
}

function position(side: Side, random: Random): string {
  const { kind, label, phrase, claim, source } = side;
  if (kind === "option") return `${capitalised(label)} would be the council’s choice.`;
  if (kind === "passage") return `The council starts from what ${source} says: “${label}”`;
  if (kind === "depends") return `It depends, the council finds: ${claim}.`;
  if (kind === "yes" && phrase !== undefined) return `Yes, the council is in favour of ${phrase}.`;
  if (kind === "no" && phrase !== undefined) return `No, the council advises against ${phrase}.`;
  return kind === "yes" || kind === "no"
    ? pick(random, [`${label}, the council finds.`, `${label}, that is the council’s answer.`])
    : `The council finds that ${claim}.`;
}

function parties(voices: readonly Voice[], side: Side): string {
  const withIt = voices.filter((voice) => voice.side === side).map(({ label }) => label);
  const others = voices.filter((voice) => voice.side !== side).map(({ label }) => label);
  if (withIt.length === 0) return "";
  if (others.length === 0) return `All ${voices.length} answers agree on this.`;
  const agree = withIt.length === 1 ? `${withIt[0]} takes this position` : `${listed(withIt)} agree on this`;
  return `${agree}; ${listed(others)} ${others.length === 1 ? "comes" : "come"} to another conclusion.`;
}

function bestOf(voices: readonly Voice[]): string {
  const most = Math.max(...voices.map(({ points }) => points));
  const best = voices.filter(({ points }) => points === most);
  return most > 0 && best.length === 1 ? `The reviewers ranked ${best[0]?.label} first.` : "";
}

function evidence({ quotes }: ProseFacts, side: Side): string {
  const quote = quotes[0];
  if (quote === undefined || side.kind === "passage") return "";
  return `The ground for it stands in ${quote.source}: “${quote.quote}”`;
}

function dissent(voices: readonly Voice[], side: Side, random: Random): string {
  const against = voices
    .filter((voice) => voice.side !== undefined && voice.side !== side)
    .sort((a, b) => b.points - a.points)[0];
  if (against === undefined) return "";
  const claim = claimOf(against.text);
  if (claim === undefined) return `The main dissent is that of ${against.label}.`;
  return pick(random, [
    `The main dissent, in ${against.label}, is this: “${claim}”.`,
    `Against this stands ${against.label}: “${claim}”.`,
  ]);
}
