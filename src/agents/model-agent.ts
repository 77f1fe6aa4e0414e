// An agent behind a vendor's HTTP API: its routes name vendors, the vendors'
// records name wires, and one call is one attempt on one of them.
import type { AgentCard } from "../domain/agent-card.ts";
import { isPolylogueError } from "../domain/errors.ts";
import type { Failure } from "../domain/failure.ts";
import type { Clock } from "../platform/clock.ts";
import type { Agent, AgentCallOptions, AgentEvent, AgentRequest } from "./agent.ts";
import { failureOf } from "./failures/classifier.ts";
import { policyOf } from "./policy.ts";
import type { PriceTable } from "./prices/price-table.ts";
import { probeRoute } from "./probe.ts";
import { type RouteTargetOptions, targetOf } from "./route-target.ts";
import type { TokenEstimator } from "./tokens/token-estimate.ts";
import { runAttempt } from "./wire/attempt.ts";
import { WIRES } from "./wire/list.ts";
import type { FinishObserver } from "./wire/reply-reader.ts";
import { validateRequest } from "./wire/validate-request.ts";
import { CALL_TIMEOUTS_DEFAULT, type CallTimeouts } from "./wire/watchdog.ts";

export interface ModelAgentOptions extends RouteTargetOptions {
  readonly card: AgentCard;
  readonly clock: Clock;
  readonly prices: PriceTable;
  readonly estimator: TokenEstimator;
  readonly timeouts?: Partial<CallTimeouts>;
  /** Marks everything as simulated, whatever the replies say. */
  readonly simulated?: boolean;
  readonly onFinish?: FinishObserver;
}

export function createModelAgent(options: ModelAgentOptions): Agent {
  return {
    card: options.card,
    call: (request, callOptions) => callModel(options, request, callOptions),
    probe: (route, { signal }) => probeRoute(route, { ...options, signal, target: () => targetOf(options, route) }),
    close: async () => undefined,
  };
}

async function* callModel(
  options: ModelAgentOptions,
  request: AgentRequest,
  { signal }: AgentCallOptions,
): AsyncGenerator<AgentEvent> {
  const { clock, estimator, timeouts, simulated = false, onFinish } = options;
  const target = attemptTo(() => {
    validateRequest(request);
    return targetOf(options, request.route);
  });
  if ("failure" in target) {
    yield { type: "error", failure: target.failure, partial: [], simulated };
    return;
  }
  const { vendor, baseUrl, key, fetch } = target.value;
  const policy = policyOf(vendor.policies, request.route.model);
  yield* runAttempt({
    wire: WIRES[vendor.wire],
    request,
    policy,
    endpoint: { baseUrl, model: request.route.model, key, auth: vendor.auth, headers: vendor.headers ?? {} },
    fetch,
    signal,
    clock,
    timeouts: { ...CALL_TIMEOUTS_DEFAULT, ...timeouts },
    estimate: {
      prompt: () => estimator.prompt(request, policy),
      text: (text) => estimator.text(text, policy),
    },
    simulated,
    ...(onFinish === undefined ? {} : { onFinish }),
  });
}

/** What went wrong before anything was sent is a failure of the call, not an exception. */
function attemptTo<T>(run: () => T): { readonly value: T } | { readonly failure: Failure } {
  try {
    return { value: run() };
  } catch (error) {
    if (!isPolylogueError(error)) return { failure: failureOf("request", String(error), "INTERNAL") };
    const failureClass = error.code === "KEY_MISSING" ? "auth" : "request";
    const mend = error.mend === undefined ? "" : `; ${error.mend}`;
    return { failure: failureOf(failureClass, `${error.message}${mend}`, error.code) };
  }
}
