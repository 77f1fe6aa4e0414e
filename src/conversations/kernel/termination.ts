// Termination as an algebra: conditions over what has happened, joined by any,
// all and not. Every condition that holds is named, so that the record says why
// a conversation stopped.
import { US_PER_MS } from "../../domain/time.ts";
import { canonicalText } from "./canonical-text.ts";
import type { Table, TableRound } from "./table.ts";

export type Condition =
  | Limit
  /** All answers of the last closed round are the same, and there are two or more. */
  | { readonly kind: "agreement" }
  /** A line of an answer of the last closed round is this text and nothing else. */
  | { readonly kind: "signal"; readonly text: string }
  | { readonly kind: "any"; readonly of: readonly Condition[] }
  | { readonly kind: "all"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition };

/**
 * Reached when the figure is at least `limit`. `quorum`: answers in the last
 * closed round. `stability`: further rounds in which nobody changed the answer.
 * `stall`: rounds in a row without an answer that had not been given before.
 * `repetition`: times in a row that somebody gave the same answer.
 */
export interface Limit {
  readonly kind:
    | "rounds"
    | "turns"
    | "tokens"
    | "costNanoUsd"
    | "timeMs"
    | "quorum"
    | "stability"
    | "stall"
    | "repetition";
  readonly limit: number;
}

/** What conditions look at. Rounds are the closed ones. */
export type Progress = Pick<Table, "rounds" | "used">;

export function holds(condition: Condition, progress: Progress): boolean {
  switch (condition.kind) {
    case "any":
      return condition.of.some((inner) => holds(inner, progress));
    case "all":
      return condition.of.every((inner) => holds(inner, progress));
    case "not":
      return !holds(condition.of, progress);
    default:
      return leafHolds(condition, progress);
  }
}

/** The names of the simple conditions that hold, and of the `not`s that do, in the order they are written. */
export function held(condition: Condition, progress: Progress): readonly string[] {
  switch (condition.kind) {
    case "any":
    case "all":
      return condition.of.flatMap((inner) => held(inner, progress));
    case "not":
      return holds(condition, progress) ? [conditionName(condition)] : [];
    default:
      return leafHolds(condition, progress) ? [conditionName(condition)] : [];
  }
}

/** Short and stable, for `stopReasons`: `rounds(2)`, `not agreement`. */
export function conditionName(condition: Condition): string {
  switch (condition.kind) {
    case "any":
    case "all":
      return `${condition.kind}(${condition.of.map(conditionName).join(", ")})`;
    case "not":
      return `not ${conditionName(condition.of)}`;
    case "agreement":
      return "agreement";
    case "signal":
      return `signal(${condition.text})`;
    default:
      return `${condition.kind}(${condition.limit})`;
  }
}

type Leaf = Exclude<Condition, { readonly kind: "any" | "all" | "not" }>;

function leafHolds(leaf: Leaf, { rounds, used }: Progress): boolean {
  switch (leaf.kind) {
    case "rounds":
      return rounds.length >= leaf.limit;
    case "turns":
      return used.turns >= leaf.limit;
    case "tokens":
      return used.tokens >= leaf.limit;
    case "costNanoUsd":
      return used.costNanoUsd >= leaf.limit;
    case "timeMs":
      return used.elapsedUs >= leaf.limit * US_PER_MS;
    case "quorum":
      return (rounds.at(-1)?.answers.length ?? 0) >= leaf.limit;
    case "agreement":
      return agrees(rounds.at(-1));
    case "stability":
      return isStable(rounds, leaf.limit);
    case "stall":
      return isStalled(rounds, leaf.limit);
    case "repetition":
      return isRepeating(rounds, leaf.limit);
    case "signal":
      return texts(rounds.at(-1)).some((text) => text.split("\n").some((line) => line.trim() === leaf.text));
  }
}

function agrees(round: TableRound | undefined): boolean {
  const answers = texts(round).map(canonicalText);
  return answers.length >= 2 && new Set(answers).size === 1;
}

function isStable(rounds: readonly TableRound[], further: number): boolean {
  const last = rounds.slice(-(further + 1)).map(positions);
  return last.length === further + 1 && new Set(last).size === 1 && last[0] !== "[]";
}

function isStalled(rounds: readonly TableRound[], count: number): boolean {
  if (rounds.length <= count) return false;
  const before = new Set(rounds.slice(0, -count).flatMap((round) => texts(round).map(canonicalText)));
  return rounds.slice(-count).every((round) => texts(round).every((text) => before.has(canonicalText(text))));
}

/** Looks at the last answers only: it is asked after every event, and answers are long. */
function isRepeating(rounds: readonly TableRound[], times: number): boolean {
  const byAgent = new Map<string, string[]>();
  for (const { agent, text } of rounds.flatMap((round) => round.answers)) {
    const said = byAgent.get(agent);
    if (said === undefined) byAgent.set(agent, [text]);
    else said.push(text);
  }
  return [...byAgent.values()].some((said) => said.length >= times && areSame(said.slice(-times)));
}

function areSame([first = "", ...others]: readonly string[]): boolean {
  const canonical = canonicalText(first);
  return others.every((text) => canonicalText(text) === canonical);
}

/** Who holds what, in a fixed order, as one text. */
function positions({ answers }: TableRound): string {
  const held = answers.map(({ agent, text }) => [agent, canonicalText(text)]);
  return JSON.stringify(held.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
}

function texts(round: TableRound | undefined): readonly string[] {
  return (round?.answers ?? []).map(({ text }) => text);
}
