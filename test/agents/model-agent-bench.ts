// A model agent on a bench: simulated time, a fetch that the test scripts, and
// the requests that went out.
import type { Agent, AgentEvent, AgentRequest } from "../../src/agents/agent.ts";
import { createModelAgent, type ModelAgentOptions } from "../../src/agents/model-agent.ts";
import { createPriceTable } from "../../src/agents/prices/price-table.ts";
import { scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import { createTokenCounter, roughTokens } from "../../src/agents/tokens/token-count.ts";
import { createTokenEstimator } from "../../src/agents/tokens/token-estimate.ts";
import { VENDORS } from "../../src/agents/vendors/list.ts";
import { vendorTable } from "../../src/agents/vendors/vendor.ts";
import type { FetchLike } from "../../src/platform/http-fetch.ts";
import { createVirtualClock, type VirtualClock } from "../../src/platform/virtual-clock.ts";
import type { VendorGrammar } from "./vendor-replies.ts";

export interface SentRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into every vendor's body.
  readonly body: any;
  readonly signal: AbortSignal | null | undefined;
}

export interface Bench {
  readonly agent: Agent;
  readonly clock: VirtualClock;
  readonly sent: SentRequest[];
  /** All events of one call, in simulated time. */
  run(request: AgentRequest, signal?: AbortSignal): Promise<AgentEvent[]>;
}

const prices = createPriceTable();

export function createBench(reply: FetchLike, options: Partial<ModelAgentOptions> = {}): Bench {
  const clock = createVirtualClock();
  const sent: SentRequest[] = [];
  const agent = createModelAgent({
    card: scriptedCard("bench"),
    vendors: vendorTable(VENDORS),
    fetch: (input, init) => {
      const body = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
      sent.push({
        url: String(input),
        headers: Object.fromEntries(new Headers(init?.headers).entries()),
        body,
        signal: init?.signal,
      });
      return reply(input, init);
    },
    key: () => "test-key-123456",
    clock,
    prices,
    estimator: createTokenEstimator(createTokenCounter(async () => roughTokens)),
    baseUrls: { "openai-compatible": "http://127.0.0.1:11434/v1" },
    ...options,
  });
  const collect = async (request: AgentRequest, signal: AbortSignal): Promise<AgentEvent[]> => {
    const events: AgentEvent[] = [];
    for await (const event of agent.call(request, { signal })) events.push(event);
    return events;
  };
  return {
    agent,
    clock,
    sent,
    run: (request, signal = new AbortController().signal) => clock.run(collect(request, signal)),
  };
}

export function requestFor(
  { vendor, model }: Pick<VendorGrammar, "vendor" | "model">,
  more: Partial<AgentRequest> = {},
): AgentRequest {
  return {
    system: "Be brief.",
    history: [{ role: "user", parts: [{ type: "text", text: "Is two prime?" }] }],
    newTurns: 1,
    sessionKey: "conversation-1/claude",
    route: { vendor, model },
    outputTokensMax: 500,
    ...more,
  };
}

/** A whole reply at once. */
export function streamReply(text: string, headers: Record<string, string> = {}): Response {
  return new Response(text, { headers: { "content-type": "text/event-stream", ...headers } });
}

export function jsonReply(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(text, { status, headers: { "content-type": "application/json", ...headers } });
}

/** Sends `text`, then stays open until the request is aborted, as a stalled vendor does. */
export function stallingReply(text: string, signal: AbortSignal | null | undefined): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      if (text !== "") controller.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
