// The vendors' official SDKs work against the simulators over real HTTP.
import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/platform/clock.ts";
import type { FaultPlan } from "../../src/simulators/fault-plan.ts";
import { createSimulators } from "../../src/simulators/routing-fetch.ts";
import { type ServedSimulators, serveSimulators } from "../../src/simulators/serve.ts";
import { verifies } from "../requirements.ts";

const QUESTION = "Should the journal use one writer thread?";
const DOCUMENT =
  '<attachment name="notes.md">One writer thread keeps the order of the journal total. A second writer thread would need a lock.</attachment>';
const PROMPT = `${QUESTION}\n${DOCUMENT}`;
const CITY = { type: "object", properties: { city: { type: "string" } }, required: ["city"] } as const;

let served: ServedSimulators | undefined;

async function serve(faults: FaultPlan = {}): Promise<ServedSimulators["urls"]> {
  served = await serveSimulators(createSimulators({ clock: createSystemClock(), seed: 7, faults }), { port: 0 });
  return served.urls;
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

afterEach(async () => {
  await served?.close();
  served = undefined;
});

describe("@anthropic-ai/sdk", () => {
  const connect = async (faults?: FaultPlan, apiKey = "key"): Promise<Anthropic> =>
    new Anthropic({ apiKey, baseURL: (await serve(faults)).anthropic, maxRetries: 0 });
  const ask = { model: "claude-sonnet-4-6", max_tokens: 800, messages: [{ role: "user" as const, content: PROMPT }] };

  it("answers, streams, counts and lists", async () => {
    verifies("R7.2");
    const client = await connect();
    const message = await client.messages.create(ask);
    const block = message.content[0];
    expect(block?.type === "text" ? block.text : "").toContain("notes.md");
    expect(message.usage.output_tokens).toBeGreaterThan(20);
    const streamed = await client.messages.stream(ask).finalMessage();
    expect(streamed.content).toEqual(message.content);
    expect(streamed.stop_reason).toBe("end_turn");
    const counted = await client.messages.countTokens({ model: ask.model, messages: ask.messages });
    expect(counted.input_tokens).toBe(message.usage.input_tokens);
    expect((await client.models.list()).data.map((model) => model.id)).toContain("claude-sonnet-5-5");
    expect((await client.models.retrieve("claude-haiku-4-5")).id).toBe("claude-haiku-4-5-20251001");
  });

  it("goes round a tool loop with thinking", async () => {
    verifies("R7.2");
    const client = await connect();
    const tools = [
      {
        name: "get_weather",
        description: "Weather of a city",
        input_schema: CITY as unknown as Anthropic.Tool.InputSchema,
      },
    ];
    const request = { model: "claude-opus-4-6", max_tokens: 3_000, thinking: { type: "adaptive" as const }, tools };
    const question = { role: "user" as const, content: "What is the weather in Paris?" };
    const first = await client.messages.stream({ ...request, messages: [question] }).finalMessage();
    expect(first.stop_reason).toBe("tool_use");
    const call = first.content.find((block) => block.type === "tool_use");
    expect(call?.input).toEqual({ city: "Paris" });
    const second = await client.messages.create({
      ...request,
      messages: [
        question,
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: call?.id ?? "", content: "Sunny, 22 degrees" }] },
      ],
    });
    expect(second.content.map((block) => (block.type === "text" ? block.text : "")).join("")).toContain(
      "Sunny, 22 degrees",
    );
  });

  it("maps errors to the SDK's classes", async () => {
    verifies("R7.2");
    const client = await connect({ script: ["rate429", "capacity", null, "firstEventError"] });
    await expect(client.messages.create(ask)).rejects.toThrow(Anthropic.RateLimitError);
    await expect(client.messages.create(ask)).rejects.toMatchObject({ status: 529 });
    await expect(client.messages.create({ ...ask, model: "claude-nope" })).rejects.toThrow(Anthropic.NotFoundError);
    await expect(client.messages.stream(ask).finalMessage()).rejects.toThrow(Anthropic.APIError);
    await served?.close();
    const stranger = await connect({}, "invalid-key");
    await expect(stranger.messages.create(ask)).rejects.toThrow(Anthropic.AuthenticationError);
  });

  it("works against DeepSeek's endpoint of the same format", async () => {
    const { deepseek } = await serve();
    const client = new Anthropic({ authToken: "key", baseURL: `${deepseek}/anthropic`, maxRetries: 0 });
    const message = await client.messages.create({ ...ask, model: "claude-opus-4-6" });
    expect(message.model).toBe("deepseek-v4-pro");
    expect(message.content.map((block) => block.type)).toEqual(["thinking", "text"]);
  });
});

describe("@google/genai", () => {
  const connect = async (faults?: FaultPlan, apiKey = "key"): Promise<GoogleGenAI> =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: (await serve(faults)).google } });
  const model = "gemini-3.8-flash";

  it("answers, streams, counts and lists", async () => {
    verifies("R7.2");
    const client = await connect();
    const reply = await client.models.generateContent({ model, contents: PROMPT });
    expect(reply.text).toContain("notes.md");
    expect(reply.usageMetadata?.totalTokenCount).toBeGreaterThan(50);
    let streamed = "";
    for await (const chunk of await client.models.generateContentStream({ model, contents: PROMPT }))
      streamed += chunk.text ?? "";
    expect(streamed).toBe(reply.text);
    const counted = await client.models.countTokens({ model, contents: PROMPT });
    expect(counted.totalTokens).toBe(reply.usageMetadata?.promptTokenCount);
    expect((await client.models.get({ model })).inputTokenLimit).toBe(1_048_576);
  });

  it("goes round a tool loop with signatures", async () => {
    verifies("R7.2");
    const client = await connect();
    const config = {
      tools: [
        {
          functionDeclarations: [{ name: "get_weather", description: "Weather of a city", parametersJsonSchema: CITY }],
        },
      ],
    };
    const question = { role: "user", parts: [{ text: "What is the weather in Paris?" }] };
    const first = await client.models.generateContent({ model, contents: [question], config });
    expect(first.functionCalls?.[0]?.args).toEqual({ city: "Paris" });
    const turn = first.candidates?.[0]?.content;
    const result = {
      role: "user",
      parts: [{ functionResponse: { name: "get_weather", response: { result: "Sunny" } } }],
    };
    const second = await client.models.generateContent({ model, contents: [question, turn ?? {}, result], config });
    expect(second.text).toContain("Sunny");
  });

  it("maps errors to the SDK's class", async () => {
    verifies("R7.2");
    const client = await connect({ script: ["rate429", "capacity"] });
    await expect(client.models.generateContent({ model, contents: PROMPT })).rejects.toMatchObject({ status: 429 });
    await expect(client.models.generateContent({ model, contents: PROMPT })).rejects.toThrow(ApiError);
    await expect(client.models.generateContent({ model: "gemini-nope", contents: PROMPT })).rejects.toMatchObject({
      status: 404,
    });
    await served?.close();
    const stranger = await connect({}, "invalid-key");
    await expect(stranger.models.generateContent({ model, contents: PROMPT })).rejects.toMatchObject({ status: 400 });
  });
});

describe.each([
  { name: "openai", model: "gpt-4o", path: "/v1" },
  { name: "deepseek", model: "deepseek-flash", path: "" },
] as const)("openai SDK against $name", ({ name, model, path }) => {
  const connect = async (faults?: FaultPlan, apiKey = "key"): Promise<OpenAI> =>
    new OpenAI({ apiKey, baseURL: `${(await serve(faults))[name]}${path}`, maxRetries: 0 });
  const ask = { model, messages: [{ role: "user" as const, content: PROMPT }] };

  it("answers, streams and lists", async () => {
    verifies("R7.2");
    const client = await connect();
    const reply = await client.chat.completions.create(ask);
    const text = reply.choices[0]?.message.content;
    expect(text).toContain("notes.md");
    const stream = await client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    let streamed = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? "";
      usage = chunk.usage ?? usage;
    }
    expect(streamed).toBe(text);
    expect(usage?.total_tokens).toBe(reply.usage?.total_tokens);
    expect((await client.models.list()).data.map((row) => row.id)).toContain(model);
  });

  it("calls a tool and uses its result", async () => {
    verifies("R7.2");
    const client = await connect();
    const tools = [
      {
        type: "function" as const,
        function: { name: "get_weather", description: "Weather of a city", parameters: CITY },
      },
    ];
    const question = { role: "user" as const, content: "What is the weather in Paris?" };
    const first = await client.chat.completions.create({ model, tools, messages: [question] });
    const message = first.choices[0]?.message;
    const call = message?.tool_calls?.[0];
    expect(call?.type === "function" ? JSON.parse(call.function.arguments) : undefined).toEqual({ city: "Paris" });
    const second = await client.chat.completions.create({
      model,
      tools,
      messages: [
        question,
        message as OpenAI.ChatCompletionMessage,
        { role: "tool", tool_call_id: call?.id ?? "", content: "Sunny" },
      ],
    });
    expect(second.choices[0]?.message.content).toContain("Sunny");
  });

  it("maps errors to the SDK's classes", async () => {
    verifies("R7.2");
    const client = await connect({ script: ["rate429", "server500", null, "errorAfter200"] });
    await expect(client.chat.completions.create(ask)).rejects.toThrow(OpenAI.RateLimitError);
    await expect(client.chat.completions.create(ask)).rejects.toThrow(OpenAI.InternalServerError);
    await expect(client.chat.completions.create({ ...ask, model: "nope" })).rejects.toThrow(OpenAI.APIError);
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    await expect(drain(stream)).rejects.toThrow(OpenAI.APIError);
    await served?.close();
    const stranger = await connect({}, "invalid-key");
    await expect(stranger.chat.completions.create(ask)).rejects.toThrow(OpenAI.AuthenticationError);
  });
});
