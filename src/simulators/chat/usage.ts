// Token counts of a chat request, with an automatic prefix cache.
import type { JsonValue } from "../../domain/json.ts";
import { type MeasuredPrompt, measured } from "../prompt-cache.ts";
import { countTokens } from "../tokens.ts";
import type { Incoming } from "../vendor-grammar.ts";
import { type ChatRequest, isObject } from "./messages.ts";

export interface CacheRule {
  readonly tokensMin: number;
  /** Hits are told in multiples of this. */
  readonly unitTokens: number;
  readonly keepMs: number;
}

/** What a message costs beside its text. */
const MESSAGE_TOKENS = 4;
/** What an image or a file costs, however long its base64 is. */
const MEDIA_TOKENS = 300;

export function measureChat(request: ChatRequest, factor: number, { keepMs }: CacheRule): MeasuredPrompt {
  const tools =
    request.tools.length === 0
      ? []
      : [{ text: JSON.stringify(request.tools), tokens: tokensOf(request.tools, factor), keepMs }];
  const messages = request.messages.map(({ raw }) => ({
    text: JSON.stringify(raw),
    tokens: MESSAGE_TOKENS + tokensOf(raw, factor),
    keepMs,
  }));
  return measured([...tools, ...messages]);
}

function tokensOf(value: JsonValue | undefined, factor: number): number {
  if (typeof value === "string") return countTokens(value, factor);
  if (Array.isArray(value)) return value.reduce<number>((sum, item: JsonValue) => sum + tokensOf(item, factor), 0);
  if (!isObject(value)) return 0;
  if (typeof value.type === "string" && /^(?:image_url|video_url|file|input_audio)$/.test(value.type))
    return MEDIA_TOKENS;
  return Object.entries(value).reduce(
    (sum, [key, inner]) => (SILENT_KEYS.has(key) ? sum : sum + tokensOf(inner, factor)),
    0,
  );
}

const SILENT_KEYS = new Set(["role", "type", "id", "tool_call_id"]);

export interface CachedPrompt {
  readonly model: string;
  readonly prompt: MeasuredPrompt;
  readonly rule: CacheRule;
}

/** Cached tokens of this prompt, a multiple of the rule's unit. */
export function cachedTokens({ model, prompt, rule }: CachedPrompt, incoming: Incoming): number {
  const { readTokens } = incoming.cache(model, prompt.segments, rule.tokensMin);
  return Math.floor(readTokens / rule.unitTokens) * rule.unitTokens;
}
