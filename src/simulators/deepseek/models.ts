// The DeepSeek models this simulator knows.

export interface DeepSeekModel {
  /** The id replies carry. */
  readonly id: string;
  /** Names that are still accepted, with whether they think unless told otherwise. */
  readonly names: Readonly<Record<string, boolean>>;
  /** Concurrent calls of one account. */
  readonly concurrentCallsMax: number;
  /** Whether the list endpoint shows it. */
  readonly isListed: boolean;
}

export const DEEPSEEK_CONTEXT_TOKENS = 1_048_576;
export const DEEPSEEK_OUTPUT_TOKENS_MAX = 393_216;
export const DEEPSEEK_TOKEN_FACTOR = 1.02;

const FLASH_CALLS_MAX = 2_500;
const PRO_CALLS_MAX = 500;

export const DEEPSEEK_MODELS: readonly DeepSeekModel[] = [
  { id: "deepseek-flash", names: { "deepseek-flash": true }, concurrentCallsMax: FLASH_CALLS_MAX, isListed: true },
  {
    // The retired names are still served here, as they are in recordings, and answer under this id.
    id: "deepseek-v4-flash",
    names: {
      "deepseek-v4-flash": true,
      "deepseek-v4-flash-vision-exp": true,
      "deepseek-reasoner": true,
      "deepseek-chat": false,
    },
    concurrentCallsMax: FLASH_CALLS_MAX,
    isListed: false,
  },
  {
    id: "deepseek-v4-pro",
    names: { "deepseek-v4-pro": true, "deepseek-pro": true },
    concurrentCallsMax: PRO_CALLS_MAX,
    isListed: true,
  },
];

export interface NamedModel {
  readonly model: DeepSeekModel;
  readonly thinksByDefault: boolean;
}

export function findDeepSeek(name: string): NamedModel | undefined {
  const model = DEEPSEEK_MODELS.find((row) => Object.hasOwn(row.names, name));
  return model === undefined ? undefined : { model, thinksByDefault: model.names[name] === true };
}

/** On the Anthropic endpoint Claude's names stand for DeepSeek's models. */
export function findDeepSeekForClaude(name: string): NamedModel | undefined {
  if (/^claude-?opus|^claude-.*opus/.test(name)) return findDeepSeek("deepseek-v4-pro");
  return findDeepSeek(name.startsWith("claude") ? "deepseek-flash" : name);
}
