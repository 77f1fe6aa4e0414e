// The Gemini API: generateContent in its three forms, token counts, models.
import type { JsonObject } from "../../domain/json.ts";
import { SchemaUnsupportedError } from "../reply/schema-error.ts";
import type { SimulatorOptions, VendorSimulator } from "../simulator.ts";
import type { Answer, Generation, Incoming, VendorGrammar } from "../vendor-grammar.ts";
import { createVendorRuntime } from "../vendor-runtime.ts";
import { googleFailure, invalidArgument, notFound, OVERLOADED, quotaExceeded, unauthorised } from "./errors.ts";
import { generateGemini, measureContents } from "./generate.ts";
import { findGemini, GEMINI_MODELS, type GeminiModel } from "./models.ts";
import { arrayFrames, eventFrames, type GeminiReply, spaced, wholeJson } from "./reply.ts";
import { type GeminiRequest, GeminiShapeError, isObject, readGeminiRequest } from "./request.ts";
import { geminiObjection } from "./rules.ts";

const MODEL_CALL = /^\/v1(?:beta|alpha)?\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;
const MODEL_LIST = /^\/v1(?:beta|alpha)?\/models(?:\/([^/:]+))?$/;

export function createGoogleSimulator(options: SimulatorOptions): VendorSimulator {
  return createVendorRuntime(GOOGLE, options);
}

const GOOGLE: VendorGrammar = {
  name: "google",
  baseUrl: "https://generativelanguage.googleapis.com",
  keyOf: (headers, query) => headers.get("x-goog-api-key") ?? query.get("key") ?? undefined,
  unauthorised,
  isGenerating: (method, path) => method === "POST" && /:(?:generateContent|streamGenerateContent)$/.test(path),
  answer,
  failure: (fault, facts, path) => googleFailure(fault, { ...facts, model: MODEL_CALL.exec(path)?.[1] as string }),
  rateLimited: (reading, facts) =>
    quotaExceeded(
      reading.refusedBy === "requests"
        ? "GenerateRequestsPerMinutePerProjectPerModel"
        : "GenerateContentInputTokensPerModelPerMinute",
      facts.model,
      facts.retryAfterMs,
    ),
  // Google tells nothing of its buckets but in a 429's body.
  rateHeaders: () => ({}),
  replyHeaders: () => ({ "server-timing": "gfet4t7; dur=420", vary: "Origin" }),
  errorFrame: () => `data: ${spaced({ error: { code: 503, ...OVERLOADED } })}\r\n\r\n`,
};

function answer(incoming: Incoming): Answer {
  const { method, path } = incoming;
  const listed = MODEL_LIST.exec(path);
  if (method === "GET" && listed !== null) return answerModels(listed[1]);
  const called = MODEL_CALL.exec(path);
  if (method !== "POST" || called === null) return { kind: "plain", reply: { status: 404, body: "" } };
  const [, name = "", action = ""] = called;
  const model = findGemini(decodeURIComponent(name));
  const isUnsupported = model?.isEmbedding === true && action !== "countTokens";
  if (model === undefined || isUnsupported) return notFound(name, action);
  try {
    return action === "countTokens"
      ? answerCount(incoming)
      : answerGenerate(readGeminiRequest(incoming.body), model, incoming);
  } catch (error) {
    if (error instanceof GeminiShapeError) return invalidArgument(error.message);
    if (error instanceof SchemaUnsupportedError) return invalidArgument("Request contains an invalid argument.");
    throw error;
  }
}

function json(body: JsonObject): Answer {
  return {
    kind: "plain",
    reply: {
      status: 200,
      body: `${JSON.stringify(body, null, 2)}\n`,
      headers: { "content-type": "application/json; charset=UTF-8" },
    },
  };
}

function answerModels(name: string | undefined): Answer {
  if (name === undefined) return json({ models: GEMINI_MODELS.map(modelJson) });
  const model = findGemini(name);
  return model === undefined ? notFound(name, "getModel") : json(modelJson(model));
}

function modelJson(model: GeminiModel): JsonObject {
  return {
    name: `models/${model.id}`,
    version: "001",
    displayName: model.displayName,
    inputTokenLimit: model.inputTokensMax,
    outputTokenLimit: model.outputTokensMax,
    supportedGenerationMethods: model.isEmbedding
      ? ["embedContent", "countTokens"]
      : ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
    temperature: 1,
    maxTemperature: 2,
    topP: 0.95,
    topK: 64,
    ...(model.thinking === "none" ? {} : { thinking: true }),
  };
}

/** The body is the contents, or a whole request to count. */
function answerCount({ body }: Incoming): Answer {
  const inner = isObject(body) && isObject(body.generateContentRequest) ? body.generateContentRequest : body;
  const totalTokens = measureContents(readGeminiRequest(inner)).tokens;
  return json({ totalTokens, promptTokensDetails: [{ modality: "TEXT", tokenCount: totalTokens }] });
}

function answerGenerate(request: GeminiRequest, model: GeminiModel, incoming: Incoming): Answer {
  const objection = geminiObjection(request, model, incoming.signer);
  if (objection !== undefined) return invalidArgument(objection);
  const prompt = measureContents(request);
  const promptTokens = prompt.tokens;
  if (promptTokens > model.inputTokensMax) {
    return invalidArgument(
      `The input token count (${promptTokens}) exceeds the maximum number of tokens allowed (${model.inputTokensMax}).`,
    );
  }
  const reply = generateGemini({ request, model, prompt }, incoming);
  return {
    kind: "generation",
    generation: {
      model: model.id,
      family: model.id,
      take: { requests: 1, inputTokens: promptTokens, outputTokens: reply.candidateTokens + reply.thoughtTokens },
      ...formOf(reply, incoming),
    },
  };
}

function formOf(reply: GeminiReply, { path, query }: Incoming): Pick<Generation, "contentType" | "frames" | "headers"> {
  const contentType = "application/json; charset=UTF-8";
  if (path.endsWith(":streamGenerateContent")) {
    if (query.get("alt") !== "sse") return { contentType, frames: arrayFrames(reply) };
    return {
      contentType: "text/event-stream",
      headers: { "content-disposition": "attachment" },
      frames: eventFrames(reply),
    };
  }
  const text = `${JSON.stringify(wholeJson(reply), null, 2)}\n`;
  return { contentType, frames: [{ text, tokens: reply.candidateTokens + reply.thoughtTokens, isContent: true }] };
}
