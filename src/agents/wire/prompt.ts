// History to prompt: the projection's turns as the provider libraries take
// them, with opaque blocks put back into the agent's own turns.
import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import type { JsonValue } from "../../domain/json.ts";
import type { Part, ToolResultPart } from "../../domain/part.ts";
import { textOf } from "../../domain/part.ts";
import type { AgentRequest, HistoryTurn } from "../agent.ts";
import type { ModelPolicy } from "../policy.ts";
import { callIdFor } from "./call-id.ts";
import { type OpaqueBlock, readOpaque } from "./opaque.ts";
import type { Wire } from "./wire.ts";

type AssistantContent = Extract<LanguageModelV4Message, { role: "assistant" }>["content"];
type ToolMessage = Extract<LanguageModelV4Message, { role: "tool" }>;

/** The request must have passed `validateRequest`. */
export function promptOf(request: AgentRequest, policy: ModelPolicy, wire: Wire): LanguageModelV4Prompt {
  const { system, history } = request;
  const openFrom = firstOpenTurn(history);
  const lastWords = formatRequest(request, policy, wire);
  return [
    ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
    ...history.flatMap((turn, index): LanguageModelV4Message[] => {
      if (turn.role === "user") return userMessages(turn, policy, index === history.length - 1 ? lastWords : undefined);
      const content = assistantContent(turn, { policy, wire, isOpen: index >= openFrom });
      return content.length === 0 ? [] : [{ role: "assistant", content }];
    }),
  ];
}

/** An answer format that the wire cannot state itself is the last thing the model reads. */
function formatRequest({ answerFormat }: AgentRequest, policy: ModelPolicy, wire: Wire): string | undefined {
  const inWords = policy.json === "words" || (policy.json === "object" && !wire.injectsSchema);
  if (answerFormat === undefined || !inWords) return undefined;
  const { schema } = answerFormat;
  const kind = schema.type === "object" ? "object" : "value";
  return `Answer with one JSON ${kind} and nothing else: no fence, no comment. It must conform to this JSON Schema:\n${JSON.stringify(schema)}`;
}

/** Results of tools stand before whatever else was said, as every vendor wants them. */
function userMessages(turn: HistoryTurn, policy: ModelPolicy, lastWords: string | undefined): LanguageModelV4Message[] {
  const results = turn.parts.filter((part) => part.type === "tool-result");
  const texts = [...turn.parts.flatMap(userText), ...(lastWords === undefined ? [] : [lastWords])];
  const text = texts.join("\n\n");
  const messages: LanguageModelV4Message[] = [];
  if (results.length > 0) messages.push({ role: "tool", content: results.map((part) => toolResult(part, policy)) });
  if (text !== "") messages.push({ role: "user", content: [{ type: "text", text }] });
  return messages;
}

/** What a part says to its reader; reasoning is nobody else's business. */
function userText(part: Part): string[] {
  switch (part.type) {
    case "text":
      return [part.text];
    case "data":
      return [JSON.stringify(part.value)];
    case "attachment":
      return [attachmentText(part.name, part.mediaType, part.text)];
    case "reasoning":
    case "tool-call":
    case "tool-result":
      return [];
  }
}

function attachmentText(name: string, mediaType: string, text: string): string {
  return `<attachment name=${JSON.stringify(name)} type=${JSON.stringify(mediaType)}>\n${text}\n</attachment>`;
}

function toolResult(part: ToolResultPart, policy: ModelPolicy): ToolMessage["content"][number] {
  return {
    type: "tool-result",
    toolCallId: callIdFor(part.callId, policy),
    toolName: part.tool,
    output: toolOutput(part.output, part.isError),
  };
}

function toolOutput(output: JsonValue, isError: boolean) {
  if (typeof output === "string") {
    return { type: isError ? ("error-text" as const) : ("text" as const), value: output };
  }
  return { type: isError ? ("error-json" as const) : ("json" as const), value: mutableJson(output) };
}

/** A turn is open while every user turn after it brings tool results only. */
function firstOpenTurn(history: readonly HistoryTurn[]): number {
  const isAnswered = (turn: HistoryTurn): boolean =>
    turn.role === "user" && !turn.parts.some((part) => part.type === "tool-result");
  return history.findLastIndex(isAnswered) + 1;
}

interface OwnTurn {
  readonly policy: ModelPolicy;
  readonly wire: Wire;
  readonly isOpen: boolean;
}

function assistantContent(turn: HistoryTurn, { policy, wire, isOpen }: OwnTurn): AssistantContent {
  const echoes = policy.reasoningEcho === "open-turn" ? isOpen : policy.reasoningEcho !== "strip";
  const isSigned = ({ providerOptions }: OpaqueBlock): boolean => providerOptions?.[wire.namespace] !== undefined;
  // Thinking that broke off before its signature came would be refused.
  const isWelcome = (block: OpaqueBlock): boolean => echoes && (policy.signatures !== "reasoning" || isSigned(block));
  const kept = ownBlocks(turn).filter((block) => block.type !== "reasoning" || isWelcome(block));
  if (policy.reasoningEcho === "empty-string" && !kept.some((block) => block.type === "reasoning")) {
    kept.unshift({ type: "reasoning", text: "" });
  }
  const calls = kept.filter((block) => block.type === "tool-call");
  const needsMark = policy.signatures === "tool-calls" && !calls.some(isSigned);
  return kept.map((block) => {
    if (block.type !== "tool-call") return block;
    const mark = needsMark && block === calls[0] ? wire.unsignedCall : undefined;
    return { ...block, ...mark, toolCallId: callIdFor(block.toolCallId, policy) };
  });
}

/** The vendor's own blocks where they still say what the turn says; else the turn's parts. */
function ownBlocks(turn: HistoryTurn): OpaqueBlock[] {
  const opaque = turn.opaque === undefined ? undefined : readOpaque(turn.opaque);
  if (opaque !== undefined && spokenText(opaque.blocks) === textOf(turn.parts)) return [...opaque.blocks];
  return turn.parts.flatMap(ownBlock);
}

/** Joined as in the parts of `done`: neighbouring text blocks are one part. */
function spokenText(blocks: readonly OpaqueBlock[]): string {
  const texts: string[] = [];
  let isAdjacent = false;
  for (const block of blocks) {
    if (block.type === "text" && isAdjacent) texts.push((texts.pop() ?? "") + block.text);
    else if (block.type === "text") texts.push(block.text);
    isAdjacent = block.type === "text";
  }
  return texts.filter((text) => text !== "").join("\n\n");
}

function ownBlock(part: Part): OpaqueBlock[] {
  switch (part.type) {
    case "text":
      return part.text === "" ? [] : [{ type: "text", text: part.text }];
    case "data":
      return [{ type: "text", text: JSON.stringify(part.value) }];
    case "attachment":
      return [{ type: "text", text: attachmentText(part.name, part.mediaType, part.text) }];
    case "tool-call":
      return [{ type: "tool-call", toolCallId: part.callId, toolName: part.tool, input: mutableJson(part.input) }];
    case "reasoning":
    case "tool-result":
      return [];
  }
}

/** The libraries' JSON type is the same, but not read-only. */
function mutableJson(value: JsonValue): MutableJson {
  return value as MutableJson;
}
type MutableJson = null | string | number | boolean | MutableJson[] | { [key: string]: MutableJson | undefined };
