// Whether to call an offered tool, which, and with what arguments.
import type { JsonObject } from "../../domain/json.ts";
import type { Random } from "../../platform/random.ts";
import { fromSchema, type SchemaMeaning } from "./from-schema.ts";
import type { Prompt, PromptMessage, PromptTool } from "./prompt.ts";
import { withoutBlocks } from "./question.ts";
import { keywords } from "./rank.ts";

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
  const turn = presentTurn(messages);
  const called = turn.flatMap((message) => message.calls.map((call) => call.name));
  const fresh = tools.filter((tool) => !called.includes(tool.name));
  const asked = askedFor(tools, fresh, turn);
  if (asked.length > 0) return asked;
  return toolChoice.kind === "required" ? [mustCall(tools, fresh, called.length > 0)] : [];
}

/** From the last thing a user said on. */
function presentTurn(messages: readonly PromptMessage[]): readonly PromptMessage[] {
  const start = messages.findLastIndex((message) => message.role === "user" && withoutBlocks(message.text) !== "");
  return messages.slice(Math.max(0, start));
}

const DECLINES_TOOLS = /\b(?:without|do not|don['’]t|never)\b[^.?!]{0,20}\b(?:call|calling|use|using)\b/i;
const WANTS_RETRY = /\btry again\b|\bretry\b/i;
const CALLS_PER_TOOL_MAX = 3;

function askedFor(
  tools: readonly PromptTool[],
  fresh: readonly PromptTool[],
  turn: readonly PromptMessage[],
): PromptTool[] {
  const said = turn.map((message) => message.text).join("\n");
  const text = withoutBlocks(turn[0]?.text ?? "").toLowerCase();
  const results = turn.flatMap((message) => message.results);
  if (DECLINES_TOOLS.test(text)) return [];
  const failed = tools.filter((tool) => isWorthRetrying(tool, results));
  if (failed.length > 0) return failed;
  const named = fresh.filter((tool) => isNamed(tool.name, said.toLowerCase()));
  if (named.length > 0) return named;
  return fittingTools(fresh, text, results.length > 0);
}

function isWorthRetrying({ name }: PromptTool, results: PromptMessage["results"]): boolean {
  const own = results.filter((result) => result.name === name);
  return own.length > 0 && own.length < CALLS_PER_TOOL_MAX && WANTS_RETRY.test(own.at(-1)?.text ?? "");
}

/** A plain request is one short turn without documents or peers in it; models reach for tools there. */
const PLAIN_REQUEST_CHARS_MAX = 300;

function fittingTools(tools: readonly PromptTool[], text: string, hasResult: boolean): PromptTool[] {
  const useful = tools.filter((tool) => !ANSWER_TOOL.test(tool.name));
  const ranked = useful.map((tool) => ({ tool, fit: fitOf(tool, text) })).sort((a, b) => b.fit - a.fit);
  const best = ranked[0];
  if (best === undefined) return [];
  const isPlain = text.length <= PLAIN_REQUEST_CHARS_MAX;
  const fitting = ranked.filter(({ fit }) => fit >= (isPlain ? 1 : FIT_MIN)).map(({ tool }) => tool);
  if (fitting.length > 0) return fitting;
  if (hasResult) return [];
  if (ASKS_FOR_TOOLS.test(text)) return [best.tool];
  const gateway = useful.find((tool) => OPENS_TOOLS.test(tool.description));
  if (isPlain && gateway !== undefined) return [gateway];
  const isOnly = useful.length === 1 && best.tool.schema.properties !== undefined && keywords(text).length >= 2;
  return isPlain && isOnly && Object.keys(best.tool.schema.properties ?? {}).length > 0 ? [best.tool] : [];
}

/** A tool through which further tools are found. */
const OPENS_TOOLS = /\badditional tools\b|\bcapabilit(?:y|ies)\b/i;

/** In a long text two keywords must fit before a tool is called unasked. */
const FIT_MIN = 2;
/** Verbs in tools' names say nothing of their matter. */
const NAME_VERBS = new Set(
  "get set load find search look lookup fetch list create make read write call run tool".split(" "),
);

function fitOf(tool: PromptTool, text: string): number {
  const words = new Set(keywords(text));
  const matter = tool.name
    .toLowerCase()
    .split(/[_-]+/)
    .filter((word) => !NAME_VERBS.has(word));
  const inName = keywords(matter.join(" ")).filter((word) => words.has(word)).length;
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
