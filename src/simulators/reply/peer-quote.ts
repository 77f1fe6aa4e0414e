// Short exact quotations of what a peer said, and the matter a question turns on.
import { keywords, type Quote } from "./sentences.ts";

const QUOTE_WORDS_MAX = 14;

/** The beginning of the peer's first own sentence, cut between words; quotation marks are never nested. */
export function shortQuote(text: string): string | undefined {
  const own = text.replace(/[“"][^”"]*[”"]?/g, "\n");
  for (const part of own.split(/\n|(?<=[.!?])\s+/)) {
    const words = part.trim().split(/\s+/).filter(Boolean);
    if (words.length < 4) continue;
    return words
      .slice(0, QUOTE_WORDS_MAX)
      .join(" ")
      .replace(/[\s,;:.!?–—-]+$/, "");
  }
  return undefined;
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
