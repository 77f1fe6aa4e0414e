// What a port says of its agent in HELLO, found out by free calls only: so a
// broken participant is known before the first cent is spent on the others.
import type { AgentProbe } from "../../agents/agent.ts";
import { type AgentCard, ownRoute } from "../../domain/agent-card.ts";
import type { Clock } from "../../platform/clock.ts";
import { digestOf } from "../../platform/hash.ts";
import { smallestCallNanoUsd } from "../budgets/smallest-call.ts";
import type { PortHandle } from "../turn-runner.ts";
import { type PortProfile, PROTOCOL_VERSIONS, type Problem } from "./protocol.ts";

export interface AssessOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The smallest window that will do; prices one call of it. */
  readonly contextTokensMin: number;
}

/** Never rejects: an agent that can't be probed has a problem. */
export async function assessAgent(port: PortHandle, options: AssessOptions): Promise<PortProfile> {
  const { card } = port.agent;
  const base = {
    versions: PROTOCOL_VERSIONS,
    cardDigest: digestOf(card),
    features: featuresOf(card),
  };
  // A pulling agent has no model to probe: it reads its inbox itself.
  if (card.port === "pulling") return { ...base, problems: [], simulated: false };
  const route = ownRoute(card);
  const costing = port.costing(route);
  const probe = await probeInTime(port, options);
  const window = leastOf([card.contextTokensMax, probe.contextTokensMax, costing.contextTokensMax]);
  const { outputTokensMax } = card;
  const callCostNanoUsd = smallestCallNanoUsd(costing, { inputTokens: options.contextTokensMin, outputTokensMax });
  const unpriced: Problem[] =
    callCostNanoUsd === undefined
      ? [{ code: "PRICE", reason: `the price of ${route.vendor}/${route.model} is not known` }]
      : [];
  return {
    ...base,
    ...(window === undefined ? {} : { contextTokensMax: window }),
    ...(callCostNanoUsd === undefined ? {} : { callCostNanoUsd }),
    problems: [...probe.failures, ...unpriced],
    simulated: probe.simulated,
  };
}

async function probeInTime(port: PortHandle, options: AssessOptions): Promise<AgentProbe> {
  const abort = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<AgentProbe>();
  const cancel = options.clock.setTimer(options.timeoutMs, () => {
    resolve(unreachable(`no answer to a free call within ${options.timeoutMs} ms`));
    abort.abort();
  });
  const probe = port.agent
    .probe(ownRoute(port.agent.card), { signal: abort.signal })
    .catch((error: unknown) => unreachable(error instanceof Error ? error.message : String(error)));
  const result = await Promise.race([probe, late]);
  cancel();
  return result;
}

function unreachable(reason: string): AgentProbe {
  return { ok: false, failures: [{ code: "UNREACHABLE", reason }], simulated: false };
}

function featuresOf(card: AgentCard): string[] {
  const { streaming, structuredOutput, tools } = card.capabilities;
  return Object.entries({ streaming, "structured-output": structuredOutput, tools })
    .filter(([, has]) => has)
    .map(([feature]) => feature);
}

function leastOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
