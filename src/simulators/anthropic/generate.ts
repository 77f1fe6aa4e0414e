// From a Messages request that is in order to the message that answers it.

import type { MeasuredPrompt } from "../prompt-cache.ts";
import { composeReply } from "../reply/compose.ts";
import type { ModelReply } from "../reply/prompt.ts";
import { countTokens, cutToTokens } from "../tokens.ts";
import type { Incoming } from "../vendor-grammar.ts";
import type { ClaudeModel } from "./models.ts";
import type { ClaudeReply, ReplyBlock } from "./reply.ts";
import { type ClaudeRequest, mergedTurns, promptOf, textOf } from "./request.ts";
import { prefixOf, signedBy } from "./thinking.ts";
import { inputUsage } from "./usage.ts";

/** Texts by which Anthropic lets clients try the paths that are rare. */
const REDACTED_TRIGGER = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING";
const REFUSAL_TRIGGER = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL";

type Ending = Pick<ClaudeReply, "stopReason" | "stopSequence">;

export interface ClaudeTurn {
  readonly request: ClaudeRequest;
  readonly model: ClaudeModel;
  readonly input: MeasuredPrompt;
}

/** @throws SchemaUnsupportedError */
export function generateClaude({ request, model, input }: ClaudeTurn, incoming: Incoming): ClaudeReply {
  const written = composeReply({ ...promptOf(request), model: model.id }, incoming.seed);
  const { blocks, ending } = isRefused(request, incoming) ? REFUSED : contentOf({ request, model, incoming, written });
  const thought = blocks.filter((block) => block.type === "thinking").map((block) => block.thinking);
  const thinkingTokens = blocks.some((block) => block.type === "thinking")
    ? countTokens(thought.join("") || written.thinking, model.tokenFactor)
    : 0;
  return {
    id: `msg_01${incoming.ids.token(22)}`,
    model,
    modelName: model.id,
    blocks,
    ...ending,
    input: inputUsage(input.tokens, incoming.cache(model.id, input.segments, model.cacheTokensMin)),
    outputTokens: Math.max(1, thinkingTokens + visibleTokens(blocks, model)),
    thinkingTokens,
    tellsThinkingTokens: model.tellsThinkingTokens || request.thinking !== undefined,
  };
}

const REFUSED: { blocks: ReplyBlock[]; ending: Ending } = {
  blocks: [],
  ending: { stopReason: "refusal", stopSequence: null },
};

function lastUserText(request: ClaudeRequest): string {
  return textOf(request.messages.findLast((message) => message.role === "user")?.content ?? []);
}

function isRefused(request: ClaudeRequest, { twist }: Incoming): boolean {
  return twist === "refusal" || lastUserText(request).includes(REFUSAL_TRIGGER);
}

function visibleTokens(blocks: readonly ReplyBlock[], { tokenFactor }: ClaudeModel): number {
  return blocks.reduce((sum, block) => {
    if (block.type === "text") return sum + countTokens(block.text, tokenFactor);
    return block.type === "tool_use"
      ? sum + countTokens(`${block.name} ${JSON.stringify(block.input)}`, tokenFactor)
      : sum;
  }, 0);
}

interface Writing {
  readonly request: ClaudeRequest;
  readonly model: ClaudeModel;
  readonly incoming: Incoming;
  readonly written: ModelReply;
}

function contentOf(writing: Writing): { blocks: ReplyBlock[]; ending: Ending } {
  const { request, model, incoming, written } = writing;
  if (incoming.twist === "emptyAnswer" || request.maxTokens === 0) {
    return {
      blocks: [],
      ending: { stopReason: request.maxTokens === 0 ? "max_tokens" : "end_turn", stopSequence: null },
    };
  }
  const thinking = thinkingBlocks(writing);
  const tools: ReplyBlock[] = written.calls.map((call) => ({
    type: "tool_use",
    id: `toolu_01${incoming.ids.token(22)}`,
    name: call.name,
    input: call.args,
  }));
  if (tools.length > 0)
    return { blocks: [...thinking, ...tools], ending: { stopReason: "tool_use", stopSequence: null } };
  const spent = thinking.reduce(
    (sum, block) => sum + (block.type === "thinking" ? countTokens(block.thinking, model.tokenFactor) : 0),
    0,
  );
  const { text, ending } = endedText(writing, Math.max(0, (request.maxTokens ?? 0) - spent));
  return { blocks: text === "" ? thinking : [...thinking, { type: "text", text }], ending };
}

/** The earliest stop sequence or the output limit ends the text. */
function endedText({ request, model, written }: Writing, tokensMax: number): { text: string; ending: Ending } {
  const stops = request.stopSequences
    .map((sequence) => ({ sequence, at: written.text.indexOf(sequence) }))
    .filter(({ at }) => at >= 0);
  const first = stops.sort((a, b) => a.at - b.at)[0];
  const whole = first === undefined ? written.text : written.text.slice(0, first.at);
  const { text, cut } = cutToTokens(whole, tokensMax, model.tokenFactor);
  if (cut) return { text, ending: { stopReason: "max_tokens", stopSequence: null } };
  if (first !== undefined) return { text, ending: { stopReason: "stop_sequence", stopSequence: first.sequence } };
  return { text, ending: { stopReason: "end_turn", stopSequence: null } };
}

function thinkingBlocks({ request, model, incoming, written }: Writing): ReplyBlock[] {
  const prefix = prefixOf(request, mergedTurns(request.messages));
  const sign = (content: string): string => incoming.signer.sign(signedBy(model, prefix, content));
  if (!isThinkingOn(request, model)) return [];
  if (lastUserText(request).includes(REDACTED_TRIGGER)) return [{ type: "redacted_thinking", data: sign("redacted") }];
  const isShown = model.omitsThinking
    ? request.thinking?.display === "summarized"
    : request.thinking?.display !== "omitted";
  const thinking = isShown ? written.thinking : "";
  return [{ type: "thinking", thinking, signature: sign(thinking) }];
}

/** `between_tools` thinks only after a tool's result. */
function isThinkingOn({ thinking, messages, effort, toolChoice }: ClaudeRequest, model: ClaudeModel): boolean {
  const isForced = toolChoice.kind === "required" || toolChoice.kind === "named";
  if (thinking?.type === "disabled" || isForced) return false;
  if (thinking?.type === "between_tools")
    return messages.at(-1)?.content.some((block) => block.type === "tool_result") === true;
  return thinking !== undefined ? model.thinking.length > 0 : model.thinksByDefault && effort !== "low";
}
