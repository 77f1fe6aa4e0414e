// Short exact quotations of what a peer said, and the matter a question turns on.
import { keywords, type Quote } from "./sentences.ts";

const QUOTE_WORDS_MIN = 4;
/** At most fourteen words. */
const BEGINNING = /^(?:\S+\s+){0,13}\S+/;

/**
 * The beginning of one of the peer's own sentences, an exact substring cut
 * between words: the second, which usually gives the reason, else the first.
 * Quotation marks are never nested.
 */
export function shortQuote(text: string): string | undefined {
  const own = text.replace(/[“"][^”"]*[”"]?/g, "\n");
  const sentences = own
    .split(/\n|(?<=[.!?])\s+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.split(/\s+/).length >= QUOTE_WORDS_MIN);
  const chosen = sentences[1] ?? sentences[0];
  return BEGINNING.exec(chosen ?? "")?.[0].replace(/[\s,;:.!?–—-]+$/, "");
}

/** Names the matter: keywords that question and best quote share, else the question's own. */
export function sharedClause(question: string, quotes: readonly Quote[]): string {
  const asked = question.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
  const quoted = new Set(keywords(quotes[0]?.quote ?? ""));
  const meaningful = [...new Set(asked)].filter((word) => keywords(word).length > 0);
  const shared = meaningful.filter((word) => keywords(word).some((key) => quoted.has(key)));
  const words = (shared.length > 0 ? shared : meaningful).slice(0, 2);
  return words.length === 0 ? "what can be undone later" : words.join(" and ");
}
