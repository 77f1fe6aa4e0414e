// A prompt cache as vendors keep it: which prefixes of a prompt were seen
// lately, per key and model. It only changes counts, never an answer.
import type { Clock } from "../platform/clock.ts";
import { sha256 } from "../platform/hash.ts";

/** A prompt as its parts in the order the vendor reads them. */
export interface CacheSegment {
  readonly text: string;
  readonly tokens: number;
  /** How long this prefix is kept; a segment without it is no place to cut. */
  readonly keepMs?: number;
}

/** A prompt that was counted once, since counting is most of a call's work. */
export interface MeasuredPrompt {
  readonly segments: readonly CacheSegment[];
  readonly tokens: number;
}

export function measured(segments: readonly CacheSegment[]): MeasuredPrompt {
  return { segments, tokens: segments.reduce((sum, segment) => sum + segment.tokens, 0) };
}

export interface CacheReading {
  readonly readTokens: number;
  /** Newly stored tokens by how long they are kept, in milliseconds. */
  readonly written: ReadonlyMap<number, number>;
}

export interface PromptCache {
  /** Looks up the longest known prefix and stores what is marked to keep. */
  visit(owner: string, segments: readonly CacheSegment[], tokensMin: number): CacheReading;
}

const PREFIXES_MAX = 20_000;

export function createPromptCache(clock: Clock): PromptCache {
  const expiresAtUs = new Map<string, number>();

  function remember(key: string, keepMs: number): void {
    expiresAtUs.delete(key);
    expiresAtUs.set(key, clock.monotonicUs() + keepMs * 1_000);
    if (expiresAtUs.size > PREFIXES_MAX) expiresAtUs.delete(expiresAtUs.keys().next().value as string);
  }

  return {
    visit: (owner, segments, tokensMin) => {
      const written = new Map<number, number>();
      let chain = sha256(owner);
      let tokens = 0;
      let readTokens = 0;
      let storedTokens = 0;
      for (const segment of segments) {
        chain = sha256(`${chain}\n${segment.text}`);
        tokens += segment.tokens;
        if (segment.keepMs === undefined || tokens < tokensMin) continue;
        if ((expiresAtUs.get(chain) ?? -1) > clock.monotonicUs()) {
          readTokens = tokens;
          storedTokens = tokens;
        } else {
          written.set(segment.keepMs, (written.get(segment.keepMs) ?? 0) + tokens - storedTokens);
          storedTokens = tokens;
        }
        remember(chain, segment.keepMs);
      }
      return { readTokens, written };
    },
  };
}
