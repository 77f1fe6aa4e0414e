// What a model has said so far: stream parts in, our events out, and at the
// end the parts of the message and the blocks that must come back.
import type { JSONValue, LanguageModelV4StreamPart, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { JsonValue } from "../../domain/json.ts";
import type { Part } from "../../domain/part.ts";
import type { AgentEvent } from "../agent.ts";
import { parseJson } from "../json-shape.ts";
import type { OpaqueBlock } from "./opaque.ts";

export interface Transcript {
  /** The event that the part stands for; undefined where it is none of ours. */
  apply(part: LanguageModelV4StreamPart): AgentEvent | undefined;
  /** Neighbouring texts of one kind are one part; empty ones are left out. */
  parts(): readonly Part[];
  blocks(): readonly OpaqueBlock[];
  /** UTF-16 units of all that was said, reasoning and arguments too. */
  readonly chars: number;
  /** A tool call whose arguments were not JSON. */
  readonly malformedCall: string | undefined;
}

interface OpenBlock {
  readonly type: "text" | "reasoning";
  text: string;
  metadata: SharedV4ProviderMetadata | undefined;
}
type Block = OpenBlock | { readonly type: "call"; readonly block: Extract<OpaqueBlock, { type: "tool-call" }> };

export function createTranscript(): Transcript {
  const blocks: Block[] = [];
  const open = new Map<string, OpenBlock>();
  let chars = 0;
  let malformedCall: string | undefined;

  function blockOf(type: OpenBlock["type"], id: string): OpenBlock {
    const key = `${type} ${id}`;
    const found = open.get(key);
    if (found !== undefined) return found;
    const block: OpenBlock = { type, text: "", metadata: undefined };
    open.set(key, block);
    blocks.push(block);
    return block;
  }

  function extend(type: OpenBlock["type"], part: BlockPart): AgentEvent | undefined {
    const block = blockOf(type, part.id);
    block.metadata = mergeMetadata(block.metadata, part.providerMetadata);
    const text = part.delta ?? "";
    block.text += text;
    chars += text.length;
    if (text === "") return undefined;
    return type === "text" ? { type: "text-delta", text } : { type: "reasoning-delta", text };
  }

  function call(part: Extract<LanguageModelV4StreamPart, { type: "tool-call" }>): AgentEvent | undefined {
    if (part.providerExecuted === true) return undefined;
    const { toolCallId, toolName, providerMetadata } = part;
    chars += part.input.length;
    const input = parseJson(part.input.trim() === "" ? "{}" : part.input) as JSONValue | undefined;
    if (input === undefined) {
      malformedCall = toolName;
      return undefined;
    }
    const block = { type: "tool-call", toolCallId, toolName, input, ...metadataOf(providerMetadata) } as const;
    blocks.push({ type: "call", block });
    return { type: "tool-call", callId: toolCallId, tool: toolName, input: input as JsonValue };
  }

  function apply(part: LanguageModelV4StreamPart): AgentEvent | undefined {
    switch (part.type) {
      case "text-start":
      case "text-delta":
      case "text-end":
        return extend("text", part);
      case "reasoning-start":
      case "reasoning-delta":
      case "reasoning-end":
        return extend("reasoning", part);
      case "tool-call":
        return call(part);
      default:
        return undefined;
    }
  }

  return {
    apply,
    parts: () => joinedParts(blocks),
    blocks: () => blocks.map(opaqueBlock).filter((block) => !isVoid(block)),
    get chars() {
      return chars;
    },
    get malformedCall() {
      return malformedCall;
    },
  };
}

interface BlockPart {
  readonly id: string;
  readonly delta?: string;
  readonly providerMetadata?: SharedV4ProviderMetadata;
}

function mergeMetadata(
  known: SharedV4ProviderMetadata | undefined,
  more: SharedV4ProviderMetadata | undefined,
): SharedV4ProviderMetadata | undefined {
  if (more === undefined) return known;
  const merged: SharedV4ProviderMetadata = { ...known };
  for (const [name, values] of Object.entries(more)) merged[name] = { ...merged[name], ...values };
  return merged;
}

function metadataOf(metadata: SharedV4ProviderMetadata | undefined) {
  return metadata === undefined ? {} : { providerOptions: metadata };
}

function opaqueBlock(block: Block): OpaqueBlock {
  if (block.type === "call") return block.block;
  return { type: block.type, text: block.text, ...metadataOf(block.metadata) };
}

function isVoid(block: OpaqueBlock): boolean {
  return block.type !== "tool-call" && block.text === "" && block.providerOptions === undefined;
}

function joinedParts(blocks: readonly Block[]): Part[] {
  const parts: Part[] = [];
  for (const block of blocks) {
    const last = parts.at(-1);
    if (block.type === "call") {
      const { toolCallId, toolName, input } = block.block;
      parts.push({ type: "tool-call", callId: toolCallId, tool: toolName, input: input as JsonValue });
    } else if (block.text !== "" && last?.type === block.type) {
      parts[parts.length - 1] = { type: block.type, text: last.text + block.text };
    } else if (block.text !== "") {
      parts.push({ type: block.type, text: block.text });
    }
  }
  return parts;
}
