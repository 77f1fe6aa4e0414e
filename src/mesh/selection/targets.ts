// All targets and gates of this process, and the one way in: a permit reserves
// the agent's gate, the vendor's quota and the breaker together, or nothing.
import type { AgentCard, Route } from "../../domain/agent-card.ts";
import { canonicalJson } from "../../domain/json.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Random } from "../../platform/random.ts";
import { createGate, type Gate } from "./gate.ts";
import { gateRefusal, type Refusal, targetName } from "./refusal.ts";
import { type CallReport, createTarget, type Target, type TargetLoad } from "./target.ts";

export interface CallPermit {
  end(report: CallReport): void;
  /** The call was never made: nothing of it counts. */
  cancel(): void;
}

export type Admission = { readonly permit: CallPermit } | { readonly refusal: Refusal };

export interface Targets {
  /** Why this agent cannot be asked by this route now; undefined when it can. */
  refusal(card: AgentCard, route: Route, tokens: number): Refusal | undefined;
  admit(card: AgentCard, route: Route, tokens: number): Admission;
  load(card: AgentCard, route: Route): TargetLoad;
  /** Calls back whenever a call has ended; returns how to stop. */
  onRelease(wake: () => void): () => void;
}

export function createTargets({ clock, random }: { readonly clock: Clock; readonly random: Random }): Targets {
  const targets = new Map<string, Target>();
  const gates = new Map<string, { readonly limits: string; readonly gate: Gate }>();
  const listeners = new Set<() => void>();

  function targetOf(route: Route): Target {
    const name = targetName(route);
    const known = targets.get(name);
    if (known !== undefined) return known;
    const target = createTarget(name, { clock, random: random.fork(name) });
    targets.set(name, target);
    return target;
  }

  /** A card with other limits gets a new gate: the old count was against other limits. */
  function gateOf(card: AgentCard): Gate {
    const limits = canonicalJson(card.limits);
    const known = gates.get(card.id);
    if (known?.limits === limits) return known.gate;
    const gate = createGate(clock, card.limits);
    gates.set(card.id, { limits, gate });
    return gate;
  }

  function refusal(card: AgentCard, route: Route, tokens: number): Refusal | undefined {
    const refused = targetOf(route).refusal(tokens);
    if (refused !== undefined) return refused;
    const waitMs = gateOf(card).waitMs(tokens);
    return waitMs === 0 ? undefined : gateRefusal(`agent ${card.id}`, waitMs);
  }

  function admit(card: AgentCard, route: Route, tokens: number): Admission {
    const target = targetOf(route);
    const refused = target.refusal(tokens);
    if (refused !== undefined) return { refusal: refused };
    const gate = gateOf(card);
    const pass = gate.enter(tokens);
    if (pass === undefined) return { refusal: gateRefusal(`agent ${card.id}`, gate.waitMs(tokens)) };
    const inner = target.enter(tokens);
    const released = (): void => {
      for (const wake of [...listeners]) wake();
    };
    const permit: CallPermit = {
      end(report) {
        pass.leave(report.tokensUsed);
        inner.end(report);
        released();
      },
      cancel() {
        pass.cancel();
        inner.cancel();
        released();
      },
    };
    return { permit };
  }

  return {
    refusal,
    admit,
    load(card, route) {
      const load = targetOf(route).load();
      const requestsPerMinute = card.limits.requestsPerMinuteMax ?? load.requestsPerMinute;
      return { ...load, requestsPerMinute };
    },
    onRelease(wake) {
      listeners.add(wake);
      return () => {
        listeners.delete(wake);
      };
    },
  };
}
