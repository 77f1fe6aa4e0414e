// The Gemini models this simulator knows and what each of them refuses.

export interface GeminiModel {
  readonly id: string;
  readonly displayName: string;
  readonly inputTokensMax: number;
  readonly outputTokensMax: number;
  /** What one request sends at most, streamed or whole, before it asks to be continued. */
  readonly streamTokensMax: number;
  readonly wholeTokensMax: number;
  /** `none`: does not think; `budget`: `thinkingBudget`; `level`: `thinkingLevel`. */
  readonly thinking: "none" | "budget" | "level";
  readonly levels: readonly string[];
  /** Whether `thinkingBudget` is refused. */
  readonly refusesBudget: boolean;
  /** Whether a function call must come back with its signature. */
  readonly needsSignatures: boolean;
  /** Whether calls in replies carry an id. */
  readonly hasCallIds: boolean;
  /** Before 2.5 replies told the candidates' tokens by modality and their mean log probability, and neither index nor service tier. */
  readonly isOldFormat: boolean;
  readonly cacheTokensMin: number;
  /** Whether it only counts and embeds. */
  readonly isEmbedding: boolean;
}

const GEMINI_2 = {
  inputTokensMax: 1_048_576,
  outputTokensMax: 8_192,
  streamTokensMax: Number.POSITIVE_INFINITY,
  wholeTokensMax: Number.POSITIVE_INFINITY,
  thinking: "none",
  levels: [],
  refusesBudget: false,
  needsSignatures: false,
  hasCallIds: false,
  isOldFormat: true,
  cacheTokensMin: 1_024,
  isEmbedding: false,
} as const;

const GEMINI_25 = { ...GEMINI_2, outputTokensMax: 65_536, thinking: "budget", isOldFormat: false } as const;

const GEMINI_3 = {
  ...GEMINI_25,
  thinking: "level",
  levels: ["minimal", "low", "medium", "high"],
  needsSignatures: true,
  hasCallIds: true,
} as const;

const GEMINI_4 = {
  ...GEMINI_3,
  inputTokensMax: 1_048_575,
  outputTokensMax: 1_048_575,
  streamTokensMax: 65_536,
  wholeTokensMax: 32_768,
  refusesBudget: true,
  levels: ["low", "medium", "high"],
  cacheTokensMin: 4_096,
} as const;

type Row = Omit<GeminiModel, "id" | "displayName">;

function model(id: string, row: Row): GeminiModel {
  const words = id.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return { id, displayName: words.join(" "), ...row };
}

export const GEMINI_MODELS: readonly GeminiModel[] = [
  model("gemini-4-argon", GEMINI_4),
  model("gemini-4-carbon", GEMINI_4),
  model("gemini-4-hydrogen", { ...GEMINI_4, levels: ["low", "medium", "high", "xhigh"] }),
  ...["gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash", "gemini-3.5-flash", "gemini-3.5-flash-lite"].map(
    (id) => model(id, GEMINI_3),
  ),
  ...["gemini-3.1-pro-preview", "gemini-3.1-flash-lite", "gemini-3.1-flash-lite-preview"].map((id) =>
    model(id, GEMINI_3),
  ),
  ...["gemini-3-pro-preview", "gemini-3-flash-preview"].map((id) => model(id, GEMINI_3)),
  ...["gemini-3-pro-image-preview"].map((id) => model(id, { ...GEMINI_3, outputTokensMax: 32_768 })),
  model("gemini-2.5-pro", GEMINI_25),
  model("gemini-2.5-flash", GEMINI_25),
  ...["gemini-2.5-flash-lite", "gemini-2.5-flash-image"].map((id) =>
    model(id, { ...GEMINI_25, thinking: "none" as const }),
  ),
  ...["gemini-2.5-pro-preview-05-06", "gemini-2.5-flash-preview-05-20", "gemini-2.5-flash-preview-09-2025"].map((id) =>
    model(id, GEMINI_25),
  ),
  ...["gemini-flash-latest", "gemini-pro-latest"].map((id) => model(id, GEMINI_25)),
  ...["gemini-2.0-flash", "gemini-2.0-flash-exp", "gemini-2.0-flash-001", "gemini-2.0-flash-lite"].map((id) =>
    model(id, GEMINI_2),
  ),
  ...["gemini-1.5-flash", "gemini-1.5-flash-002", "gemini-1.5-pro", "gemini-1.5-pro-002"].map((id) =>
    model(id, GEMINI_2),
  ),
  ...["gemini-embedding-2-preview", "gemini-embedding-001"].map((id) =>
    model(id, { ...GEMINI_2, inputTokensMax: 8_192, outputTokensMax: 1, isEmbedding: true }),
  ),
];

export function findGemini(name: string): GeminiModel | undefined {
  return GEMINI_MODELS.find((row) => row.id === name);
}
