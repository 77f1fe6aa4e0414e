// The OpenAI chat models this simulator knows and what each of them refuses.

export interface OpenAiModel {
  /** The id replies carry. */
  readonly id: string;
  readonly aliases: readonly string[];
  /** Seconds since the epoch. */
  readonly created: number;
  readonly contextTokens: number;
  readonly outputTokensMax: number;
  readonly tokenFactor: number;
  /** Thinks unseen; refuses `max_tokens` and sampling parameters, and sends no `logprobs`. */
  readonly isReasoning: boolean;
  readonly acceptsSystem: boolean;
}

const GPT_4 = {
  contextTokens: 128_000,
  outputTokensMax: 16_384,
  tokenFactor: 1.02,
  isReasoning: false,
  acceptsSystem: true,
} as const;
const GPT_41 = { ...GPT_4, contextTokens: 1_047_576, outputTokensMax: 32_768 } as const;
const O_SERIES = { ...GPT_4, contextTokens: 200_000, outputTokensMax: 100_000, isReasoning: true } as const;
const GPT_5 = { ...O_SERIES, contextTokens: 400_000, outputTokensMax: 128_000, tokenFactor: 1.08 } as const;
const GPT_54 = { ...GPT_5, contextTokens: 1_050_000 } as const;

type Row = Omit<OpenAiModel, "id" | "aliases" | "created">;

function model(names: readonly [string, ...string[]], day: string, row: Row): OpenAiModel {
  const [id, ...aliases] = names;
  return { id, aliases, created: Date.parse(`${day}T00:00:00Z`) / 1_000, ...row };
}

export const OPENAI_MODELS: readonly OpenAiModel[] = [
  model(["gpt-6.1-sol", "gpt-6.1"], "2026-11-05", GPT_54),
  model(["gpt-6.1-terra"], "2026-11-05", GPT_54),
  model(["gpt-6-sol", "gpt-6"], "2026-09-15", GPT_54),
  model(["gpt-6-astra"], "2026-09-15", GPT_54),
  model(["gpt-6-luna"], "2026-09-15", GPT_54),
  model(["gpt-5.6-sol", "gpt-5.6"], "2026-07-01", GPT_54),
  model(["gpt-5.6-terra"], "2026-07-01", GPT_54),
  model(["gpt-5.6-luna"], "2026-07-01", GPT_54),
  model(["gpt-5.5-2026-04-23", "gpt-5.5"], "2026-04-23", GPT_54),
  model(["gpt-5.4-2026-03-05", "gpt-5.4"], "2026-03-05", GPT_54),
  model(["gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"], "2026-03-17", GPT_5),
  model(["gpt-5.2-2025-12-11", "gpt-5.2"], "2025-12-11", GPT_5),
  model(["gpt-5.1-2025-11-13", "gpt-5.1"], "2025-11-13", GPT_5),
  model(["gpt-5-2025-08-07", "gpt-5"], "2025-08-07", GPT_5),
  model(["gpt-5-mini-2025-08-07", "gpt-5-mini"], "2025-08-07", GPT_5),
  model(["gpt-5-nano-2025-08-07", "gpt-5-nano"], "2025-08-07", GPT_5),
  model(["o4-mini-2025-04-16", "o4-mini"], "2025-04-16", O_SERIES),
  model(["o3-2025-04-16", "o3"], "2025-04-16", O_SERIES),
  model(["o3-mini-2025-01-31", "o3-mini"], "2025-01-31", O_SERIES),
  model(["o1-2024-12-17", "o1"], "2024-12-17", O_SERIES),
  model(["o1-mini-2024-09-12", "o1-mini"], "2024-09-12", {
    ...O_SERIES,
    contextTokens: 128_000,
    outputTokensMax: 65_536,
    acceptsSystem: false,
  }),
  model(["gpt-4.1-2025-04-14", "gpt-4.1"], "2025-04-14", GPT_41),
  model(["gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"], "2025-04-14", GPT_41),
  model(["gpt-4.1-nano-2025-04-14", "gpt-4.1-nano"], "2025-04-14", GPT_41),
  model(["gpt-4o-2024-08-06", "gpt-4o"], "2024-08-06", GPT_4),
  model(["gpt-4o-2024-11-20"], "2024-11-20", GPT_4),
  model(["gpt-4o-mini-2024-07-18", "gpt-4o-mini"], "2024-07-18", GPT_4),
  model(["gpt-4o-search-preview-2025-03-11", "gpt-4o-search-preview"], "2025-03-11", GPT_4),
  model(["gpt-4o-audio-preview-2025-06-03", "gpt-4o-audio-preview"], "2025-06-03", GPT_4),
  model(["gpt-4-turbo-2024-04-09", "gpt-4-turbo"], "2024-04-09", { ...GPT_4, outputTokensMax: 4_096 }),
  model(["gpt-4-0613", "gpt-4"], "2023-06-13", { ...GPT_4, contextTokens: 8_192, outputTokensMax: 8_192 }),
  model(["gpt-3.5-turbo-0125", "gpt-3.5-turbo"], "2024-01-25", {
    ...GPT_4,
    contextTokens: 16_385,
    outputTokensMax: 4_096,
  }),
];

export function findOpenAi(name: string): OpenAiModel | undefined {
  return OPENAI_MODELS.find((row) => row.id === name || row.aliases.includes(name));
}
