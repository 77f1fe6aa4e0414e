// What generateContent refuses.
import type { JsonObject } from "../../domain/json.ts";
import type { Signer } from "../signature.ts";
import type { GeminiModel } from "./models.ts";
import { type GeminiContent, type GeminiRequest, isObject } from "./request.ts";

/** Documented stand-ins for a signature, for histories that another model wrote. */
const SENTINELS = new Set(["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"]);

export function geminiObjection(request: GeminiRequest, model: GeminiModel, signer: Signer): string | undefined {
  return (
    configObjection(request, model) ??
    turnObjection(request) ??
    pairObjection(request.contents) ??
    signatureObjection(request, model, signer)
  );
}

function configObjection({ config }: GeminiRequest, model: GeminiModel): string | undefined {
  const { maxOutputTokens, temperature } = config;
  if (typeof maxOutputTokens === "number" && (maxOutputTokens < 1 || maxOutputTokens > model.outputTokensMax)) {
    return `Unable to submit request because it has a maxOutputTokens value of ${maxOutputTokens} but the supported range is from 1 (inclusive) to ${model.outputTokensMax + 1} (exclusive). Update the value and try again.`;
  }
  if (typeof temperature === "number" && (temperature < 0 || temperature > 2))
    return `* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0]\n`;
  const schema = config.responseJsonSchema ?? config.responseSchema;
  if (schema !== undefined && config.responseMimeType !== "application/json")
    return "Unable to submit request because responseSchema requires responseMimeType application/json.";
  return isObject(config.thinkingConfig) ? thinkingObjection(config.thinkingConfig, model) : undefined;
}

function thinkingObjection(thinking: JsonObject, model: GeminiModel): string | undefined {
  const { thinkingBudget, thinkingLevel } = thinking;
  if (thinkingLevel !== undefined && thinkingBudget !== undefined)
    return "You can only set only one of thinking budget and thinking level.";
  if (thinkingLevel !== undefined) {
    if (model.thinking !== "level") return "Thinking level is not supported for this model.";
    if (!model.levels.includes(String(thinkingLevel).toLowerCase()))
      return `Thinking level ${String(thinkingLevel).toUpperCase()} is not supported for this model.`;
  }
  if (thinkingBudget === undefined) return undefined;
  if (model.thinking === "none") return "Thinking is not enabled for this model.";
  if (model.refusesBudget) return "Thinking budget is not supported for this model. Use thinking_level instead.";
  if (model.id === "gemini-2.5-pro" && thinkingBudget === 0)
    return "Budget 0 is invalid. This model only works in thinking mode.";
  return undefined;
}

function turnObjection({ contents, toolChoice, functions }: GeminiRequest): string | undefined {
  const empty = contents.findIndex(({ parts }) => parts.length === 0);
  if (empty >= 0) return `* GenerateContentRequest.contents[${empty}].parts: contents.parts must not be empty.\n`;
  const first = contents[0];
  if (first?.role === "model" && hasKey(first, "functionCall")) {
    return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
  }
  if (contents.at(-1)?.role === "model")
    return "Please ensure that multiturn requests end with a user role or a function response.";
  const isForced = toolChoice.kind === "required" || toolChoice.kind === "named";
  if (isForced && functions.length === 0) return "Function calling config is set without function_declarations.";
  if (toolChoice.kind === "named" && !functions.some((declared) => declared.name === toolChoice.name)) {
    return `Invalid value at 'tool_config.function_calling_config.allowed_function_names': "${toolChoice.name}" is not declared.`;
  }
  return undefined;
}

function hasKey({ parts }: GeminiContent, key: string): boolean {
  return parts.some((part) => part[key] !== undefined);
}

/** Consecutive contents of one role are one turn; its calls and the next turn's responses must agree in number. */
function pairObjection(contents: readonly GeminiContent[]): string | undefined {
  const turns: { role: string; calls: number; responses: number }[] = [];
  for (const { role, parts } of contents) {
    const calls = parts.filter((part) => part.functionCall !== undefined).length;
    const responses = parts.filter((part) => part.functionResponse !== undefined).length;
    const last = turns.at(-1);
    if (last?.role === role) {
      last.calls += calls;
      last.responses += responses;
    } else turns.push({ role, calls, responses });
  }
  const wrong = turns.some((turn, index) => turn.role === "model" && turn.calls !== (turns[index + 1]?.responses ?? 0));
  const stray = turns.some(
    (turn, index) => turn.role === "user" && turn.responses > 0 && (turns[index - 1]?.calls ?? 0) === 0,
  );
  return wrong || stray
    ? "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
    : undefined;
}

/** Only calls of the present turn, which began with the last user text, are held to their signatures. */
function signatureObjection({ contents }: GeminiRequest, model: GeminiModel, signer: Signer): string | undefined {
  const start = contents.findLastIndex(
    (content) => content.role === "user" && hasKey(content, "text") && !hasKey(content, "functionResponse"),
  );
  for (const [index, { role, parts }] of contents.entries()) {
    if (role !== "model") continue;
    const firstCall = parts.findIndex((part) => part.functionCall !== undefined);
    const call = parts[firstCall];
    if (model.needsSignatures && index > start && call !== undefined && signatureOf(call) === undefined) {
      const name = String((call.functionCall as JsonObject).name);
      return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\`, position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
    }
    for (const part of parts) {
      const objection = partObjection(part, model, signer);
      if (objection !== undefined) return objection;
    }
  }
  return undefined;
}

function signatureOf(part: JsonObject): string | undefined {
  return typeof part.thoughtSignature === "string" && part.thoughtSignature !== "" ? part.thoughtSignature : undefined;
}

function partObjection(part: JsonObject, model: GeminiModel, signer: Signer): string | undefined {
  const signature = signatureOf(part);
  if (signature === undefined || isSentinel(signature)) return undefined;
  const verdict = signer.verify(signature, {
    vendor: "google",
    model: model.id,
    prefix: "",
    content: signedContent(part),
  });
  if (verdict === "edited") return "Corrupted thought signature.";
  const isForeign = verdict === "unreadable" || (verdict === "otherModel" && model.needsSignatures);
  return isForeign ? "Invalid thought signature." : undefined;
}

/** Signatures are bytes, so clients send the stand-in's text as it is or in base64. */
function isSentinel(signature: string): boolean {
  return SENTINELS.has(signature) || SENTINELS.has(Buffer.from(signature, "base64").toString("latin1"));
}

/** A call's signature protects its name; a text's protects nothing, since clients may join texts. */
export function signedContent(part: JsonObject): string {
  return isObject(part.functionCall) ? `call ${String(part.functionCall.name)}` : "text";
}
