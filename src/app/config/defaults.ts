// The weakest layer: what holds where nobody says anything. Seven agents of
// four vendors come with the program, so that a key is all that is needed.
import { CALL_TIMEOUTS_DEFAULT } from "../../agents/wire/watchdog.ts";
import { RUN_LIMITS_DEFAULT } from "../../mesh/attempts/turn-run.ts";
import type { AgentConfig, Config } from "./config.ts";

/**
 * In this order `handshake --agents N` takes them. Models of November 2026 at a
 * moderate price; a configuration file may replace any of them.
 */
const ROSTER = {
  claude: {
    vendor: "anthropic",
    model: "claude-sonnet-5-5",
    name: "Claude",
    skills: ["answer", "review", "code"],
    quality: 0.9,
  },
  gemini: { vendor: "google", model: "gemini-3.8-flash", name: "Gemini", skills: ["answer", "review"], quality: 0.8 },
  deepseek: {
    vendor: "deepseek",
    model: "deepseek-v4-pro",
    name: "DeepSeek",
    skills: ["answer", "review", "code"],
    quality: 0.8,
  },
  openai: { vendor: "openai", model: "gpt-6.1-terra", name: "GPT", skills: ["answer", "review"], quality: 0.8 },
  "claude-haiku": {
    vendor: "anthropic",
    model: "claude-haiku-5-5",
    name: "Claude Haiku",
    skills: ["answer"],
    quality: 0.6,
  },
  "gemini-argon": {
    vendor: "google",
    model: "gemini-4-argon",
    name: "Gemini Argon",
    skills: ["answer", "review"],
    quality: 0.9,
  },
  "deepseek-flash": {
    vendor: "deepseek",
    model: "deepseek-flash",
    name: "DeepSeek Flash",
    skills: ["answer"],
    quality: 0.6,
  },
} as const satisfies Record<string, AgentConfig>;

export const ROSTER_IDS: readonly string[] = Object.keys(ROSTER);

export const CONFIG_DEFAULTS = {
  agents: ROSTER,
  vendors: {},
  budgets: { conversationUsd: 1 },
  ask: { with: ["claude", "gemini", "deepseek"], as: "debate" },
  selection: { strategy: "score" },
  timeouts: {
    firstContentMs: CALL_TIMEOUTS_DEFAULT.firstContentTimeoutMs,
    betweenContentsMs: CALL_TIMEOUTS_DEFAULT.betweenContentsTimeoutMs,
    callMs: CALL_TIMEOUTS_DEFAULT.callTimeoutMs,
    turnMs: RUN_LIMITS_DEFAULT.turnMs,
    conversationMs: 3_600_000,
    drainMs: 30_000,
  },
} as const satisfies Config;
