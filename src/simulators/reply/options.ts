// The options between which a question asks to choose.
import { gerundPhrase, isVerb } from "./grammar.ts";

const OPTION_WORDS_MAX = 8;

/** "Should we use A or B?", "A, B, or C?", "A vs B". Empty when the question offers no choice. */
export function optionsOf(question: string): string[] {
  const text = question.replace(/[?.!]+\s*$/, "").trim();
  if (/\bor not\b|\boder nicht\b/i.test(text)) return [];
  const separated = text.split(/\s*(?:,\s*or\s+|\s+(?:or|oder)\s+|\s+vs\.?\s+|\s+versus\s+)\s*/i);
  if (separated.length < 2) return [];
  const options = (coursesOf(separated) ?? thingsOf(separated)).map((option) => option.trim());
  const isSane = options.every((option) => option !== "" && option.split(/\s+/).length <= OPTION_WORDS_MAX);
  return isSane && new Set(options.map((option) => option.toLowerCase())).size === options.length ? options : [];
}

const BEFORE_A_COURSE =
  /^.*?\b(?:(?:should|shall|must|can|could|do|will|would)\s+(?:we|i|you|they|one|it|(?:this|the|our|my|a)\s+\S+)|(?:better|best|wiser|easier|wise) to)\s+/i;

/** Options that each start with a verb, as nouns: "rewrite it or keep it" → rewriting it, keeping it. */
function coursesOf(separated: readonly string[]): string[] | undefined {
  const head = separated[0] as string;
  if (!BEFORE_A_COURSE.test(head)) return undefined;
  const courses = [head.replace(BEFORE_A_COURSE, ""), ...separated.slice(1)].map((part) => part.replace(/^to\s+/i, ""));
  const start = (course: string): string => course.trim().split(/\s+/)[0] as string;
  return courses.every((course) => isVerb(start(course)))
    ? courses.map((course) => gerundPhrase(course.trim()))
    : undefined;
}

function thingsOf(separated: readonly string[]): string[] {
  const last = separated.at(-1) as string;
  const firsts = separated.slice(0, -1).flatMap((part) => part.split(/\s*,\s*/));
  const head = firsts[0] as string;
  return [trimmedHead(head, last), ...firsts.slice(1), trimmedTail(last)];
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
  return last
    .replace(/\s+(?:for|in|on|when|if|to|as|with|at|by|here|now|für|als|im|in)\b.*$/i, "")
    .replace(/\s+(?:verwenden|benutzen|nutzen|nehmen|einsetzen|wählen)$/i, "");
}
