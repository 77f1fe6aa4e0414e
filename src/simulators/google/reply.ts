// A generateContent reply, whole, as server-sent events, and as one JSON array.
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { Frame } from "../fault-script.ts";
import { tokenPieces } from "../tokens.ts";
import type { GeminiModel } from "./models.ts";

export interface GeminiReply {
  readonly responseId: string;
  readonly model: GeminiModel;
  /** Shown thoughts; empty when none are wanted. */
  readonly thoughts: string;
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly args: JsonObject; readonly id?: string }[];
  /** For the first call, or else for the text. */
  readonly signature: string | undefined;
  readonly finishReason: "STOP" | "MAX_TOKENS" | "SAFETY" | "CONTINUATION";
  /** With `CONTINUATION`: what the next request sends back. */
  readonly continuationToken?: string;
  readonly blockReason: "PROHIBITED_CONTENT" | undefined;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly candidateTokens: number;
  readonly thoughtTokens: number;
}

interface Chunk {
  readonly parts: readonly JsonObject[];
  readonly tokens: number;
  readonly isThought?: boolean;
  readonly finishReason?: string;
}

export function wholeJson(reply: GeminiReply): JsonObject {
  if (reply.blockReason !== undefined) return blocked(reply);
  const parts = [...thoughtParts(reply), ...callParts(reply), ...textParts(reply)];
  const chunk = { parts, tokens: reply.candidateTokens, finishReason: reply.finishReason };
  const whole = response(reply, chunk, reply.candidateTokens);
  return reply.model.isOldFormat ? { ...whole, candidates: withLogProbability(whole.candidates) } : whole;
}

/** Told in whole replies only. */
const AVERAGE_LOG_PROBABILITY = -0.0123;

function withLogProbability(candidates: JsonValue | undefined): JsonValue {
  return (candidates as readonly JsonObject[]).map((candidate) => ({
    ...candidate,
    avgLogprobs: AVERAGE_LOG_PROBABILITY,
  }));
}

function blocked(reply: GeminiReply): JsonObject {
  return {
    promptFeedback: { blockReason: reply.blockReason },
    usageMetadata: {
      promptTokenCount: reply.promptTokens,
      totalTokenCount: reply.promptTokens,
      promptTokensDetails: textDetails(reply.promptTokens),
    },
    modelVersion: reply.model.id,
    responseId: reply.responseId,
  };
}

function textDetails(tokenCount: number): JsonValue {
  return [{ modality: "TEXT", tokenCount }];
}

function thoughtParts({ thoughts }: GeminiReply): JsonObject[] {
  return thoughts === "" ? [] : [{ text: thoughts, thought: true }];
}

function callParts({ calls, signature }: GeminiReply): JsonObject[] {
  return calls.map(({ name, args, id }, index) => ({
    functionCall: { name, args, ...(id === undefined ? {} : { id }) },
    ...(index === 0 && signature !== undefined ? { thoughtSignature: signature } : {}),
  }));
}

function textParts({ text, calls, signature }: GeminiReply): JsonObject[] {
  if (text === "") return [];
  return [{ text, ...(calls.length === 0 && signature !== undefined ? { thoughtSignature: signature } : {}) }];
}

function response(reply: GeminiReply, chunk: Chunk, candidateTokens: number): JsonObject {
  const isCalling =
    chunk.finishReason !== undefined &&
    reply.calls.length > 0 &&
    chunk.parts.some((part) => part.functionCall !== undefined);
  const candidate = {
    content: { ...(chunk.parts.length > 0 ? { parts: chunk.parts } : {}), role: "model" },
    ...(chunk.finishReason === undefined ? {} : { finishReason: chunk.finishReason }),
    ...(chunk.finishReason === "CONTINUATION" && reply.continuationToken !== undefined
      ? { continuationToken: reply.continuationToken }
      : {}),
    ...(reply.model.isOldFormat ? {} : { index: 0 }),
    ...(isCalling && reply.model.thinking !== "none" ? { finishMessage: "Model generated function call(s)." } : {}),
  };
  return {
    candidates: [candidate],
    usageMetadata: usageJson(reply, candidateTokens),
    modelVersion: reply.model.id,
    responseId: reply.responseId,
  };
}

/** Counts are cumulative; a count of zero is left out. */
function usageJson(reply: GeminiReply, candidateTokens: number): JsonObject {
  const { promptTokens, cachedTokens, thoughtTokens, model } = reply;
  return {
    promptTokenCount: promptTokens,
    ...(candidateTokens > 0 ? { candidatesTokenCount: candidateTokens } : {}),
    totalTokenCount: promptTokens + candidateTokens + thoughtTokens,
    ...(cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens } : {}),
    promptTokensDetails: textDetails(promptTokens),
    ...(cachedTokens > 0 ? { cacheTokensDetails: textDetails(cachedTokens) } : {}),
    ...(model.isOldFormat && candidateTokens > 0 ? { candidatesTokensDetails: textDetails(candidateTokens) } : {}),
    ...(thoughtTokens > 0 ? { thoughtsTokenCount: thoughtTokens } : {}),
    ...(model.isOldFormat ? {} : { serviceTier: "standard" }),
  };
}

/** Gemini sends long chunks. */
const PIECES_PER_CHUNK = 14;

function chunksOf(reply: GeminiReply): Chunk[] {
  const thoughts = split(reply.thoughts).map(({ text, tokens }) => ({
    parts: [{ text, thought: true }],
    tokens,
    isThought: true,
  }));
  const calls = callParts(reply);
  if (calls.length > 0) {
    const last = { finishReason: reply.finishReason, tokens: 0 };
    const all = { parts: calls, tokens: reply.candidateTokens };
    return reply.model.needsSignatures
      ? [...thoughts, all, { ...last, parts: [{ text: "" }] }]
      : [...thoughts, { ...all, finishReason: reply.finishReason }];
  }
  const texts: Chunk[] = split(reply.text).map(({ text, tokens }) => ({ parts: [{ text }], tokens }));
  if (reply.signature !== undefined) {
    return [
      ...thoughts,
      ...texts,
      { parts: [{ text: "", thoughtSignature: reply.signature }], tokens: 0, finishReason: reply.finishReason },
    ];
  }
  const last = texts.pop() ?? { parts: [], tokens: 0 };
  return [...thoughts, ...texts, { ...last, finishReason: reply.finishReason }];
}

function split(text: string): { text: string; tokens: number }[] {
  const pieces = tokenPieces(text);
  const made: { text: string; tokens: number }[] = [];
  for (let at = 0; at < pieces.length; at += PIECES_PER_CHUNK) {
    const part = pieces.slice(at, at + PIECES_PER_CHUNK);
    made.push({ text: part.join(""), tokens: part.length });
  }
  return made;
}

/** Every chunk as a complete response. */
function responses(reply: GeminiReply): { json: JsonObject; chunk: Chunk }[] {
  if (reply.blockReason !== undefined) return [{ json: blocked(reply), chunk: { parts: [], tokens: 0 } }];
  const chunks = chunksOf(reply);
  let sent = 0;
  return chunks.map((chunk, index) => {
    sent =
      index === chunks.length - 1
        ? reply.candidateTokens
        : Math.min(reply.candidateTokens, sent + (chunk.isThought === true ? 0 : chunk.tokens));
    return { json: response(reply, chunk, sent), chunk };
  });
}

/** Carriage returns, a space after each colon, and no terminator: the end is the end of the connection. */
export function eventFrames(reply: GeminiReply): Frame[] {
  return responses(reply).map(({ json, chunk }) => ({
    text: `data: ${spaced(json)}\r\n\r\n`,
    tokens: chunk.tokens,
    isContent: chunk.tokens > 0,
  }));
}

/** Without `alt=sse` the stream is the pieces of one JSON array. */
export function arrayFrames(reply: GeminiReply): Frame[] {
  const all = responses(reply);
  return all.map(({ json, chunk }, index) => ({
    text: `${index === 0 ? "[" : ",\r\n"}${JSON.stringify(json, null, 2)}${index === all.length - 1 ? "\n]\n" : ""}`,
    tokens: chunk.tokens,
    isContent: chunk.tokens > 0,
  }));
}

/** JSON with a space after each colon and none after a comma, as Google prints it. */
export function spaced(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => spaced(item)).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`).join(",")}}`;
}
