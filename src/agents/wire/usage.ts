// Token counts of every wire, made disjoint: input without what the cache
// gave or took, reasoning inside the output.
import type { LanguageModelV4Usage } from "@ai-sdk/provider";
import type { TokenUsage } from "../../domain/usage.ts";
import { countOf } from "../json-shape.ts";

/** Undefined where the vendor told neither input nor output. */
export function usageOf(usage: LanguageModelV4Usage): TokenUsage | undefined {
  const { inputTokens, outputTokens } = usage;
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined;
  const cacheRead = countOf(inputTokens.cacheRead);
  const cacheWrite = countOf(inputTokens.cacheWrite);
  const output = countOf(outputTokens.total);
  return {
    input: countOf(inputTokens.noCache),
    cacheRead,
    cacheWrite,
    output,
    reasoning: Math.min(output, countOf(outputTokens.reasoning)),
  };
}
