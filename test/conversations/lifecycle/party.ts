// Three members who answer at once unless told otherwise.
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import { cards, type ProcessOptions, preferring, request, voter } from "../world.ts";

export const roster = cards("claude", "gemini", "deepseek");
export const HANG: ScriptedStep = { hang: true };
export const speaking = (id: string): ScriptedStep => voter(preferring("claude says"), () => `${id} says it`);
export const slowly = (delayMs: number, text: string): ScriptedStep => ({ text, delayMs });

export function party(overrides: Record<string, ScriptedStep> = {}): ProcessOptions {
  return { agents: roster.map((card) => ({ card, otherwise: overrides[card.id] ?? speaking(card.id) })) };
}

export const gather = (overrides: Parameters<typeof request>[1] = {}) =>
  request(roster, { orchestration: "gather", ...overrides });
