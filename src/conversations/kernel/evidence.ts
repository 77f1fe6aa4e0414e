// Evidence: quotations in answers that really occur in an attachment. What is
// recorded is the attachment's own text, byte for byte, never the answer's.
import type { Evidence } from "../../domain/decision.ts";
import type { SetupAttachment } from "../orchestration.ts";
import type { TableAnswer } from "./table.ts";

export const QUOTE_CHARS_MIN = 20;
/** A quotation longer than this is a copy, not evidence. */
export const QUOTE_CHARS_MAX = 2_000;
/** The first so many are recorded, in the order of the answers given. */
export const EVIDENCE_MAX = 64;

export function evidenceIn(
  answers: readonly TableAnswer[],
  attachments: readonly SetupAttachment[],
): readonly Evidence[] {
  const found = new Map<string, Evidence>();
  for (const { agent, messageId, text } of answers) {
    for (const quotation of quotations(text)) {
      for (const { name, text: source } of attachments) {
        const quote = occurrence(quotation, source);
        if (quote === undefined) continue;
        const key = JSON.stringify([agent, name, quote]);
        if (!found.has(key)) found.set(key, { agent, messageId, source: name, quote });
        break;
      }
      if (found.size >= EVIDENCE_MAX) return [...found.values()];
    }
  }
  return [...found.values()];
}

/**
 * Text between “ and ”, and between each two neighbouring straight marks:
 * straight marks do not say which of them opens, so every stretch is a
 * candidate, and only what the source contains is kept.
 */
function quotations(text: string): readonly string[] {
  const curly = [...text.matchAll(/“([^“”]+)”/g)].map((match) => ({ at: match.index, quoted: match[0].slice(1, -1) }));
  const straight = stretches(text);
  return [...curly, ...straight]
    .sort((a, b) => a.at - b.at)
    .map(({ quoted }) => quoted.trim())
    .filter((quoted) => quoted.length >= QUOTE_CHARS_MIN && quoted.length <= QUOTE_CHARS_MAX);
}

function stretches(text: string): { at: number; quoted: string }[] {
  const marks = [...text.matchAll(/"/g)].map((match) => match.index);
  return marks.slice(0, -1).map((at, index) => ({ at, quoted: text.slice(at + 1, marks[index + 1]) }));
}

/** The source's own text for a quotation that differs from it at most in white space or a closing mark. */
function occurrence(quotation: string, source: string): string | undefined {
  for (const candidate of [quotation, quotation.replace(/[\s.,;:…]+$/, "")]) {
    if (candidate.length < QUOTE_CHARS_MIN) return undefined;
    if (source.includes(candidate)) return candidate;
    const words = candidate.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const match = new RegExp(words.join("\\s+"), "u").exec(source);
    if (match !== null) return match[0];
  }
  return undefined;
}
