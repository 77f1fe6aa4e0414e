// How many tokens a text has, offline: OpenAI's o200k vocabulary times a factor
// per model family, and a rule of thumb until that vocabulary is loaded.
import type { TokenFamily } from "../policy.ts";

/**
 * o200k tokens to the family's own, as medians over 220 recorded replies
 * (November 2026); claude-new is the tokenizer from Opus 4.7 on.
 */
export const FAMILY_FACTORS: Readonly<Record<TokenFamily, number>> = {
  gpt: 1.02,
  "gpt-5": 1.08,
  claude: 1.12,
  "claude-new": 1.43,
  gemini: 1.04,
  deepseek: 1.02,
  mistral: 1.05,
  other: 1.2,
};

/** Counts o200k tokens. */
export type Tokenizer = (text: string) => number;

export interface TokenCounter {
  /** An integer ≥ 0. Exact vocabularies are never needed: usage calibrates the rest. */
  count(text: string, family: TokenFamily): number;
  /** Resolves when the vocabulary is loaded, or could not be; starts loading on the first call. */
  load(): Promise<void>;
}

/** Longer texts are counted by a sample of this length, so that one attachment never blocks the program. */
const SAMPLE_CHARS = 100_000;
/**
 * A text is counted in pieces of at most this length: merging pairs takes the
 * square of the longest run without a blank, which may be all of a text. A
 * piece ends before a blank where it has one, so that prose is counted exactly;
 * elsewhere a cut adds a token at most.
 */
export const PIECE_CHARS_MAX = 512;
/** Counting again what was just counted is the rule: every turn resends the history. */
const REMEMBERED_TEXTS_MAX = 256;
const REMEMBERED_CHARS_MIN = 500;

export function createTokenCounter(loadTokenizer: () => Promise<Tokenizer> = loadO200k): TokenCounter {
  let tokenizer: Tokenizer = roughTokens;
  let loading: Promise<void> | undefined;
  const remembered = new Map<string, number>();

  function baseTokens(text: string): number {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const sample = text.length <= SAMPLE_CHARS ? text : text.slice(0, SAMPLE_CHARS);
    const counted = piecesOf(sample).reduce((sum, piece) => sum + tokenizer(piece), 0);
    const tokens = sample === "" ? 0 : Math.ceil((counted * text.length) / sample.length);
    if (text.length >= REMEMBERED_CHARS_MIN) remember(text, tokens);
    return tokens;
  }

  function remember(text: string, tokens: number): void {
    const oldest = remembered.keys().next();
    if (remembered.size >= REMEMBERED_TEXTS_MAX && oldest.done !== true) remembered.delete(oldest.value);
    remembered.set(text, tokens);
  }

  async function start(): Promise<void> {
    const loaded = await loadTokenizer().catch(() => undefined);
    if (loaded === undefined) return;
    tokenizer = loaded;
    remembered.clear();
  }

  return {
    count: (text, family) => Math.ceil(baseTokens(text) * FAMILY_FACTORS[family]),
    load: () => {
      loading ??= start();
      return loading;
    },
  };
}

function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    const window = text.slice(start, start + PIECE_CHARS_MAX);
    const isLast = start + window.length === text.length;
    const piece = isLast ? window : window.slice(0, cutIn(window));
    pieces.push(piece);
    start += piece.length;
  }
  return pieces;
}

/** Before the last blank; without one at its end, but never between the halves of one character. */
function cutIn(window: string): number {
  const blank = window.lastIndexOf(" ");
  if (blank > 0) return blank;
  const isHalf = /[\uD800-\uDBFF]$/.test(window);
  return isHalf ? window.length - 1 : window.length;
}

/** Of Latin script, for whoever must guess. */
export const CHARS_PER_TOKEN = 4;

/** Latin letters by their number; other scripts by their bytes, of which a token holds about two. */
export function roughTokens(text: string): number {
  const bytes = Buffer.byteLength(text);
  const others = bytes - asciiCount(text);
  return Math.ceil((bytes - others) / CHARS_PER_TOKEN + others / 2);
}

function asciiCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) < 128) count++;
  return count;
}

async function loadO200k(): Promise<Tokenizer> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  // Text that looks like a control token is text: nobody may smuggle one in.
  return (text) => countTokens(text, { disallowedSpecial: new Set<string>() });
}
