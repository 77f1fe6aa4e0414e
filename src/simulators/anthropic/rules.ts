// What the Messages API refuses, in the order in which it looks.
import type { JsonObject } from "../../domain/json.ts";
import type { ClaudeModel } from "./models.ts";
import type { ClaudeBlock, ClaudeMessage, ClaudeRequest } from "./request.ts";
import { mergedTurns } from "./request.ts";

const MESSAGES_MAX = 100_000;
const THINKING_BUDGET_MIN = 1_024;
const SAMPLING = ["temperature", "top_p", "top_k"] as const;

/** The vendor's message, or nothing when the request is in order. */
export function claudeObjection(request: ClaudeRequest, model: ClaudeModel): string | undefined {
  return (
    outputObjection(request, model) ??
    samplingObjection(request, model) ??
    effortObjection(request, model) ??
    thinkingObjection(request, model) ??
    toolChoiceObjection(request, model) ??
    turnObjection(request, model) ??
    pairObjection(mergedTurns(request.messages))
  );
}

function outputObjection({ maxTokens }: ClaudeRequest, model: ClaudeModel): string | undefined {
  if (maxTokens === undefined) return "max_tokens: Field required";
  if (maxTokens < 0 || !Number.isInteger(maxTokens)) return "max_tokens: Input should be greater than or equal to 0";
  if (maxTokens <= model.outputTokensMax) return undefined;
  return `max_tokens: ${maxTokens} > ${model.outputTokensMax}, which is the maximum allowed number of output tokens for ${model.id}`;
}

function samplingObjection({ raw, thinking }: ClaudeRequest, model: ClaudeModel): string | undefined {
  const used = SAMPLING.filter((name) => typeof raw[name] === "number");
  const changed = used.filter((name) => !(name !== "top_k" && raw[name] === 1));
  if (!model.acceptsSampling && changed.length > 0) return `\`${changed[0]}\` is not supported for this model.`;
  const temperature = raw.temperature;
  if (typeof temperature === "number" && (temperature < 0 || temperature > 1)) {
    return `temperature: range: 0..1`;
  }
  if (thinking?.type === "enabled" && changed.includes("temperature")) {
    return "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking";
  }
  return undefined;
}

function effortObjection({ effort }: ClaudeRequest, model: ClaudeModel): string | undefined {
  if (effort === undefined || model.efforts.includes(effort)) return undefined;
  if (model.efforts.length === 0) return "This model does not support the effort parameter.";
  return `This model does not support effort level '${effort}'. Supported levels: ${[...model.efforts].sort().join(", ")}.`;
}

function thinkingObjection({ thinking, maxTokens, effort }: ClaudeRequest, model: ClaudeModel): string | undefined {
  const type = thinking?.type;
  if (thinking === undefined || type === undefined) return undefined;
  if (!(model.thinking as readonly unknown[]).includes(type)) {
    const supported = model.thinking.map((name) => `"${name}"`).join(", ");
    if (supported === "") return "thinking: this model does not support thinking";
    return `"thinking.type.${String(type)}" is not supported for this model. Supported: ${supported}.`;
  }
  if (type === "disabled" && model.id === "claude-haiku-5-5" && (effort === "xhigh" || effort === "max")) {
    return `"thinking.type.disabled" is not supported at effort '${effort}'.`;
  }
  if (type !== "enabled") return undefined;
  const budget = typeof thinking.budget_tokens === "number" ? thinking.budget_tokens : 0;
  if (budget < THINKING_BUDGET_MIN)
    return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
  return budget >= (maxTokens ?? 0)
    ? "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size"
    : undefined;
}

function toolChoiceObjection({ toolChoice, tools, thinking }: ClaudeRequest, model: ClaudeModel): string | undefined {
  if (toolChoice.kind === "auto" || toolChoice.kind === "none") return undefined;
  const forced = toolChoice.kind === "required" ? "any" : "tool";
  if (tools.length === 0) return "tool_choice: may only be specified while providing `tools`.";
  if (!model.acceptsForcedTools) return `tool_choice: type '${forced}' is not supported for this model.`;
  // Adaptive thinking is accepted here: the model then does not think.
  if (thinking?.type === "enabled") return "Thinking may not be enabled when tool_choice forces tool use.";
  if (toolChoice.kind === "named" && !tools.some((tool) => tool.name === toolChoice.name)) {
    return `Tool '${toolChoice.name}' not found in provided tools`;
  }
  return undefined;
}

function turnObjection({ messages }: ClaudeRequest, model: ClaudeModel): string | undefined {
  if (messages.length === 0) return "messages: at least one message is required";
  if (messages.length > MESSAGES_MAX) return `messages: at most ${MESSAGES_MAX} messages are allowed`;
  const system = messages.findIndex((message) => message.role === "system");
  if (system >= 0 && !model.acceptsSystemTurns) {
    return `messages.${system}: role 'system' is not supported on this model. Use the top-level \`system\` parameter.`;
  }
  const empty = messages.findIndex((message, index) => isEmpty(message) && index < messages.length - 1);
  if (empty >= 0)
    return `messages.${empty}: all messages must have non-empty content except for the optional final assistant message`;
  const blank = messages.findIndex(({ content }) =>
    content.some((block) => block.type === "text" && block.text === ""),
  );
  if (blank >= 0) return `messages: text content blocks must be non-empty`;
  const last = messages.at(-1);
  if (last?.role !== "assistant")
    return last !== undefined && isEmpty(last) ? "messages: final message must have non-empty content" : undefined;
  if (!model.acceptsPrefill)
    return "This model does not support assistant message prefill. The conversation must end with a user message.";
  const text = last.content.at(-1);
  return text?.type === "text" && /\s$/.test(String(text.text))
    ? "messages: final assistant content cannot end with trailing whitespace"
    : undefined;
}

function isEmpty({ content }: ClaudeMessage): boolean {
  return content.length === 0;
}

function pairObjection(turns: readonly ClaudeMessage[]): string | undefined {
  for (const [index, turn] of turns.entries()) {
    const calls = idsOf(turn, "tool_use", "id");
    const results = idsOf(turn, "tool_result", "tool_use_id");
    if (turn.role === "assistant" && calls.length > 0) {
      const answered = idsOf(turns[index + 1], "tool_result", "tool_use_id");
      const open = calls.filter((id) => !answered.includes(id));
      if (open.length > 0) {
        return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
      }
    }
    const asked = idsOf(turns[index - 1], "tool_use", "id");
    const stray = results.findIndex((id) => !asked.includes(id));
    if (stray >= 0) {
      return `messages.${index}.content.${stray}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${results[stray]}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
  }
  return undefined;
}

function idsOf(turn: ClaudeMessage | undefined, type: string, key: string): string[] {
  return (turn?.content ?? [])
    .filter((block: ClaudeBlock) => block.type === type)
    .map((block: JsonObject) => String(block[key]));
}
