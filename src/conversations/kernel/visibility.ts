// Who sees what: the blind, the open and the anonymous view. Reviewers see
// answers without names, in an order of their own drawn from the seed, so that
// neither a name nor a place in the list earns votes.
import type { AgentId, TurnId } from "../../domain/ids.ts";
import { createSeededRandom, shuffled } from "../../platform/random.ts";
import type { AnonymousReview, Visibility } from "../orchestration.ts";

export const BLIND: Visibility = { kind: "blind" };
export const ALL: Visibility = { kind: "all" };

/** The first round is blind; each later one sees the answers of the round before it. */
export function previousRound(round: number): Visibility {
  return round === 0 ? BLIND : { kind: "rounds", rounds: [round - 1] };
}

/** Response A … Response Z, Response AA … */
export function responseLabel(index: number): string {
  return `Response ${lettersOf(index)}`;
}

function lettersOf(index: number): string {
  let letters = "";
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

export interface ViewedAnswer {
  readonly agent: AgentId;
  readonly turnId: TurnId;
}

type AnonymousVisibility = Extract<Visibility, { readonly kind: "anonymous" }>;

export interface AnonymousView {
  readonly visibility: AnonymousVisibility;
  /** In the order shown. */
  readonly labels: readonly string[];
  /** Whose answer a label stands for. */
  readonly authors: Readonly<Record<string, AgentId>>;
}

/**
 * An anonymous view for one viewer. The order depends on seed, viewer and
 * purpose alone, not on the order in which answers arrived.
 */
export function anonymousView(options: {
  readonly seed: number;
  readonly viewer: AgentId;
  /** Names the stage, so that two stages do not share an order. */
  readonly purpose: string;
  readonly answers: readonly ViewedAnswer[];
  readonly ownIncluded: boolean;
}): AnonymousView {
  const { seed, viewer, purpose, ownIncluded } = options;
  const visible = options.answers.filter((answer) => ownIncluded || answer.agent !== viewer);
  const inStableOrder = [...visible].sort((a, b) => (a.agent < b.agent ? -1 : 1));
  const random = createSeededRandom(seed).fork(`${purpose}/${viewer}`);
  const labelled = shuffled(random, inStableOrder).map((answer, index) => ({ ...answer, label: responseLabel(index) }));
  return {
    visibility: { kind: "anonymous", answers: labelled.map(({ label, turnId }) => ({ label, turnId })) },
    labels: labelled.map(({ label }) => label),
    authors: Object.fromEntries(labelled.map(({ label, agent }) => [label, agent])),
  };
}

export interface Review extends ViewedAnswer {
  /** Whose answer each label stood for that the reviewer was shown. */
  readonly authors: Readonly<Record<string, AgentId>>;
}

/** The view with what reviewers said of its answers, the reviewers unnamed and in an order drawn like that of the answers. */
export function withReviews(
  view: AnonymousView,
  reviews: readonly Review[],
  by: { readonly seed: number; readonly viewer: AgentId; readonly purpose: string },
): Visibility {
  const { visibility, authors } = view;
  if (reviews.length === 0) return visibility;
  const labelOf = Object.fromEntries(Object.entries(authors).map(([label, author]) => [author, label]));
  const random = createSeededRandom(by.seed).fork(`${by.purpose}/reviewers/${by.viewer}`);
  const inStableOrder = [...reviews].sort((a, b) => (a.agent < b.agent ? -1 : 1));
  const unnamed = shuffled(random, inStableOrder).map(({ turnId, authors: shown }, index): AnonymousReview => {
    const pairs = Object.entries(shown).flatMap(([label, author]) => {
      const here = labelOf[author];
      return here === undefined ? [] : [[label, here] as const];
    });
    return { label: `Reviewer ${lettersOf(index)}`, turnId, labels: Object.fromEntries(pairs) };
  });
  return { ...visibility, reviews: unnamed };
}

/** Texts to vote on, in this viewer's own seeded order. */
export function shuffledOptions(
  options: readonly string[],
  by: { readonly seed: number; readonly viewer: AgentId; readonly purpose: string },
): readonly string[] {
  return shuffled(createSeededRandom(by.seed).fork(`${by.purpose}/${by.viewer}`), options);
}
