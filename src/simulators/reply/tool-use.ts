// Whether to call an offered tool, which, and with what arguments.
import type { JsonObject } from "../../domain/json.ts";
import type { Random } from "../../platform/random.ts";
import { fromSchema, type SchemaMeaning } from "./from-schema.ts";
import type { Prompt, PromptMessage, PromptTool } from "./prompt.ts";
import { withoutBlocks } from "./question.ts";
import { keywords } from "./sentences.ts";

export interface ChosenCall {
  readonly name: string;
  readonly args: JsonObject;
}

/** Words in a user's text that ask for a tool without naming one. */
const ASKS_FOR_TOOLS = /\b(?:use|call|run|invoke|consult|try)\b[^.?!]{0,40}\b(?:tools?|functions?)\b/i;
/** A tool through which the caller wants the final answer. */
const ANSWER_TOOL = /(?:^|_)(?:final|result|answer|output|submit|respond|verdict|ballot|vote)(?:_|$)/i;

export function chooseCalls(prompt: Prompt, meaning: SchemaMeaning, random: Random): ChosenCall[] {
  const chosen = chosenTools(prompt);
  const tools = prompt.parallelTools ? chosen : chosen.slice(0, 1);
  return tools.map((tool) => ({ name: tool.name, args: argumentsFor(tool, meaning, random) }));
}

function argumentsFor(tool: PromptTool, meaning: SchemaMeaning, random: Random): JsonObject {
  const value = fromSchema(tool.schema, { meaning, random: random.fork(`tool/${tool.name}`) });
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as JsonObject) : {};
}

function chosenTools({ tools, toolChoice, messages }: Prompt): PromptTool[] {
  if (toolChoice.kind === "none" || tools.length === 0) return [];
  if (toolChoice.kind === "named") return tools.filter((tool) => tool.name === toolChoice.name);
  const turn = messages.slice(messages.findLastIndex((message) => message.role === "user" && message.text !== ""));
  const called = new Set(turn.flatMap((message) => message.calls.map((call) => call.name)));
  const fresh = tools.filter((tool) => !called.has(tool.name));
  const asked = askedFor(fresh, turn);
  if (asked.length > 0) return asked;
  return toolChoice.kind === "required" ? [mustCall(tools, fresh, called.size > 0)] : [];
}

/** Named tools all at once; otherwise the one whose words fit the text best. */
function askedFor(tools: readonly PromptTool[], turn: readonly PromptMessage[]): PromptTool[] {
  const text = withoutBlocks(turn[0]?.text ?? "").toLowerCase();
  const named = tools.filter((tool) => isNamed(tool.name, text));
  if (named.length > 0) return named;
  const hasResult = turn.some((message) => message.results.length > 0);
  const fitting = tools
    .filter((tool) => !ANSWER_TOOL.test(tool.name))
    .map((tool) => ({ tool, fit: fitOf(tool, text) }))
    .sort((a, b) => b.fit - a.fit)[0];
  if (fitting === undefined) return [];
  const isAsked = !hasResult && ASKS_FOR_TOOLS.test(text);
  return isAsked || fitting.fit >= FIT_MIN ? [fitting.tool] : [];
}

/** Two keywords of the tool's name and description in the text, or its whole name in words. */
const FIT_MIN = 2;

function fitOf(tool: PromptTool, text: string): number {
  const words = new Set(keywords(text));
  const nameWords = keywords(tool.name.replace(/[_-]/g, " "));
  const inName = nameWords.filter((word) => words.has(word)).length;
  const described = keywords(tool.description).filter((word) => words.has(word));
  return inName + (inName > 0 ? new Set(described).size / 2 : 0);
}

function isNamed(name: string, text: string): boolean {
  const lower = name.toLowerCase();
  return (
    text.includes(lower) &&
    (lower.includes("_") ||
      new RegExp(`(?<![\\p{L}\\p{N}_])${lower.replace(/[^\p{L}\p{N}_]/gu, "\\$&")}(?![\\p{L}\\p{N}_])`, "u").test(text))
  );
}

function mustCall(tools: readonly PromptTool[], fresh: readonly PromptTool[], hasCalled: boolean): PromptTool {
  const answer = tools.find((tool) => ANSWER_TOOL.test(tool.name));
  const others = fresh.filter((tool) => tool !== answer);
  const chosen = hasCalled ? (answer ?? others[0]) : (others[0] ?? answer);
  return chosen ?? (tools[0] as PromptTool);
}
