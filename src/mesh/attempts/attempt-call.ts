// One call of an agent, watched: what came, when the first byte and content
// came, and how the stream ended.
import type { Agent, AgentEvent, AgentRequest } from "../../agents/agent.ts";
import type { Failure } from "../../domain/failure.ts";
import { type AttemptTimings, GAP_BUCKETS_MS } from "../../domain/journal-event.ts";
import type { DurationUs } from "../../domain/time.ts";
import type { Clock } from "../../platform/clock.ts";

export type DoneEvent = Extract<AgentEvent, { readonly type: "done" }>;
type ErrorEvent = Extract<AgentEvent, { readonly type: "error" }>;

export interface CallResult {
  readonly end: DoneEvent | ErrorEvent;
  readonly timings: AttemptTimings;
  /** Characters of content that arrived before the end; 0 when none did. */
  readonly contentChars: number;
}

export interface CallOptions {
  readonly agent: Agent;
  readonly request: AgentRequest;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  onEvent(event: AgentEvent): void;
}

/** Never rejects: an agent that breaks its contract (throws, or stops without an end) has failed. */
export async function callAgent(options: CallOptions): Promise<CallResult> {
  const watch = createStopwatch(options.clock);
  let contentChars = 0;
  const finished = (end: DoneEvent | ErrorEvent): CallResult => ({ end, timings: watch.timings(), contentChars });
  try {
    for await (const event of options.agent.call(options.request, { signal: options.signal })) {
      options.onEvent(event);
      if (event.type === "done" || event.type === "error") return finished(event);
      watch.saw(event);
      contentChars += charsOf(event);
    }
    return finished(brokenEnd("the agent's stream stopped without an end"));
  } catch (error) {
    return finished(brokenEnd(`the agent threw: ${error instanceof Error ? error.message : String(error)}`));
  }
}

function brokenEnd(reason: string): ErrorEvent {
  const failure: Failure = { class: "transient", code: "INTERNAL", reason };
  return { type: "error", failure, partial: [], outcomeUnknown: true, simulated: false };
}

function charsOf(event: AgentEvent): number {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
      return event.text.length;
    case "tool-call":
      return event.tool.length + JSON.stringify(event.input).length;
    default:
      return 0;
  }
}

interface Stopwatch {
  saw(event: AgentEvent): void;
  timings(): AttemptTimings;
}

function createStopwatch(clock: Clock): Stopwatch {
  const startUs = clock.monotonicUs();
  const gapCounts = Array.from({ length: GAP_BUCKETS_MS.length + 1 }, () => 0);
  let firstByteUs: DurationUs | undefined;
  let firstContentUs: DurationUs | undefined;
  let lastContentUs: DurationUs = 0;

  function sawContent(atUs: DurationUs): void {
    if (firstContentUs === undefined) firstContentUs = atUs;
    else countGap(gapCounts, atUs - lastContentUs);
    lastContentUs = atUs;
  }

  return {
    saw(event) {
      const atUs = clock.monotonicUs() - startUs;
      firstByteUs ??= atUs;
      if (event.type !== "byte") sawContent(atUs);
    },
    timings: () => ({
      totalUs: clock.monotonicUs() - startUs,
      ...(firstByteUs === undefined ? {} : { firstByteUs }),
      ...(firstContentUs === undefined ? {} : { firstContentUs }),
      gapCounts,
    }),
  };
}

function countGap(gapCounts: number[], gapUs: DurationUs): void {
  const found = GAP_BUCKETS_MS.findIndex((boundMs) => gapUs <= boundMs * 1_000);
  const bucket = found === -1 ? GAP_BUCKETS_MS.length : found;
  gapCounts[bucket] = (gapCounts[bucket] as number) + 1;
}
