// The configuration as types: what a file or a flag may say, what comes out of
// all layers together, and where each value came from.
import type { WireName } from "../../agents/wire/wire.ts";
import type { AgentId, Skill } from "../../domain/ids.ts";

/** The formats that a server of one's own may speak. */
export const WIRE_NAMES = [
  "openai-compatible-chat",
  "openai-chat",
  "anthropic-messages",
  "google-generate-content",
  "deepseek-chat",
] as const satisfies readonly WireName[];

export interface RouteInput {
  readonly vendor: string;
  readonly model: string;
  readonly key?: string;
}

export interface AgentConfig {
  readonly vendor: string;
  /** The model's id at that vendor. */
  readonly model: string;
  /** Display name; the id unless told. */
  readonly name?: string;
  readonly description?: string;
  /** What it can be asked for by anycast. */
  readonly skills?: readonly Skill[];
  /** Further ways to an answer, in order; used only with `fallback: true`. */
  readonly routes?: readonly RouteInput[];
  readonly fallback?: boolean;
  readonly limits?: {
    readonly requestsPerMinuteMax?: number;
    readonly tokensPerMinuteMax?: number;
    readonly concurrencyMax?: number;
  };
  readonly outputTokensMax?: number;
  /** Prompt and answer together. */
  readonly contextTokensMax?: number;
  /** Relative, 0 to 1. */
  readonly quality?: number;
  /** Name of the environment variable that holds this agent's own key, instead of its vendor's. */
  readonly key?: string;
}

/** USD for a million tokens. */
export interface PriceConfig {
  readonly inputUsdPerMillion: number;
  readonly outputUsdPerMillion: number;
  readonly cacheReadUsdPerMillion?: number;
  readonly cacheWriteUsdPerMillion?: number;
}

export interface VendorConfig {
  readonly baseUrl?: string;
  /** `http://host:port`, for all calls to this vendor. */
  readonly proxy?: string;
  /** Name of the environment variable with the key. */
  readonly keyEnv?: string;
  /** A file of mode 0600 with the key; relative to the configuration file. */
  readonly keyFile?: string;
  /** Makes this a vendor of its own: any server that speaks that format. */
  readonly wire?: (typeof WIRE_NAMES)[number];
  /** By model; for servers and models that the price list does not know. */
  readonly prices?: Readonly<Record<string, PriceConfig>>;
}

export interface BudgetsConfig {
  readonly turnUsd?: number;
  readonly agentUsd?: number;
  readonly conversationUsd: number;
  readonly dayUsd?: number;
}

export interface AskConfig {
  readonly with: readonly AgentId[];
  readonly as: string;
}

export type SelectionStrategy = "score" | "round-robin";

export interface TimeoutsConfig {
  readonly firstContentMs: number;
  readonly betweenContentsMs: number;
  readonly callMs: number;
  readonly turnMs: number;
  readonly conversationMs: number;
  readonly drainMs: number;
}

/** All layers together. */
export interface Config {
  readonly agents: Readonly<Record<AgentId, AgentConfig>>;
  readonly vendors: Readonly<Record<string, VendorConfig>>;
  readonly budgets: BudgetsConfig;
  readonly ask: AskConfig;
  readonly selection: { readonly strategy: SelectionStrategy };
  readonly timeouts: TimeoutsConfig;
}

/** What one layer may say: every part of it is optional. */
export interface ConfigInput {
  readonly agents?: Readonly<Record<AgentId, Partial<AgentConfig>>>;
  readonly vendors?: Readonly<Record<string, VendorConfig>>;
  readonly budgets?: Partial<BudgetsConfig>;
  readonly ask?: Partial<AskConfig>;
  readonly selection?: { readonly strategy?: SelectionStrategy };
  readonly timeouts?: Partial<TimeoutsConfig>;
}

export const CONFIG_SOURCES = ["flag", "environment", "project file", "user file", "default"] as const;
export type ConfigSource = (typeof CONFIG_SOURCES)[number];

export interface ConfigOrigin {
  readonly source: ConfigSource;
  /** `file:line`, the variable's name, or what the default follows from. */
  readonly where: string | null;
}

/** A value with its origin. `path` is dotted: `agents.claude.model`. Lists are one value. */
export interface ConfigEntry {
  readonly path: string;
  readonly value: string | number | boolean | readonly unknown[];
  readonly origin: ConfigOrigin;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Sorted by path. */
  readonly entries: readonly ConfigEntry[];
  /** The files that were read, the strongest first. */
  readonly files: readonly string[];
  /** Of the canonical configuration; secrets are no part of it. */
  readonly hash: string;
  /** A found file that decides about keys without the user's trust. Nothing that needs a key may go on with it. */
  readonly untrusted?: UntrustedFile;
}

export interface UntrustedFile {
  readonly file: string;
  readonly settings: readonly { readonly path: string; readonly where: string }[];
}

export interface TrustDocument {
  readonly schema: "polylogue.trust/1";
  readonly file: string;
  /** SHA-256 of its content, in hex. */
  readonly digest: string;
  /** What it decides about keys. */
  readonly settings: readonly { readonly path: string; readonly value: string; readonly where: string }[];
}

export interface ConfigDocument {
  readonly schema: "polylogue.config/1";
  readonly home: { readonly path: string; readonly origin: ConfigOrigin };
  readonly files: readonly string[];
  /** Nothing that needs a key goes on before `polylogue config trust`; null where nothing stands in the way. */
  readonly untrusted: UntrustedFile | null;
  readonly values: readonly ConfigEntry[];
  /** Never a secret's value. */
  readonly secrets: readonly {
    readonly name: string;
    readonly state: "set" | "not set";
    readonly origin: ConfigOrigin;
  }[];
}
