// The Claude models this simulator knows and what each of them refuses.

export interface ClaudeModel {
  /** The id replies carry. */
  readonly id: string;
  readonly aliases: readonly string[];
  readonly displayName: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly contextTokens: number;
  readonly outputTokensMax: number;
  /** Models of one family share their rate limits. */
  readonly family: string;
  /** Tokens per piece of the simulator's own split. */
  readonly tokenFactor: number;
  readonly efforts: readonly string[];
  /** Accepted values of `thinking.type`. */
  readonly thinking: readonly ("enabled" | "adaptive" | "disabled" | "between_tools")[];
  /** Whether it thinks when the request says nothing of thinking. */
  readonly thinksByDefault: boolean;
  /** Whether thinking text is left out unless the request asks for a summary. */
  readonly omitsThinking: boolean;
  /** Whether thinking is tied to model, system, tools and earlier messages. */
  readonly bindsThinking: boolean;
  readonly acceptsSampling: boolean;
  readonly acceptsPrefill: boolean;
  readonly acceptsForcedTools: boolean;
  readonly acceptsSystemTurns: boolean;
  readonly cacheTokensMin: number;
  /** Whether replies carry `output_tokens_details` even when the request says nothing of thinking. */
  readonly tellsThinkingTokens: boolean;
}

const EFFORTS_46 = ["low", "medium", "high", "max"];
const EFFORTS_47 = ["low", "medium", "high", "xhigh", "max"];

/** Claude up to 4.5: budgets for thinking, sampling, prefill and forced tools all accepted. */
const CLASSIC = {
  contextTokens: 200_000,
  outputTokensMax: 64_000,
  tokenFactor: 1.12,
  efforts: [],
  thinking: ["enabled", "disabled"],
  thinksByDefault: false,
  omitsThinking: false,
  bindsThinking: false,
  acceptsSampling: true,
  acceptsPrefill: true,
  acceptsForcedTools: true,
  acceptsSystemTurns: false,
  cacheTokensMin: 1_024,
  tellsThinkingTokens: false,
} as const;

const CLAUDE_46 = {
  ...CLASSIC,
  contextTokens: 1_000_000,
  outputTokensMax: 128_000,
  efforts: EFFORTS_46,
  thinking: ["enabled", "adaptive", "disabled"],
  acceptsPrefill: false,
} as const;

/** From Opus 4.7 on: a new tokenizer, no sampling parameters, no thinking text by default. */
const CLAUDE_47 = {
  ...CLAUDE_46,
  tokenFactor: 1.43,
  efforts: EFFORTS_47,
  thinking: ["adaptive", "disabled"],
  omitsThinking: true,
  acceptsSampling: false,
  cacheTokensMin: 2_048,
} as const;

const CLAUDE_5 = {
  ...CLAUDE_47,
  tellsThinkingTokens: true,
  thinksByDefault: true,
  acceptsSystemTurns: true,
  cacheTokensMin: 512,
} as const;

/** Thinks always, and binds what it thought. */
const CLAUDE_55 = {
  ...CLAUDE_5,
  thinking: ["adaptive"],
  bindsThinking: true,
  acceptsForcedTools: false,
} as const;

type Row = Omit<ClaudeModel, "id" | "aliases" | "displayName" | "createdAt" | "family">;

function model(
  names: readonly [string, ...string[]],
  shown: readonly [name: string, day: string],
  row: Row,
): ClaudeModel {
  const [id, ...aliases] = names;
  const [displayName, day] = shown;
  const family = ["opus", "sonnet", "haiku"].find((name) => id.includes(name)) ?? "fable";
  return { id, aliases, displayName, createdAt: `${day}T00:00:00Z`, family, ...row };
}

export const CLAUDE_MODELS: readonly ClaudeModel[] = [
  model(["claude-fable-5-2"], ["Claude Fable 5.2", "2026-10-20"], CLAUDE_55),
  model(["claude-opus-5-5"], ["Claude Opus 5.5", "2026-10-07"], CLAUDE_55),
  model(["claude-sonnet-5-5"], ["Claude Sonnet 5.5", "2026-10-07"], {
    ...CLAUDE_55,
    thinking: ["adaptive", "between_tools"],
  }),
  model(["claude-haiku-5-5"], ["Claude Haiku 5.5", "2026-09-30"], {
    ...CLAUDE_5,
    thinksByDefault: false,
    cacheTokensMin: 1_024,
  }),
  model(["claude-fable-5-1"], ["Claude Fable 5.1", "2026-08-25"], CLAUDE_55),
  model(["claude-fable-5"], ["Claude Fable 5", "2026-07-28"], { ...CLAUDE_5, thinking: ["adaptive"] }),
  model(["claude-opus-5"], ["Claude Opus 5", "2026-07-21"], CLAUDE_5),
  model(["claude-sonnet-5"], ["Claude Sonnet 5", "2026-06-30"], {
    ...CLAUDE_5,
    acceptsSystemTurns: false,
    cacheTokensMin: 1_024,
  }),
  model(["claude-opus-4-8"], ["Claude Opus 4.8", "2026-05-28"], {
    ...CLAUDE_47,
    tellsThinkingTokens: true,
    acceptsSystemTurns: true,
    cacheTokensMin: 1_024,
  }),
  model(["claude-opus-4-7"], ["Claude Opus 4.7", "2026-04-16"], CLAUDE_47),
  model(["claude-sonnet-4-6"], ["Claude Sonnet 4.6", "2026-02-17"], CLAUDE_46),
  model(["claude-opus-4-6"], ["Claude Opus 4.6", "2026-02-05"], { ...CLAUDE_46, cacheTokensMin: 4_096 }),
  model(["claude-opus-4-5-20251101", "claude-opus-4-5"], ["Claude Opus 4.5", "2025-11-24"], {
    ...CLASSIC,
    efforts: ["low", "medium", "high"],
    cacheTokensMin: 4_096,
  }),
  model(["claude-haiku-4-5-20251001", "claude-haiku-4-5"], ["Claude Haiku 4.5", "2025-10-15"], {
    ...CLASSIC,
    cacheTokensMin: 4_096,
  }),
  model(["claude-sonnet-4-5-20250929", "claude-sonnet-4-5"], ["Claude Sonnet 4.5", "2025-09-29"], CLASSIC),
  model(["claude-opus-4-1-20250805", "claude-opus-4-1"], ["Claude Opus 4.1", "2025-08-05"], {
    ...CLASSIC,
    outputTokensMax: 32_000,
  }),
  model(["claude-opus-4-20250514", "claude-opus-4-0"], ["Claude Opus 4", "2025-05-22"], {
    ...CLASSIC,
    outputTokensMax: 32_000,
  }),
  model(["claude-sonnet-4-20250514", "claude-sonnet-4-0"], ["Claude Sonnet 4", "2025-05-22"], CLASSIC),
  model(["claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest"], ["Claude Sonnet 3.7", "2025-02-24"], CLASSIC),
  model(["claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"], ["Claude Haiku 3.5", "2024-10-22"], {
    ...CLASSIC,
    outputTokensMax: 8_192,
    thinking: [],
  }),
  model(["claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest"], ["Claude Sonnet 3.5 (New)", "2024-10-22"], {
    ...CLASSIC,
    outputTokensMax: 8_192,
    thinking: [],
  }),
  model(["claude-3-opus-20240229", "claude-3-opus-latest"], ["Claude Opus 3", "2024-02-29"], {
    ...CLASSIC,
    outputTokensMax: 4_096,
    thinking: [],
  }),
];

export function findClaude(name: string): ClaudeModel | undefined {
  return CLAUDE_MODELS.find((row) => row.id === name || row.aliases.includes(name));
}
