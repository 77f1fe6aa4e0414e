// What a scripted agent does on one call, as data: a reply, parts, a failure,
// or an exact stream with delays. A responder computes one from the request.
import type { Failure } from "../../domain/failure.ts";
import type { JsonValue } from "../../domain/json.ts";
import type { ReasoningPart, TextPart, ToolCallPart } from "../../domain/part.ts";
import type { TokenUsage } from "../../domain/usage.ts";
import type { AgentEvent, AgentRequest, FinishReason, RateLimitState } from "../agent.ts";

/** What a model can say itself. */
export type SpokenPart = TextPart | ReasoningPart | ToolCallPart;

interface ReplyDetail {
  /** Wait before the first byte; needs a clock. */
  readonly delayMs?: number;
  readonly usage?: TokenUsage;
  readonly finishReason?: FinishReason;
  readonly opaque?: JsonValue;
  readonly rateLimits?: RateLimitState;
}

/** One event of an exact stream; `afterMs` counts from the event before and needs a clock. */
export interface TimedEvent {
  readonly event: AgentEvent;
  readonly afterMs?: number;
}

export type ScriptedReply =
  | string
  | (ReplyDetail & { readonly text: string })
  /** Answered as the JSON text of the value. */
  | (ReplyDetail & { readonly json: JsonValue })
  | (ReplyDetail & { readonly parts: readonly SpokenPart[] })
  /** Ends in `error`, after `partial` was streamed. */
  | {
      readonly failure: Failure;
      readonly partial?: readonly SpokenPart[];
      readonly usage?: TokenUsage;
      readonly delayMs?: number;
    }
  /** Exactly these events; without an end of its own it ends in `error`, as an interrupted stream does. */
  | { readonly stream: readonly TimedEvent[] }
  /** Says nothing until the call is aborted. */
  | { readonly hang: true };

/** Computes the reply from the request; `call` counts from 0. What it throws becomes an `error` event. */
export type Responder = (request: AgentRequest, call: number) => ScriptedReply | Promise<ScriptedReply>;

export type ScriptedStep = ScriptedReply | Responder;

export interface PlayContext {
  readonly request: AgentRequest;
  readonly simulated: boolean;
}

/** Turns a reply into the events it stands for. */
export function timedEvents(reply: ScriptedReply, context: PlayContext): readonly TimedEvent[] {
  if (typeof reply === "string") return timedEvents({ text: reply }, context);
  if ("hang" in reply) return [];
  if ("stream" in reply) return reply.stream;
  if ("failure" in reply) return failureEvents(reply, context);
  if ("text" in reply) return doneEvents([{ type: "text", text: reply.text }], reply, context);
  if ("json" in reply) return doneEvents([{ type: "text", text: JSON.stringify(reply.json) }], reply, context);
  return doneEvents(reply.parts, reply, context);
}

function doneEvents(parts: readonly SpokenPart[], detail: ReplyDetail, context: PlayContext): TimedEvent[] {
  const callsTool = parts.some((part) => part.type === "tool-call");
  const done: AgentEvent = {
    type: "done",
    finishReason: detail.finishReason ?? (callsTool ? "tool-calls" : "stop"),
    parts,
    usage: detail.usage ?? countedUsage(context.request, parts),
    usageEstimated: false,
    simulated: context.simulated,
    ...(detail.opaque === undefined ? {} : { opaque: detail.opaque }),
    ...(detail.rateLimits === undefined ? {} : { rateLimits: detail.rateLimits }),
  };
  return [firstByte(detail.delayMs), ...parts.map((part) => ({ event: contentEvent(part) })), { event: done }];
}

function failureEvents(
  reply: Extract<ScriptedReply, { readonly failure: Failure }>,
  context: PlayContext,
): TimedEvent[] {
  const partial = reply.partial ?? [];
  const error: AgentEvent = {
    type: "error",
    failure: reply.failure,
    partial,
    simulated: context.simulated,
    ...(reply.usage === undefined ? {} : { usage: reply.usage }),
  };
  return [firstByte(reply.delayMs), ...partial.map((part) => ({ event: contentEvent(part) })), { event: error }];
}

function firstByte(delayMs: number | undefined): TimedEvent {
  return { event: { type: "byte" }, ...(delayMs === undefined ? {} : { afterMs: delayMs }) };
}

function contentEvent(part: SpokenPart): AgentEvent {
  switch (part.type) {
    case "text":
      return { type: "text-delta", text: part.text };
    case "reasoning":
      return { type: "reasoning-delta", text: part.text };
    case "tool-call":
      return { type: "tool-call", callId: part.callId, tool: part.tool, input: part.input };
  }
}

/** Four characters a token, at least one: stable numbers for tests, no claim about any vendor. */
function countedUsage(request: AgentRequest, parts: readonly SpokenPart[]): TokenUsage {
  const promptChars = request.system.length + JSON.stringify(request.history).length;
  const reasoning = tokensOf(parts.filter((part) => part.type === "reasoning"));
  return {
    input: Math.ceil(promptChars / 4),
    cacheRead: 0,
    cacheWrite: 0,
    output: Math.max(1, tokensOf(parts)),
    reasoning,
  };
}

function tokensOf(parts: readonly SpokenPart[]): number {
  const chars = parts.reduce((sum, part) => sum + ("text" in part ? part.text : JSON.stringify(part.input)).length, 0);
  return Math.ceil(chars / 4);
}
