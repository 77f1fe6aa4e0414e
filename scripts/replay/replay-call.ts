// Replays one recorded reply through the product's own adapter, with a fetch
// that answers from the record, and judges what came out.
import type { AgentEvent, AgentRequest } from "../../src/agents/agent.ts";
import { createModelAgent } from "../../src/agents/model-agent.ts";
import { createPriceTable } from "../../src/agents/prices/price-table.ts";
import { scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import { createTokenCounter, roughTokens } from "../../src/agents/tokens/token-count.ts";
import { createTokenEstimator } from "../../src/agents/tokens/token-estimate.ts";
import { VENDORS } from "../../src/agents/vendors/list.ts";
import { vendorTable } from "../../src/agents/vendors/vendor.ts";
import { textOf } from "../../src/domain/part.ts";
import type { TokenUsage } from "../../src/domain/usage.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { type Expectation, expectationOf } from "./expectation.ts";
import { bodyText, parseRecord, type RecordedCall, type ReplayTarget, targetOf } from "./record.ts";

/** One line of the report. */
export interface ReplayLine {
  readonly vendor: string;
  readonly file: string;
  /** The line's number in its file, from 0. */
  readonly index: number;
  readonly ok: boolean;
  readonly finishReason: string | null;
  readonly usage: TokenUsage | null;
  /** Of the answer's text. */
  readonly chars: number;
  readonly errorClass?: string;
  readonly error?: string;
  readonly skipped?: string;
}

export interface RecordPlace {
  readonly file: string;
  readonly index: number;
}

interface Outcome {
  readonly last: AgentEvent & { readonly type: "done" | "error" };
  /** The vendor's own end, as the adapter read it. */
  readonly finishReason: string | null;
  /** What the vendor counted. */
  readonly counted: TokenUsage | undefined;
}

/** A line that is no recorded call is reported, like a call that failed. */
export async function replayLine(line: string, place: RecordPlace): Promise<ReplayLine> {
  try {
    return await replayCall(parseRecord(line), place);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { vendor: "unknown", ...place, ok: false, finishReason: null, usage: null, chars: 0, error: reason };
  }
}

export async function replayCall(call: RecordedCall, { file, index }: RecordPlace): Promise<ReplayLine> {
  const place = { vendor: call.vendor, file, index };
  const target = targetOf(call);
  if ("skipped" in target) {
    return { ...place, ok: false, finishReason: null, usage: null, chars: 0, skipped: target.skipped };
  }
  const outcome = await play(call, target);
  const { last, finishReason, counted } = outcome;
  const fault = faultOf(outcome, expectationOf(call.status, bodyText(call)));
  const parts = last.type === "done" ? last.parts : last.partial;
  return {
    ...place,
    ok: fault === undefined,
    finishReason,
    usage: counted ?? last.usage ?? null,
    chars: textOf(parts).length,
    ...(last.type === "error" ? { errorClass: last.failure.class } : {}),
    ...(fault === undefined ? {} : { error: fault }),
  };
}

/** What is wrong with the outcome; undefined where it is right. */
function faultOf({ last, finishReason, counted }: Outcome, expected: Expectation): string | undefined {
  if (expected.kind === "answer") {
    if (finishReason === null) return `no finish reason came out: ${reasonOf(last)}`;
    if (expected.hasUsage && counted === undefined) return "no usage came out";
    if (last.type === "done" || last.failure.code === "ANSWER_EMPTY") return undefined;
    const refused = expected.refuses && last.failure.class === "policy";
    return refused ? undefined : `an answer came out as a failure: ${reasonOf(last)}`;
  }
  const classes = expected.kind === "cut" ? ["transient"] : expected.classes;
  if (last.type === "done") return `expected an error of class ${classes.join(" or ")}, got an answer`;
  const { failure } = last;
  return classes.includes(failure.class) ? undefined : `expected class ${classes.join(" or ")}, got ${reasonOf(last)}`;
}

function reasonOf(last: Outcome["last"]): string {
  return last.type === "done" ? "done" : `${last.failure.class} ${last.failure.code}: ${last.failure.reason}`;
}

async function play(call: RecordedCall, target: ReplayTarget): Promise<Outcome> {
  let finishReason: string | null = null;
  let counted: TokenUsage | undefined;
  const agent = createModelAgent({
    card: scriptedCard("replay"),
    vendors: vendorTable(VENDORS),
    fetch: async () => recordedResponse(call, target),
    key: () => "replayed-key",
    clock: createSystemClock(),
    prices: createPriceTable(),
    estimator: createTokenEstimator(createTokenCounter(async () => roughTokens)),
    baseUrls: { "openai-compatible": "http://replay.invalid/v1" },
    onFinish: (finish, usage) => {
      finishReason =
        finish.unified === "interrupted" || finish.unified === "error" ? (finish.raw ?? null) : finish.unified;
      counted = usage;
    },
  });
  let last: AgentEvent | undefined;
  for await (const event of agent.call(requestTo(target), { signal: new AbortController().signal })) last = event;
  if (last?.type !== "done" && last?.type !== "error") throw new Error("the stream ended without done or error");
  return { last, finishReason, counted };
}

function requestTo({ vendor, model, streamed }: ReplayTarget): AgentRequest {
  return {
    system: "",
    history: [{ role: "user", parts: [{ type: "text", text: "replayed" }] }],
    newTurns: 1,
    sessionKey: "replay",
    route: { vendor, model },
    outputTokensMax: 1_024,
    stream: streamed,
  };
}

/** Headers of the transport (length, encoding) spoke of other bytes than these. */
const KEPT_HEADER = /^(content-type|retry-after|x-|anthropic-|request-id)/i;

function recordedResponse(call: RecordedCall, { streamed }: ReplayTarget): Response {
  const headers = new Headers({ "content-type": streamed ? "text/event-stream" : "application/json" });
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    if (KEPT_HEADER.test(name)) headers.set(name, String(value));
  }
  return new Response(bodyText(call), { status: call.status, headers });
}
