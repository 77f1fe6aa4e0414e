// From a generateContent request that is in order to the reply.
import type { JsonValue } from "../../domain/json.ts";
import { type CacheSegment, type MeasuredPrompt, measured } from "../prompt-cache.ts";
import { composeReply } from "../reply/compose.ts";
import { countTokens, cutToTokens } from "../tokens.ts";
import type { Incoming } from "../vendor-grammar.ts";
import { partOf } from "./continuation.ts";
import type { GeminiModel } from "./models.ts";
import type { GeminiReply } from "./reply.ts";
import { type GeminiRequest, isObject, promptOf } from "./request.ts";
import { signedContent } from "./rules.ts";

const TOKEN_FACTOR = 1.04;
const CACHE_KEEP_MS = 3_600_000;
const MEDIA_TOKENS = 258;

export function measureContents(request: GeminiRequest): MeasuredPrompt {
  const { segments, tokens } = measured(segmentsOf(request));
  return { segments, tokens: Math.max(1, tokens) };
}

export interface GeminiTurn {
  readonly request: GeminiRequest;
  readonly model: GeminiModel;
  readonly prompt: MeasuredPrompt;
}

function segmentsOf({ systemParts, functions, contents }: GeminiRequest): CacheSegment[] {
  const parts: JsonValue[] = [
    ...(systemParts.length > 0 ? [systemParts] : []),
    ...(functions.length > 0 ? [functions] : []),
    ...contents.map((content) => ({ ...content })),
  ];
  return parts.map((part) => ({ text: JSON.stringify(part), tokens: tokensOf(part), keepMs: CACHE_KEEP_MS }));
}

function tokensOf(value: JsonValue | undefined): number {
  if (typeof value === "string") return countTokens(value, TOKEN_FACTOR);
  if (Array.isArray(value)) return value.reduce<number>((sum, item: JsonValue) => sum + tokensOf(item), 0);
  if (!isObject(value)) return 0;
  if (value.inlineData !== undefined || value.fileData !== undefined) return MEDIA_TOKENS;
  return Object.entries(value).reduce((sum, [key, inner]) => (SILENT_KEYS.has(key) ? sum : sum + tokensOf(inner)), 0);
}

const SILENT_KEYS = new Set(["role", "thoughtSignature", "id"]);

/** @throws SchemaUnsupportedError, GeminiShapeError */
export function generateGemini({ request, model, prompt }: GeminiTurn, incoming: Incoming): GeminiReply {
  const { ids, seed, signer, twist } = incoming;
  const written = composeReply(promptOf(request, model.id), seed);
  const thinking = isObject(request.config.thinkingConfig) ? request.config.thinkingConfig : {};
  const token = typeof request.raw.continuationToken === "string" ? request.raw.continuationToken : undefined;
  const isThinking = model.thinking !== "none" && thinking.thinkingBudget !== 0 && token === undefined;
  const { maxOutputTokens } = request.config;
  const outputMax = typeof maxOutputTokens === "number" ? maxOutputTokens : model.outputTokensMax;
  const thought = cutToTokens(isThinking ? written.thinking : "", outputMax, TOKEN_FACTOR);
  const thoughtTokens = Math.min(outputMax, countTokens(thought.text, TOKEN_FACTOR));
  const said = twist === undefined ? stoppedAt(written.text, request) : "";
  const { text, isCut, nextToken } = partOf({
    text: said,
    model: model.id,
    token,
    outputTokensMax: Math.max(0, outputMax - thoughtTokens),
    requestTokensMax: incoming.path.endsWith(":streamGenerateContent") ? model.streamTokensMax : model.wholeTokensMax,
    tokenFactor: TOKEN_FACTOR,
    signer,
  });
  const calls =
    twist === undefined && !thought.cut
      ? written.calls.map((call) => ({
          ...call,
          ...(model.hasCallIds ? { id: ids.token(8, "0123456789abcdefghijklmnopqrstuvwxyz") } : {}),
        }))
      : [];
  const first = calls[0];
  const isSigned = isThinking && (first !== undefined || model.needsSignatures) && twist === undefined;
  const content = signedContent(first === undefined ? {} : { functionCall: { name: first.name } });
  return {
    responseId: ids.token(22),
    model,
    thoughts: thinking.includeThoughts === true ? thought.text : "",
    text,
    calls,
    signature: isSigned ? signer.sign({ vendor: "google", model: model.id, prefix: "", content }) : undefined,
    finishReason: finishReasonOf({ isCut: thought.cut || isCut, isContinued: nextToken !== undefined, twist }),
    ...(nextToken === undefined ? {} : { continuationToken: nextToken }),
    blockReason: request.contents.some(({ parts }) =>
      parts.some((part) => String(part.text ?? "").includes(BLOCK_TRIGGER)),
    )
      ? "PROHIBITED_CONTENT"
      : undefined,
    promptTokens: prompt.tokens,
    cachedTokens: incoming.cache(model.id, prompt.segments, model.cacheTokensMin).readTokens,
    candidateTokens:
      countTokens(text, TOKEN_FACTOR) +
      calls.reduce((sum, call) => sum + countTokens(call.name + JSON.stringify(call.args), TOKEN_FACTOR), 0),
    thoughtTokens,
  };
}

interface End {
  readonly isCut: boolean;
  readonly isContinued: boolean;
  readonly twist: Incoming["twist"];
}

function finishReasonOf({ isCut, isContinued, twist }: End): GeminiReply["finishReason"] {
  if (isContinued) return "CONTINUATION";
  if (isCut) return "MAX_TOKENS";
  return twist === "refusal" ? "SAFETY" : "STOP";
}

/** A prompt with this text is blocked as the vendor blocks one: without candidates. The vendor has no such trigger. */
const BLOCK_TRIGGER = "POLYLOGUE_SIMULATOR_BLOCK_PROMPT";

function stoppedAt(text: string, { config }: GeminiRequest): string {
  const sequences = Array.isArray(config.stopSequences) ? config.stopSequences.map(String) : [];
  const ends = sequences.map((sequence) => text.indexOf(sequence)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}
