// Ports and calls for the tests of selection: no model behind them.
import { createScriptedAgent } from "../../../src/agents/scripted/scripted-agent.ts";
import { scriptedCard } from "../../../src/agents/scripted/scripted-card.ts";
import type { AgentCard } from "../../../src/domain/agent-card.ts";
import { ownRoute } from "../../../src/domain/agent-card.ts";
import type { Failure } from "../../../src/domain/failure.ts";
import type { CallReport } from "../../../src/mesh/selection/target.ts";
import { type CallPermit, createTargets, type Targets } from "../../../src/mesh/selection/targets.ts";
import type { PortHandle } from "../../../src/mesh/turn-runner.ts";
import { createSeededRandom, type Random } from "../../../src/platform/random.ts";
import { createVirtualClock, type VirtualClock } from "../../../src/platform/virtual-clock.ts";
import { portOf } from "../attempts/runner-harness.ts";

export interface Field {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly targets: Targets;
}

export function createField(seed = 1): Field {
  const clock = createVirtualClock();
  const random = createSeededRandom(seed);
  return { clock, random, targets: createTargets({ clock, random: random.fork("targets") }) };
}

export function candidate(id: string, card: Partial<AgentCard> = {}): PortHandle {
  return portOf(createScriptedAgent({ card: scriptedCard(id, card) }));
}

/** A permit, or undefined when refused. */
export function admit(field: Field, port: PortHandle, tokens = 1): CallPermit | undefined {
  const { card } = port.agent;
  const admission = field.targets.admit(card, ownRoute(card), tokens);
  return "permit" in admission ? admission.permit : undefined;
}

export function report(overrides: Partial<CallReport> = {}): CallReport {
  return { elapsedUs: 1_000_000, firstContentUs: 500_000, tokensUsed: 1, ...overrides };
}

export const down: Failure = { class: "capacity", code: "VENDOR_CAPACITY", reason: "overloaded" };

/** A whole call at once, with this outcome. */
export function call(field: Field, port: PortHandle, overrides: Partial<CallReport> = {}): boolean {
  const permit = admit(field, port);
  permit?.end(report(overrides));
  return permit !== undefined;
}

export const names = (ports: readonly PortHandle[]): string[] => ports.map((port) => port.agent.card.id);
