// What a label in a ballot stands for, and how much a model likes it.
import type { JsonValue } from "../../domain/json.ts";
import { sha256 } from "../../platform/hash.ts";
import { createSeededRandom } from "../../platform/random.ts";
import type { Evidence } from "./evidence.ts";
import type { Assignment } from "./question.ts";
import { overlap } from "./rank.ts";
import { sideIn } from "./sides.ts";
import type { Stance } from "./stance.ts";

export interface Ballot {
  readonly assignment: Assignment;
  readonly stance: Stance;
  readonly quotes: readonly Evidence[];
  /** Everything the user sent. */
  readonly text: string;
  readonly seed: string;
}

const AGREEMENT = 1.2;
const EVIDENCE = 0.8;
const KINSHIP = 0.6;
/** How good an answer is for everybody, and how much it is to one's own taste. */
const QUALITY = 1.3;
const NOISE = 1;

/** Best first: agreement with the own side, overlap with the documents and with the own answer, seeded taste. */
export function rankOptions(options: readonly JsonValue[], ballot: Ballot): JsonValue[] {
  return options
    .map((option, index) => ({ option, index, liking: likingOf(option, ballot) }))
    .sort((a, b) => b.liking - a.liking || a.index - b.index)
    .map(({ option }) => option);
}

/** About 0 to 5; negative for ways not to answer. */
export function likingOf(option: JsonValue, { assignment, stance, quotes, text, seed }: Ballot): number {
  const label = String(option);
  if (option === null || /^(?:abstain|none|unknown|null|n\/a|)$/i.test(label)) return -1;
  const found = candidateText(label, text);
  const body = found ?? label;
  const sources = quotes.slice(0, 3).map((quote) => quote.quote);
  const taste = createSeededRandom(`${seed}/taste/${assignment.agent}/${assignment.question}/${sha256(body)}`);
  const quality = createSeededRandom(`${seed.split("/")[0]}/quality/${sha256(body)}`);
  const isOwnSide =
    found === undefined ? isSameSide(label, stance.side.label) : sideIn(body, stance.sides) === stance.side;
  const agreement = isOwnSide ? (found === undefined ? AGREEMENT + QUALITY + NOISE : AGREEMENT) : 0;
  const evidence = EVIDENCE * overlap(body, sources.join(" "));
  const kinship = KINSHIP * overlap(body, assignment.own.at(-1) ?? "");
  return agreement + evidence + kinship + QUALITY * quality.next() + NOISE * taste.next();
}

function isSameSide(label: string, side: string): boolean {
  const normal = (value: string): string =>
    value
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, " ")
      .trim();
  return normal(label) === normal(side);
}

const HEADINGS = "response|answer|candidate|option|proposal|position|reply";
/** A line that introduces some label: `Response B:`, `## Option 2`, `C)`, `**gemini**:`. */
const NEXT_LABEL = new RegExp(
  `^[#>*\\s-]*(?:(?:${HEADINGS})\\s+\\S{1,24}?|[A-Z])\\]?\\**\\s*(?:[:.)—–-]+\\s|$)|^\\*\\*[^*\\n]{1,40}\\*\\*\\s*:`,
  "im",
);

/**
 * The text a label introduces: `<answer label="A">…</answer>` with any tag and
 * attribute, or a line `A:`, `Response A:`, `## Option A`, up to the next such line.
 */
export function candidateText(label: string, text: string): string | undefined {
  const escaped = label.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  const block = `<([a-z][\\w-]*)\\b[^<>]*=\\s*["']${escaped}["'][^<>]*>([\\s\\S]*?)</\\1>`;
  const inBlock = [...text.matchAll(new RegExp(block, "gi"))].at(-1)?.[2]?.trim();
  if (inBlock !== undefined) return inBlock;
  const line = `^[#>*\\s-]*(?:(?:${HEADINGS})\\s+)?\\[?${escaped}\\]?\\**\\s*(?:[:.)—–-]+|$)[*\\s]*`;
  const lead = new RegExp(line, "im").exec(text);
  if (lead === null) return undefined;
  const rest = text.slice(lead.index + lead[0].length);
  const body = rest.slice(0, NEXT_LABEL.exec(rest)?.index).trim();
  return body === "" ? undefined : body;
}
