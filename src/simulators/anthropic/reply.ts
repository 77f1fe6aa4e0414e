// An Anthropic message: its content, its usage, and both of its forms on the wire.
import type { JsonObject } from "../../domain/json.ts";
import { createSeededRandom, type Random } from "../../platform/random.ts";
import type { Frame } from "../fault-script.ts";
import { countTokens, tokenPieces } from "../tokens.ts";
import type { ClaudeModel } from "./models.ts";
import type { InputUsage } from "./usage.ts";

export type ReplyBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: JsonObject };

export interface ClaudeReply {
  readonly id: string;
  readonly model: ClaudeModel;
  readonly modelName: string;
  readonly blocks: readonly ReplyBlock[];
  readonly stopReason: "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "refusal";
  readonly stopSequence: string | null;
  readonly input: InputUsage;
  readonly outputTokens: number;
  readonly thinkingTokens: number;
  readonly tellsThinkingTokens: boolean;
}

export function messageJson(reply: ClaudeReply): JsonObject {
  return {
    ...envelope(reply),
    content: reply.blocks.map(blockJson),
    ...stop(reply),
    usage: { ...inputJson(reply), ...outputJson(reply), service_tier: "standard", inference_geo: "global" },
  };
}

function envelope({ id, modelName }: ClaudeReply): JsonObject {
  return { model: modelName, id, type: "message", role: "assistant" };
}

function stop({ stopReason, stopSequence }: Pick<ClaudeReply, "stopReason" | "stopSequence">): JsonObject {
  const refused = {
    type: "refusal",
    category: "general_harms",
    explanation: "The request was declined by the usage policy.",
  };
  return {
    stop_reason: stopReason,
    stop_sequence: stopSequence,
    stop_details: stopReason === "refusal" ? refused : null,
  };
}

function inputJson({ input }: ClaudeReply): JsonObject {
  return {
    input_tokens: input.fresh,
    cache_creation_input_tokens: input.cacheWrite5m + input.cacheWrite1h,
    cache_read_input_tokens: input.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: input.cacheWrite5m, ephemeral_1h_input_tokens: input.cacheWrite1h },
  };
}

function outputJson({ outputTokens, thinkingTokens, tellsThinkingTokens }: ClaudeReply): JsonObject {
  return {
    output_tokens: outputTokens,
    ...(tellsThinkingTokens ? { output_tokens_details: { thinking_tokens: thinkingTokens } } : {}),
  };
}

function blockJson(block: ReplyBlock): JsonObject {
  return block.type === "tool_use" ? { ...block, caller: { type: "direct" } } : { ...block };
}

/** How many bytes of spaces the server puts before an event's last brace: none to this. */
const PADDING_MAX = 16;

interface Writer {
  readonly random: Random;
  readonly frames: Frame[];
}

export function messageFrames(reply: ClaudeReply): Frame[] {
  const writer: Writer = { random: createSeededRandom(`${reply.id}/padding`), frames: [] };
  const message = {
    ...envelope(reply),
    content: [],
    ...stop({ ...reply, stopReason: "end_turn" }),
    stop_reason: null,
    stop_sequence: null,
  };
  const usage = { ...inputJson(reply), output_tokens: 1, service_tier: "standard", inference_geo: "global" };
  write(writer, { type: "message_start", message: { ...message, usage } }, 0);
  if (reply.blocks.length === 0) ping(writer);
  for (const [index, block] of reply.blocks.entries()) writeBlock(writer, block, index);
  const { cache_creation: _, ...input } = inputJson(reply);
  write(writer, { type: "message_delta", delta: stop(reply), usage: { ...input, ...outputJson(reply) } }, 0);
  write(writer, { type: "message_stop" }, 0);
  return writer.frames;
}

function writeBlock(writer: Writer, block: ReplyBlock, index: number): void {
  write(writer, { type: "content_block_start", index, content_block: emptied(block) }, 0);
  if (index === 0 || writer.random.next() < 0.1) ping(writer);
  for (const delta of deltasOf(block)) {
    write(writer, { type: "content_block_delta", index, delta: delta.delta }, delta.tokens);
  }
  write(writer, { type: "content_block_stop", index }, 0);
}

function emptied(block: ReplyBlock): JsonObject {
  if (block.type === "thinking") return { type: "thinking", thinking: "", signature: "" };
  if (block.type === "text") return { type: "text", text: "" };
  return block.type === "tool_use" ? { ...blockJson(block), input: {} } : { ...block };
}

interface Delta {
  readonly delta: JsonObject;
  readonly tokens: number;
}

/** Pieces of a text that travel in one event: Claude sends several tokens at a time. */
const PIECES_PER_EVENT = 4;

function deltasOf(block: ReplyBlock): Delta[] {
  switch (block.type) {
    case "thinking":
      return [
        ...chunks(block.thinking).map((thinking) => ({
          delta: { type: "thinking_delta", thinking },
          tokens: countTokens(thinking),
        })),
        { delta: { type: "signature_delta", signature: block.signature }, tokens: 0 },
      ];
    case "text":
      return chunks(block.text).map((text) => ({ delta: { type: "text_delta", text }, tokens: countTokens(text) }));
    case "tool_use":
      return ["", ...(Object.keys(block.input).length === 0 ? [] : chunks(JSON.stringify(block.input)))].map(
        (json) => ({
          delta: { type: "input_json_delta", partial_json: json },
          tokens: countTokens(json),
        }),
      );
    case "redacted_thinking":
      return [];
  }
}

function chunks(text: string): string[] {
  const pieces = tokenPieces(text);
  const made: string[] = [];
  for (let at = 0; at < pieces.length; at += PIECES_PER_EVENT)
    made.push(pieces.slice(at, at + PIECES_PER_EVENT).join(""));
  return made;
}

function ping({ frames }: Writer): void {
  frames.push({ text: 'event: ping\ndata: {"type": "ping"}\n\n', tokens: 0, isContent: false });
}

/** Whatever took tokens to make is content. */
function write({ frames, random }: Writer, event: JsonObject, tokens: number): void {
  const json = JSON.stringify(event);
  const padded = `${json.slice(0, -1)}${" ".repeat(random.integer(PADDING_MAX))}}`;
  frames.push({ text: `event: ${String(event.type)}\ndata: ${padded}\n\n`, tokens, isContent: tokens > 0 });
}

export function errorFrame(type: string, message: string): string {
  return `event: error\ndata: ${JSON.stringify({ type: "error", error: { type, message } })}\n\n`;
}
