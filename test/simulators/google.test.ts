// The Gemini simulator: its three forms, its signatures, what it refuses.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { GEMINI_MODELS } from "../../src/simulators/google/models.ts";
import { verifies } from "../requirements.ts";
import { createHarness, eventsOf, type Harness, type Reply } from "./harness.ts";

const path = (model = "gemini-3.8-flash", action = "generateContent"): string => `/v1beta/models/${model}:${action}`;
const say = (text: string): JsonObject => ({ role: "user", parts: [{ text }] });
const QUESTION = say("What is the weather in Paris?");
const TOOLS = [
  {
    functionDeclarations: [
      {
        name: "get_weather",
        description: "Weather of a city",
        parameters: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] },
      },
    ],
  },
];
const RESULT = { role: "user", parts: [{ functionResponse: { name: "get_weather", response: { result: "Sunny" } } }] };

interface Ask {
  readonly body?: JsonObject;
  readonly model?: string;
  readonly harness?: Harness;
}

async function ask({ body = {}, model = "gemini-3.8-flash", harness = createHarness() }: Ask = {}): Promise<Reply> {
  return harness.post("google", path(model), { contents: [QUESTION], ...body });
}

async function refusal(asked: Ask): Promise<string> {
  const { status, json } = await ask(asked);
  expect([status, json.error?.code, json.error?.status]).toEqual([400, 400, "INVALID_ARGUMENT"]);
  return json.error.message as string;
}

describe("forms of a reply", () => {
  it("streams CRLF frames with a space after each colon, cumulative usage and an empty signed end", async () => {
    verifies("R7.2");
    const { text, headers } = await createHarness().post(
      "google",
      `${path("gemini-3.8-flash", "streamGenerateContent")}?alt=sse`,
      { contents: [say("Is tea good?")] },
    );
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("content-disposition")).toBe("attachment");
    expect(text.replaceAll("\r\n\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).toMatch(/^data: \{"candidates": \[\{"content": \{"parts": \[\{"text": "[^"]+"\}\],"role": "model"\}/);
    const chunks = eventsOf(text);
    const counts = chunks.map((chunk) => chunk.usageMetadata.candidatesTokenCount as number);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(chunks.filter((chunk) => chunk.candidates[0].finishReason !== undefined).length).toBe(1);
    expect(chunks.at(-1).candidates[0]).toMatchObject({
      finishReason: "STOP",
      content: { parts: [{ text: "", thoughtSignature: expect.any(String) }] },
    });
  });

  it("is one JSON array without alt=sse", async () => {
    const { text, headers } = await createHarness().post("google", path("gemini-2.5-flash", "streamGenerateContent"), {
      contents: [say("Is tea good?")],
    });
    expect(headers.get("content-type")).toContain("application/json");
    const chunks = JSON.parse(text) as { candidates: { content: { parts: { text: string }[] } }[] }[];
    const whole = (await ask({ model: "gemini-2.5-flash", body: { contents: [say("Is tea good?")] } })).json;
    expect(chunks.map((chunk) => chunk.candidates[0]?.content.parts[0]?.text).join("")).toBe(
      whole.candidates[0].content.parts[0].text,
    );
  });

  it("shows thoughts when asked, and counts them apart", async () => {
    const generationConfig = { thinkingConfig: { includeThoughts: true, thinkingLevel: "low" } };
    const { json } = await ask({ body: { generationConfig } });
    expect(json.candidates[0].content.parts[0].thought).toBe(true);
    const usage = json.usageMetadata;
    expect(usage.totalTokenCount).toBe(usage.promptTokenCount + usage.candidatesTokenCount + usage.thoughtsTokenCount);
    const streamed = await createHarness().post(
      "google",
      `${path("gemini-3.8-flash", "streamGenerateContent")}?alt=sse`,
      { contents: [QUESTION], generationConfig },
    );
    expect(eventsOf(streamed.text)[0].candidates[0].content.parts[0].thought).toBe(true);
    const off = await ask({
      model: "gemini-2.5-flash",
      body: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    });
    expect(off.json.usageMetadata.thoughtsTokenCount).toBeUndefined();
  });

  it("ends at the output limit, even with nothing but thoughts, and at a stop sequence", async () => {
    const { json } = await ask({ body: { generationConfig: { maxOutputTokens: 5 } } });
    expect(json.candidates[0]).toMatchObject({ finishReason: "MAX_TOKENS", content: { role: "model" } });
    expect(json.candidates[0].content.parts).toBeUndefined();
    const stopped = await ask({
      body: { contents: [say("Is tea good?")], generationConfig: { stopSequences: ["tea"] } },
    });
    expect(stopped.json.candidates[0].content.parts[0].text).not.toContain("tea");
  });

  it("of Gemini 4 is continued by token when it is longer than one request sends", async () => {
    verifies("R7.2");
    const model = "gemini-4-argon";
    const generationConfig = {
      responseMimeType: "application/json",
      responseJsonSchema: { type: "string", minLength: 200_000 },
    };
    const first = await ask({ model, body: { generationConfig } });
    const { finishReason, continuationToken } = first.json.candidates[0];
    expect(finishReason).toBe("CONTINUATION");
    expect(first.json.usageMetadata.candidatesTokenCount).toBeLessThanOrEqual(32_768);
    const second = await ask({ model, body: { generationConfig, continuationToken } });
    expect(second.json.candidates[0]).toMatchObject({ finishReason: "STOP" });
    expect(second.json.usageMetadata.thoughtsTokenCount).toBeUndefined();
    const texts = [first, second].map(({ json }) => json.candidates[0].content.parts[0].text as string);
    expect((JSON.parse(texts.join("")) as string).length).toBe(200_000);
    const capped = await ask({
      model,
      body: { generationConfig: { ...generationConfig, maxOutputTokens: 33_000 }, continuationToken },
    });
    expect(capped.json.candidates[0].finishReason).toBe("MAX_TOKENS");
    const path4 = `${path(model, "streamGenerateContent")}?alt=sse`;
    const streamed = await createHarness().post("google", path4, { contents: [QUESTION], generationConfig });
    expect(eventsOf(streamed.text).at(-1).candidates[0].finishReason).toBe("STOP");
    expect(await refusal({ model, body: { continuationToken: "7.nonsense" } })).toBe("Invalid continuation token.");
    expect(await refusal({ model: "gemini-4-carbon", body: { continuationToken } })).toBe(
      "Invalid continuation token.",
    );
  });

  it("blocks a prompt without candidates and a reply with SAFETY", async () => {
    verifies("R7.2");
    const contents = [say("POLYLOGUE_SIMULATOR_BLOCK_PROMPT")];
    const blocked = await ask({ body: { contents } });
    expect(blocked.json).toMatchObject({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } });
    expect(blocked.json.candidates).toBeUndefined();
    const streamed = await createHarness().post(
      "google",
      `${path("gemini-3.8-flash", "streamGenerateContent")}?alt=sse`,
      { contents },
    );
    expect(eventsOf(streamed.text)).toMatchObject([{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }]);
    const unsafe = await ask({ harness: createHarness({ faults: { script: ["refusal"] } }) });
    expect(unsafe.json.candidates[0]).toMatchObject({ finishReason: "SAFETY" });
  });

  it("answers in JSON of the schema, in either field", async () => {
    const schema = {
      type: "OBJECT",
      properties: { city: { type: "STRING" }, warm: { type: "BOOLEAN" }, note: { type: "STRING", nullable: true } },
      required: ["city", "warm"],
    };
    for (const field of ["responseSchema", "responseJsonSchema"]) {
      const { json } = await ask({
        body: { generationConfig: { responseMimeType: "application/json", [field]: schema } },
      });
      expect(JSON.parse(json.candidates[0].content.parts[0].text)).toMatchObject({
        city: "Paris",
        warm: expect.any(Boolean),
      });
    }
  });
});

describe("function calls", () => {
  it("need their signature back, unedited and from the same model", async () => {
    verifies("R7.2");
    const first = await ask({ body: { tools: TOOLS } });
    const part = first.json.candidates[0].content.parts[0];
    expect(part).toMatchObject({
      functionCall: { name: "get_weather", args: { city: "Paris" }, id: expect.any(String) },
    });
    const back = (call: JsonObject): JsonObject => ({
      tools: TOOLS,
      contents: [QUESTION, { role: "model", parts: [call] }, RESULT],
    });
    expect((await ask({ body: back(part) })).status).toBe(200);
    const { thoughtSignature, ...bare } = part;
    expect(await refusal({ body: back(bare) })).toMatch(
      /missing a thought_signature in functionCall parts.*`default_api:get_weather`, position 2/,
    );
    expect(await refusal({ body: back({ ...bare, thoughtSignature: "no signature!" }) })).toBe(
      "Invalid thought signature.",
    );
    expect(await refusal({ body: back(part), model: "gemini-4-argon" })).toBe("Invalid thought signature.");
    const renamed = back({ thoughtSignature, functionCall: { name: "get_time", args: {} } });
    expect(await refusal({ body: renamed })).toBe("Corrupted thought signature.");
    for (const sentinel of [
      "skip_thought_signature_validator",
      Buffer.from("skip_thought_signature_validator").toString("base64"),
    ]) {
      expect((await ask({ body: back({ ...bare, thoughtSignature: sentinel }) })).status).toBe(200);
    }
    const old = [
      QUESTION,
      { role: "model", parts: [bare] },
      RESULT,
      { role: "model", parts: [{ text: "Sunny." }] },
      say("Thanks. And is tea good?"),
    ];
    expect((await ask({ body: { tools: TOOLS, contents: old } })).status).toBe(200);
    expect((await ask({ body: back(bare), model: "gemini-2.0-flash" })).status).toBe(200);
  });

  it("are forced by mode ANY and forbidden by NONE", async () => {
    const call = async (config: JsonObject): Promise<boolean> => {
      const { json } = await ask({
        body: { tools: TOOLS, contents: [say("Hello there")], toolConfig: { functionCallingConfig: config } },
      });
      return json.candidates[0].content.parts[0].functionCall !== undefined;
    };
    expect(await call({ mode: "ANY" })).toBe(true);
    expect(await call({ mode: "ANY", allowedFunctionNames: ["get_weather"] })).toBe(true);
    expect(await call({ mode: "NONE" })).toBe(false);
  });
});

describe("refusals", () => {
  it.each<[string, Ask, string]>([
    ["no contents", { body: { contents: [] } }, "contents is not specified"],
    ["contents of another type", { body: { contents: ["x"] } }, "Invalid value at 'contents'"],
    [
      "an unknown role",
      { body: { contents: [{ role: "assistant", parts: [{ text: "x" }] }] } },
      "valid role: user, model",
    ],
    ["empty parts", { body: { contents: [{ role: "user", parts: [] }] } }, "parts must not be empty"],
    [
      "an end with the model",
      { body: { contents: [QUESTION, { role: "model", parts: [{ text: "x" }] }] } },
      "end with a user role",
    ],
    [
      "a call first",
      { body: { contents: [{ role: "model", parts: [{ functionCall: { name: "f", args: {} } }] }, RESULT] } },
      "immediately after a user turn",
    ],
    [
      "a call without response",
      {
        model: "gemini-2.5-pro",
        body: { contents: [QUESTION, { role: "model", parts: [{ functionCall: { name: "f", args: {} } }] }, QUESTION] },
      },
      "number of function response parts",
    ],
    ["a response without call", { body: { contents: [RESULT] } }, "number of function response parts"],
    ["too large an output", { body: { generationConfig: { maxOutputTokens: 70_000 } } }, "supported range is from 1"],
    [
      "a temperature out of range",
      { body: { generationConfig: { temperature: 3 } } },
      "temperature must be in the range",
    ],
    [
      "a schema without its type",
      { body: { generationConfig: { responseSchema: { type: "OBJECT" } } } },
      "requires responseMimeType",
    ],
    [
      "a schema nothing satisfies",
      { body: { generationConfig: { responseMimeType: "application/json", responseSchema: { $ref: "#/nowhere" } } } },
      "Request contains an invalid argument.",
    ],
    [
      "a level on a budget model",
      { model: "gemini-2.5-pro", body: { generationConfig: { thinkingConfig: { thinkingLevel: "low" } } } },
      "Thinking level is not supported",
    ],
    [
      "a level it lacks",
      { model: "gemini-4-argon", body: { generationConfig: { thinkingConfig: { thinkingLevel: "minimal" } } } },
      "Thinking level MINIMAL is not supported",
    ],
    [
      "a budget on a level model",
      { model: "gemini-4-argon", body: { generationConfig: { thinkingConfig: { thinkingBudget: 100 } } } },
      "Thinking budget is not supported",
    ],
    [
      "both",
      { body: { generationConfig: { thinkingConfig: { thinkingBudget: 100, thinkingLevel: "low" } } } },
      "only set only one",
    ],
    [
      "a budget where it does not think",
      { model: "gemini-2.0-flash", body: { generationConfig: { thinkingConfig: { thinkingBudget: 100 } } } },
      "Thinking is not enabled",
    ],
    [
      "no budget for Pro",
      { model: "gemini-2.5-pro", body: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } } },
      "Budget 0 is invalid",
    ],
    [
      "a forced call without functions",
      { body: { toolConfig: { functionCallingConfig: { mode: "ANY" } } } },
      "without function_declarations",
    ],
    [
      "a forced call of a stranger",
      { body: { tools: TOOLS, toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["fly"] } } } },
      '"fly" is not declared',
    ],
    [
      "too long a prompt",
      { model: "gemini-4-argon", body: { contents: [say("word ".repeat(1_010_000))] } },
      "exceeds the maximum number of tokens allowed (1048575)",
    ],
  ])("%s", async (_, asked, message) => {
    verifies("R7.2");
    expect(await refusal(asked)).toContain(message);
  });

  it("a body that is not JSON, an unknown model, path, or key", async () => {
    const harness = createHarness();
    expect((await harness.send("google", path(), { method: "POST", body: "{" })).json.error.message).toContain(
      "Invalid JSON payload",
    );
    expect((await ask({ model: "gemini-nope" })).json.error).toMatchObject({ code: 404, status: "NOT_FOUND" });
    expect((await ask({ model: "gemini-embedding-001" })).status).toBe(404);
    expect((await harness.post("google", "/v1beta/nothing", {})).status).toBe(404);
    expect((await harness.get("google", "/v1beta/models/gemini-nope")).status).toBe(404);
    const bare = await harness.simulators.fetch("https://generativelanguage.googleapis.com/v1beta/models");
    expect(await bare.json()).toMatchObject({ error: { code: 403, status: "PERMISSION_DENIED" } });
    const wrong = await harness.simulators.fetch("https://generativelanguage.googleapis.com/v1beta/models?key=invalid");
    expect(await wrong.json()).toMatchObject({ error: { code: 400, details: [{ reason: "API_KEY_INVALID" }] } });
    expect(
      (await harness.simulators.fetch("https://generativelanguage.googleapis.com/v1/models?key=good")).status,
    ).toBe(200);
  });
});

describe("counts, caches, limits, lists", () => {
  it("counts as a call does and tells what was cached", async () => {
    const harness = createHarness();
    const body = { contents: [say("The journal keeps every fact. ".repeat(600))] };
    const counted = await harness.post("google", path("gemini-2.5-flash", "countTokens"), {
      generateContentRequest: body,
    });
    const first = (await ask({ harness, body, model: "gemini-2.5-flash" })).json.usageMetadata;
    expect(counted.json.totalTokens).toBe(first.promptTokenCount);
    expect(first.cachedContentTokenCount).toBeUndefined();
    expect((await ask({ harness, body, model: "gemini-2.5-flash" })).json.usageMetadata.cachedContentTokenCount).toBe(
      first.promptTokenCount,
    );
    const image = { role: "user", parts: [{ inlineData: { mimeType: "image/png", data: "A".repeat(9_000) } }] };
    expect(
      (await harness.post("google", path("gemini-2.5-flash", "countTokens"), { contents: [image] })).json.totalTokens,
    ).toBe(258);
  });

  it("says in the body when to come back, and has no header for it", async () => {
    verifies("R7.2");
    const harness = createHarness({ limits: { requestsPerMinute: 1 } });
    expect((await ask({ harness })).status).toBe(200);
    const { status, json, headers } = await ask({ harness });
    expect([status, json.error.status, headers.get("retry-after")]).toEqual([429, "RESOURCE_EXHAUSTED", null]);
    expect(json.error.details[1]).toMatchObject({ retryDelay: "60s" });
    await harness.clock.advance(60_000);
    expect((await ask({ harness })).status).toBe(200);
    const tokens = createHarness({ limits: { inputTokensPerMinute: 1 } });
    expect((await ask({ harness: tokens })).json.error.details[0].violations[0].quotaId).toContain("InputTokens");
  });

  it("lists and answers with every model", async () => {
    const harness = createHarness();
    const { json } = await harness.get("google", "/v1beta/models");
    expect(json.models.map((model: JsonObject) => model.name)).toEqual(
      GEMINI_MODELS.map((model) => `models/${model.id}`),
    );
    for (const model of GEMINI_MODELS) {
      expect((await harness.get("google", `/v1beta/models/${model.id}`)).json.inputTokenLimit).toBe(
        model.inputTokensMax,
      );
      if (!model.isEmbedding)
        expect([model.id, (await ask({ harness, model: model.id })).status]).toEqual([model.id, 200]);
    }
  });
});
