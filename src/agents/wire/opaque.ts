// What a vendor wants back unchanged on the next request of the same agent:
// its own blocks in order, with signatures, marked with who made them.
import type { LanguageModelV4Message } from "@ai-sdk/provider";
import { z } from "zod";
import type { Route } from "../../domain/agent-card.ts";
import type { JsonObject, JsonValue } from "../../domain/json.ts";

/** One block of an assistant turn, as the provider library takes it back. */
export type OpaqueBlock = Extract<
  Extract<LanguageModelV4Message, { role: "assistant" }>["content"][number],
  { type: "text" | "reasoning" | "tool-call" }
>;

export interface OpaqueTurn {
  readonly vendor: string;
  readonly model: string;
  readonly blocks: readonly OpaqueBlock[];
}

const metadata = z.record(z.string(), z.record(z.string(), z.json())).optional();
const schema = z.object({
  vendor: z.string(),
  model: z.string(),
  blocks: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("text"), text: z.string(), providerOptions: metadata }),
      z.object({ type: z.literal("reasoning"), text: z.string(), providerOptions: metadata }),
      z.object({
        type: z.literal("tool-call"),
        toolCallId: z.string(),
        toolName: z.string(),
        input: z.json(),
        providerOptions: metadata,
      }),
    ]),
  ),
});

/** Undefined where nothing in the turn must come back: plain text and calls say it all. */
export function opaqueOf(route: Route, blocks: readonly OpaqueBlock[]): JsonValue | undefined {
  const isNeeded = blocks.some((block) => block.type === "reasoning" || block.providerOptions !== undefined);
  if (!isNeeded) return undefined;
  const turn = { vendor: route.vendor, model: route.model, blocks };
  return JSON.parse(JSON.stringify(turn)) as JsonObject;
}

/** Undefined where the value is not one that {@link opaqueOf} made. */
export function readOpaque(value: JsonValue): OpaqueTurn | undefined {
  const result = schema.safeParse(value);
  return result.success ? (result.data as OpaqueTurn) : undefined;
}
