// Token counts of a Messages call, with its prompt cache.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import { type CacheReading, type CacheSegment, type MeasuredPrompt, measured } from "../prompt-cache.ts";
import { countTokens } from "../tokens.ts";
import { type ClaudeRequest, isObject } from "./request.ts";

/** What a request costs beside its text. */
const OVERHEAD_TOKENS = 4;
const FIVE_MINUTES_MS = 300_000;
const HOUR_MS = 3_600_000;

export interface InputUsage {
  readonly total: number;
  readonly fresh: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
}

export function measureInput(request: ClaudeRequest, factor: number): MeasuredPrompt {
  const { segments, tokens } = measured(segmentsOf(request, factor));
  return { segments, tokens: OVERHEAD_TOKENS + tokens };
}

function segmentsOf(request: ClaudeRequest, factor: number): CacheSegment[] {
  const { tools, raw, messages } = request;
  const parts: JsonValue[] = [
    ...(tools.length > 0 ? [tools] : []),
    ...(raw.system === undefined ? [] : [raw.system]),
    ...messages.map(({ role, content }) => ({ role, content })),
  ];
  const automatic = isObject(raw.cache_control) ? keepMsOf(raw.cache_control) : undefined;
  return parts.map((part, index) => {
    const keepMs = markOf(part) ?? (index === parts.length - 1 ? automatic : undefined);
    return { text: unmarked(part), tokens: tokensOf(part, factor), ...(keepMs === undefined ? {} : { keepMs }) };
  });
}

function keepMsOf(mark: JsonObject): number {
  return mark.ttl === "1h" ? HOUR_MS : FIVE_MINUTES_MS;
}

/** The last cache mark inside a part. */
function markOf(part: JsonValue | undefined): number | undefined {
  if (Array.isArray(part)) return part.map(markOf).findLast((mark) => mark !== undefined);
  if (!isObject(part)) return undefined;
  return isObject(part.cache_control) ? keepMsOf(part.cache_control) : markOf(part.content);
}

function unmarked(part: JsonValue): string {
  return JSON.stringify(part, (key, value: unknown) => (key === "cache_control" ? undefined : value));
}

/** Binary data counts as little as the vendor counts an image, however long its base64 is. */
const DATA_TOKENS = 300;

function tokensOf(part: JsonValue | undefined, factor: number): number {
  if (typeof part === "string") return countTokens(part, factor);
  if (Array.isArray(part)) return part.reduce<number>((sum, item: JsonValue) => sum + tokensOf(item, factor), 0);
  if (!isObject(part)) return part === undefined ? 0 : 1;
  if (part.type === "base64") return DATA_TOKENS;
  return Object.entries(part).reduce(
    (sum, [key, value]) => (SILENT_KEYS.has(key) ? sum : sum + tokensOf(value, factor)),
    1,
  );
}

/** Parts of a block the model does not read as text. */
const SILENT_KEYS = new Set(["type", "role", "id", "tool_use_id", "signature", "data", "cache_control"]);

export function inputUsage(total: number, reading: CacheReading): InputUsage {
  const cacheWrite5m = reading.written.get(FIVE_MINUTES_MS) ?? 0;
  const cacheWrite1h = reading.written.get(HOUR_MS) ?? 0;
  const cacheRead = reading.readTokens;
  return { total, cacheRead, cacheWrite5m, cacheWrite1h, fresh: total - cacheRead - cacheWrite5m - cacheWrite1h };
}
