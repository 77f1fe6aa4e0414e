// Signed thinking: what a block is bound to, and what the API says when it
// comes back elsewhere.
import { canonicalJson } from "../../domain/json.ts";
import { sha256 } from "../../platform/hash.ts";
import type { Signed, Signer } from "../signature.ts";
import type { ClaudeModel } from "./models.ts";
import { type ClaudeBlock, type ClaudeMessage, type ClaudeRequest, mergedTurns } from "./request.ts";

/** What a block made in answer to these turns is bound to; thinking itself is left out, since clients may drop it. */
export function prefixOf(request: ClaudeRequest, turns: readonly ClaudeMessage[]): string {
  const said = turns.map(({ role, content }) => ({
    role,
    content: content.filter((block) => !isThinking(block)).map(({ cache_control: _, ...block }) => block),
  }));
  return sha256(canonicalJson({ system: request.system, tools: request.tools, said }));
}

export function isThinking(block: ClaudeBlock): boolean {
  return block.type === "thinking" || block.type === "redacted_thinking";
}

/** The vendor's message about the first block that cannot be accepted. */
export function thinkingBlockObjection(request: ClaudeRequest, model: ClaudeModel, signer: Signer): string | undefined {
  const turns = mergedTurns(request.messages);
  for (const [at, turn] of turns.entries()) {
    if (turn.role !== "assistant") continue;
    for (const [index, block] of turn.content.entries()) {
      if (!isThinking(block)) continue;
      const objection = blockObjection(block, { prefix: prefixOf(request, turns.slice(0, at)), model, signer });
      if (objection !== undefined) return `messages.${at}.content.${index}: ${objection}`;
    }
  }
  return undefined;
}

interface Binding {
  readonly prefix: string;
  readonly model: ClaudeModel;
  readonly signer: Signer;
}

function blockObjection(block: ClaudeBlock, { prefix, model, signer }: Binding): string | undefined {
  const signature = block.type === "thinking" ? block.signature : block.data;
  if (typeof signature !== "string" || signature === "") return "thinking.signature: Field required";
  const verdict = signer.verify(signature, signedBy(model, prefix, contentOf(block)));
  if (verdict === "unreadable" || verdict === "edited") return `Invalid \`signature\` in \`${block.type}\` block`;
  const isElsewhere = verdict === "otherModel" || verdict === "otherPrefix";
  return model.bindsThinking && isElsewhere ? "The block is bound to a different conversation" : undefined;
}

/** A block whose text was omitted is signed as empty, as it is sent. */
function contentOf(block: ClaudeBlock): string {
  return block.type === "thinking" ? String(block.thinking ?? "") : "redacted";
}

export function signedBy(model: ClaudeModel, prefix: string, content: string): Signed {
  return { vendor: "anthropic", model: model.id, prefix, content };
}
