// Members at one table, and what each was shown.
import type { AgentRequest } from "../../../src/agents/agent.ts";
import type { ScriptedStep } from "../../../src/agents/scripted/scripted-step.ts";
import type { AgentCard } from "../../../src/domain/agent-card.ts";
import type { Failure } from "../../../src/domain/failure.ts";
import { textOf } from "../../../src/domain/part.ts";
import { cards, createWorld, type Process, preferring, voter, type World } from "../world.ts";

export const FATAL: Failure = { class: "auth", code: "VENDOR_AUTH", reason: "the key was refused" };
export const PARTY = ["claude", "gemini", "deepseek"] as const;

export interface Member {
  readonly id: string;
  readonly step: ScriptedStep;
}

export async function table(
  members: readonly Member[],
  prices?: { inputNanoUsdPerToken: number; outputNanoUsdPerToken: number },
) {
  const world = await createWorld();
  const roster = cards(...members.map(({ id }) => id));
  const agents = members.map(({ step }, index) => ({ card: roster[index] as AgentCard, otherwise: step }));
  const process = await world.start({ agents, ...(prices === undefined ? {} : { prices }) });
  return { world, roster, process };
}

export const saying = (id: string, favourite: string): Member => ({
  id,
  step: voter(preferring(favourite), (call) => `${id} says ${call}`),
});

export function shownTo(
  process: Process,
  id: string,
  call: number,
): { readonly request: AgentRequest; readonly last: string } {
  const asked = process.agent(id).requests[call];
  if (asked === undefined) throw new Error(`${id} was asked only ${process.agent(id).requests.length} times`);
  return { request: asked, last: textOf(asked.history.at(-1)?.parts ?? []) };
}

export async function ended(world: World): Promise<void> {
  await world.close();
}
