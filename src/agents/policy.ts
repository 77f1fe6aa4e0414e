// What a model accepts, as data. Applied when a request is built, so that what
// a model refuses is never sent.

export interface ModelPolicy {
  /** `refused`: a temperature is an error or has no effect, and is left out. */
  readonly sampling: "accepted" | "refused";
  readonly seed: "accepted" | "refused";
  /** `refused`: "you must call a tool" is an error, and becomes "you may". */
  readonly forcedToolChoice: "accepted" | "refused";
  /** Whether it thinks by itself, and lets it be seen: all of it · a summary, when the request asks for it · nothing. */
  readonly thinking: "none" | "shown" | "shown-on-request" | "hidden";
  /**
   * Which of its own earlier reasoning a model gets back: `echo` all of it ·
   * `open-turn` only that of the tool calls not yet answered by a person, as it
   * is bound to the exact words before it · `empty-string` all, and an empty one
   * where there was none · `strip` none.
   */
  readonly reasoningEcho: "echo" | "open-turn" | "empty-string" | "strip";
  /** `tool-calls`: each call must come back with the signature it came with · `reasoning`: reasoning is signed. */
  readonly signatures: "none" | "tool-calls" | "reasoning";
  /** Where the system prompt goes: a field of its own, or a message of this role. */
  readonly system: "separate" | "system" | "developer";
  /** How a JSON answer is asked for: by schema · a forced tool · any object plus the schema in words · words alone. */
  readonly json: "schema" | "tool" | "object" | "words";
  /** How a repeated prefix is cached: by itself · marked in the request · by a key that we send. */
  readonly promptCache: "automatic" | "marked" | "keyed";
  readonly contextTokensMax: number | undefined;
  readonly outputTokensMax: number | undefined;
  /** A regular expression that ids of tool calls must match. */
  readonly toolCallIdPattern: string;
  /** The family whose tokens-per-word factor holds. */
  readonly tokenFamily: TokenFamily;
}

export type TokenFamily = "gpt" | "gpt-5" | "claude" | "claude-new" | "gemini" | "deepseek" | "mistral" | "other";

/** Whether all that a model bills as output is streamed as it comes: a summary of its thinking is less than the thinking. */
export function isOutputShown({ thinking }: Pick<ModelPolicy, "thinking">): boolean {
  return thinking === "none" || thinking === "shown";
}

/** The models a rule speaks of: ids that start with one of `prefixes`. The first rule that fits holds. */
interface PolicyRule {
  readonly prefixes: readonly string[];
  readonly policy: Partial<ModelPolicy>;
}

export interface PolicyTable {
  readonly base: ModelPolicy;
  /** Most specific first. */
  readonly rules: readonly PolicyRule[];
}

/** A path before the name (`models/…`, `org/…`) does not count. */
export function policyOf(table: PolicyTable, model: string): ModelPolicy {
  const name = model.slice(model.lastIndexOf("/") + 1);
  const rule = table.rules.find(({ prefixes }) => prefixes.some((prefix) => name.startsWith(prefix)));
  return { ...table.base, ...rule?.policy };
}
