// One call of the provider library as one stream of parts, whether the vendor
// streams or not.
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
} from "@ai-sdk/provider";
import { holdsError } from "../json-shape.ts";

export interface ModelCall {
  readonly model: LanguageModelV4;
  readonly options: LanguageModelV4CallOptions;
  readonly streamed: boolean;
  /** Called with each part; the next is read when it resolves. */
  readonly onPart: (part: LanguageModelV4StreamPart) => Promise<void>;
}

/** Resolves at the end of the reply; rejects with whatever the library threw. */
export async function readModelParts({ model, options, streamed, onPart }: ModelCall): Promise<void> {
  if (!streamed) {
    for (const part of await generatedParts(model, options)) await onPart(part);
    return;
  }
  const { stream } = await model.doStream(options);
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  options.abortSignal?.addEventListener("abort", cancel, { once: true });
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) await onPart(next.value);
  } finally {
    options.abortSignal?.removeEventListener("abort", cancel);
    reader.releaseLock();
  }
}

async function generatedParts(
  model: LanguageModelV4,
  options: LanguageModelV4CallOptions,
): Promise<LanguageModelV4StreamPart[]> {
  const { content, finishReason, usage, providerMetadata, response } = await model.doGenerate(options);
  const body = response?.body;
  // A reply of status 200 may hold an error object, which a lenient library reads as an empty answer.
  const errors: LanguageModelV4StreamPart[] = holdsError(body) ? [{ type: "error", error: body }] : [];
  const finish = { type: "finish" as const, finishReason, usage, ...(providerMetadata && { providerMetadata }) };
  return [...content.flatMap(contentParts), ...errors, finish];
}

function contentParts(content: LanguageModelV4Content, index: number): LanguageModelV4StreamPart[] {
  if (content.type === "tool-call") return [content];
  if (content.type !== "text" && content.type !== "reasoning") return [];
  const { providerMetadata, text, type } = content;
  return [{ type: `${type}-delta`, id: String(index), delta: text, ...(providerMetadata && { providerMetadata }) }];
}
