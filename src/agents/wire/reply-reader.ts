// Reads the parts of one reply: what was said, what was counted, how it ended.
import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Failure } from "../../domain/failure.ts";
import type { Part } from "../../domain/part.ts";
import { promptTokens, type TokenUsage } from "../../domain/usage.ts";
import type { AgentEvent } from "../agent.ts";
import { isProperEnd, judge, type Verdict } from "./judge.ts";
import { createTranscript, type Transcript } from "./transcript.ts";
import { usageOf } from "./usage.ts";
import type { EarlyUsage, Wire } from "./wire.ts";

/** Sees the vendor's own end of a reply, also where the verdict makes a failure of it. */
export type FinishObserver = (finish: LanguageModelV4FinishReason, usage: TokenUsage | undefined) => void;

export interface ReplyReaderOptions {
  readonly wire: Wire;
  /** Turns an error part into a failure; undefined where it is of no concern. */
  readonly failureOf: (error: unknown) => Failure | undefined;
  /** Tokens of the prompt and of what was said, for what the vendor never counted. */
  readonly estimate: { readonly prompt: () => number; readonly text: (text: string) => number };
  readonly onFinish: FinishObserver | undefined;
}

export interface ReplyReader {
  readonly transcript: Transcript;
  /** The event that the part stands for; undefined where it is none of ours. */
  read(part: LanguageModelV4StreamPart): AgentEvent | undefined;
  verdict(): Verdict;
  /** Whether the vendor's own end, or its own error, came. */
  readonly isEnded: boolean;
  /** The vendor's own word for the end; undefined before it. */
  readonly finishReasonRaw: string | undefined;
  /** Whether the vendor counted or said anything. */
  readonly hasBegun: boolean;
  /** What the vendor counted; else what it told early and an estimate for the rest. */
  usage(): { readonly usage: TokenUsage; readonly estimated: boolean };
}

export function createReplyReader({ wire, failureOf, estimate, onFinish }: ReplyReaderOptions): ReplyReader {
  const transcript = createTranscript();
  let failure: Failure | undefined;
  let finish: LanguageModelV4FinishReason | undefined;
  let counted: TokenUsage | undefined;
  let early: EarlyUsage | undefined;

  function read(part: LanguageModelV4StreamPart): AgentEvent | undefined {
    early = wire.earlyUsage(part) ?? early;
    if (part.type === "error") failure ??= failureOf(part.error);
    if (part.type === "finish") {
      finish = part.finishReason;
      counted = usageOf(part.usage);
      onFinish?.(finish, counted);
    }
    return transcript.apply(part);
  }

  /** Counts that came before a proper end lag behind what was said. */
  function usage() {
    if (counted !== undefined && finish !== undefined && isProperEnd(finish))
      return { usage: counted, estimated: false };
    const isCounted = counted !== undefined && promptTokens(counted) > 0;
    const prompt = (isCounted ? counted : early) ?? { input: estimate.prompt(), cacheRead: 0, cacheWrite: 0 };
    const said = tokensSaid(transcript.parts(), estimate.text);
    const output = Math.max(counted?.output ?? 0, said.reasoning + said.rest);
    const reasoning = Math.min(output, Math.max(counted?.reasoning ?? 0, said.reasoning));
    const { input, cacheRead, cacheWrite } = prompt;
    return { usage: { input, cacheRead, cacheWrite, output, reasoning }, estimated: true };
  }

  return {
    transcript,
    read,
    usage,
    verdict: () => judge({ finish, failure, transcript }),
    get hasBegun() {
      return counted !== undefined || early !== undefined || transcript.chars > 0;
    },
    get isEnded() {
      return failure !== undefined || (finish !== undefined && isProperEnd(finish));
    },
    get finishReasonRaw() {
      return finish?.raw;
    },
  };
}

function tokensSaid(parts: readonly Part[], tokensOf: (text: string) => number) {
  let reasoning = 0;
  let rest = 0;
  for (const part of parts) {
    if (part.type === "reasoning") reasoning += tokensOf(part.text);
    else rest += tokensOf(part.type === "text" ? part.text : JSON.stringify(part));
  }
  return { reasoning, rest };
}

/** Whether the part is a sign that the model works on its answer, not only that the line is open. */
export function isProgress(part: LanguageModelV4StreamPart): boolean {
  switch (part.type) {
    case "text-delta":
    case "reasoning-start":
    case "reasoning-delta":
    case "tool-input-start":
    case "tool-input-delta":
    case "tool-call":
      return true;
    default:
      return false;
  }
}
