// The two vendors of the chat-completions format: what they share and where they differ.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { DEEPSEEK_MODELS } from "../../src/simulators/deepseek/models.ts";
import { goDuration } from "../../src/simulators/openai/errors.ts";
import { OPENAI_MODELS } from "../../src/simulators/openai/models.ts";
import { verifies } from "../requirements.ts";
import { createHarness, eventsOf, GENERATING_PATHS, type Harness, type Reply } from "./harness.ts";

type ChatVendor = "deepseek" | "openai";
const MODEL: Readonly<Record<ChatVendor, string>> = { deepseek: "deepseek-flash", openai: "gpt-4o" };
const say = (content: string): JsonObject => ({ role: "user", content });
const WEATHER = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const CALL = {
  role: "assistant",
  content: "",
  reasoning_content: "",
  tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
};

async function ask(vendor: ChatVendor, change: JsonObject = {}, harness: Harness = createHarness()): Promise<Reply> {
  return harness.post(vendor, GENERATING_PATHS[vendor], {
    model: MODEL[vendor],
    messages: [say("Is tea good?")],
    ...change,
  });
}

describe("OpenAI", () => {
  it("streams deltas with obfuscation and, if wanted, a last chunk of usage alone", async () => {
    verifies("R7.2");
    const wanted = await ask("openai", { stream: true, stream_options: { include_usage: true } });
    const chunks = eventsOf(wanted.text);
    expect(wanted.text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(chunks[0].choices[0].delta).toEqual({ role: "assistant", content: "", refusal: null });
    expect(chunks.every((chunk) => typeof chunk.obfuscation === "string")).toBe(true);
    expect(chunks.at(-2).choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    const unwanted = eventsOf((await ask("openai", { stream: true })).text);
    expect(unwanted.every((chunk) => !Object.hasOwn(chunk, "usage") && chunk.choices.length === 1)).toBe(true);
  });

  it("streams calls, a single one on the delta that names the role", async () => {
    const time = { ...WEATHER, function: { ...WEATHER.function, name: "get_time" } };
    const one = eventsOf(
      (await ask("openai", { stream: true, tools: [WEATHER], messages: [say("Weather in Paris?")] })).text,
    );
    expect(one[0].choices[0].delta).toMatchObject({
      role: "assistant",
      content: null,
      tool_calls: [{ index: 0, function: { name: "get_weather", arguments: "" } }],
    });
    const two = eventsOf(
      (await ask("openai", { stream: true, tools: [WEATHER, time], messages: [say("Weather and time in Paris?")] }))
        .text,
    );
    expect(two[0].choices[0].delta).toEqual({ role: "assistant", content: null });
    const calls = two
      .flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? [])
      .filter((call) => call.id !== undefined);
    expect(calls.map((call) => [call.index, call.function.name])).toEqual([
      [0, "get_weather"],
      [1, "get_time"],
    ]);
    const single = await ask("openai", {
      parallel_tool_calls: false,
      tools: [WEATHER, time],
      messages: [say("Weather and time in Paris?")],
    });
    expect(single.json.choices[0].message.tool_calls.length).toBe(1);
    const named = await ask("openai", {
      tools: [WEATHER, time],
      tool_choice: { type: "function", function: { name: "get_time" } },
    });
    expect(named.json.choices[0].message.tool_calls[0].function.name).toBe("get_time");
  });

  it("answers in JSON of a schema, several choices, and hidden reasoning", async () => {
    const schema = {
      type: "object",
      properties: { answer: { type: "string" }, score: { type: "integer", minimum: 1, maximum: 5 } },
      required: ["answer", "score"],
    };
    const json = await ask("openai", {
      n: 2,
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    expect(json.json.choices.length).toBe(2);
    const value = JSON.parse(json.json.choices[1].message.content) as { score: number };
    expect([1, 2, 3, 4, 5]).toContain(value.score);
    const reasoned = await ask("openai", { model: "gpt-5-mini", max_completion_tokens: 500, reasoning_effort: "low" });
    expect(reasoned.json.usage.completion_tokens_details.reasoning_tokens).toBeGreaterThan(5);
    expect(Object.hasOwn(reasoned.json.choices[0], "logprobs")).toBe(false);
    expect((await ask("openai", { max_tokens: 5 })).json.choices[0].finish_reason).toBe("length");
    expect((await ask("openai", { stop: "tea" })).json.choices[0].message.content).not.toContain("tea");
    expect((await ask("openai", { stop: ["tea", "zebra"] })).json.choices[0].message.content).not.toContain("tea");
  });

  it("tells the state of its buckets in Go's durations and when to come back", async () => {
    verifies("R7.2");
    const harness = createHarness({ limits: { requestsPerMinute: 2, inputTokensPerMinute: 50 } });
    const first = await ask("openai", {}, harness);
    expect(first.headers.get("x-ratelimit-limit-requests")).toBe("2");
    expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("1");
    expect(first.headers.get("x-ratelimit-reset-requests")).toBe("30s");
    expect(first.headers.get("x-ratelimit-remaining-tokens")).toMatch(/^\d+$/);
    await ask("openai", {}, harness);
    const third = await ask("openai", {}, harness);
    expect([third.status, third.json.error.code, third.json.error.type]).toEqual([
      429,
      "rate_limit_exceeded",
      "requests",
    ]);
    expect(Number(third.headers.get("retry-after"))).toBe(30);
    await harness.clock.advance(60_000);
    const long = await ask("openai", { messages: [say("tea ".repeat(100))] }, harness);
    expect([long.status, long.json.error.type]).toEqual([429, "tokens"]);
    expect([goDuration(547), goDuration(1_500), goDuration(360_000)]).toEqual(["547ms", "1.5s", "6m0s"]);
  });

  it.each<[string, JsonObject, string]>([
    ["max_tokens on a reasoning model", { model: "gpt-5", max_tokens: 5 }, "Use 'max_completion_tokens' instead"],
    [
      "temperature on a reasoning model",
      { model: "o3-mini", temperature: 0.2 },
      "Unsupported parameter: 'temperature'",
    ],
    ["effort on another", { reasoning_effort: "low" }, "reasoning_effort"],
    [
      "a system message to o1-mini",
      { model: "o1-mini", messages: [{ role: "system", content: "x" }] },
      "does not support 'system'",
    ],
    ["too few tokens", { max_tokens: 0 }, "integer below minimum value"],
    ["too many tokens", { max_completion_tokens: 99_999 }, "is too large: 99999"],
    ["JSON mode without the word", { response_format: { type: "json_object" } }, "must contain the word 'json'"],
    ["a choice without tools", { tool_choice: "auto" }, "only allowed when 'tools' are specified"],
    [
      "a choice of a stranger",
      { tools: [WEATHER], tool_choice: { type: "function", function: { name: "fly" } } },
      "no function named 'fly'",
    ],
    ["no messages", { messages: [] }, "empty array"],
    ["messages of another type", { messages: 3 }, "Missing required parameter: 'messages'"],
    ["a message of another type", { messages: [3] }, "expected an object"],
    ["an unknown role", { messages: [{ role: "robot", content: "x" }] }, "Invalid value: 'robot'"],
    ["a user without content", { messages: [{ role: "user", content: null }] }, "expected a string, got null"],
    ["audio", { messages: [{ role: "user", content: [{ type: "input_audio" }] }] }, "either text or image_url type"],
    ["an open call", { messages: [say("x"), CALL, say("y")] }, "did not have response messages: c1"],
    ["an open call at the end", { messages: [say("x"), CALL] }, "did not have response messages: c1"],
    [
      "a stray result",
      { messages: [say("x"), { role: "tool", tool_call_id: "c1", content: "y" }] },
      "must be a response to a preceeding message",
    ],
    [
      "a schema nothing satisfies",
      { response_format: { type: "json_schema", json_schema: { schema: { type: "number", minimum: 3, maximum: 1 } } } },
      "Invalid schema",
    ],
    ["no model", { model: null }, "must provide a model"],
  ])("refuses %s", async (_, change, message) => {
    verifies("R7.2");
    const { status, json } = await ask("openai", change);
    expect([status, json.error?.type]).toEqual([400, "invalid_request_error"]);
    expect(json.error.message).toContain(message);
  });

  it("refuses too long a prompt, unknown models, paths, keys and bodies", async () => {
    const harness = createHarness();
    const long = await ask("openai", { messages: [say("word ".repeat(130_000))] });
    expect(long.json.error).toMatchObject({ code: "context_length_exceeded" });
    expect(long.json.error.message).toContain("exceeds the context window");
    expect((await ask("openai", { model: "gpt-nope" })).json.error.code).toBe("model_not_found");
    expect((await harness.post("openai", "/v1/nothing", {})).status).toBe(404);
    expect((await harness.get("openai", "/v1/models/gpt-nope")).status).toBe(404);
    expect((await harness.send("openai", "/v1/chat/completions", { method: "POST", body: "{" })).status).toBe(400);
    const bare = await harness.simulators.fetch("https://api.openai.com/v1/models");
    expect(await bare.json()).toMatchObject({
      error: { message: expect.stringContaining("didn't provide an API key") },
    });
    const wrong = await harness.simulators.fetch("https://api.openai.com/v1/models", {
      headers: { authorization: "Bearer invalid-and-secret" },
    });
    const { error } = (await wrong.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe("invalid_api_key");
    expect(error.message).not.toContain("invalid-and-secret");
    const short = await harness.simulators.fetch("https://api.openai.com/v1/models", {
      headers: { authorization: "Bearer invalid" },
    });
    expect(await short.text()).not.toContain(": invalid");
  });

  it("caches long prefixes in steps of 128, and knows every model", async () => {
    const harness = createHarness();
    const messages = [{ role: "system", content: "The journal keeps every fact. ".repeat(300) }, say("Is it so?")];
    expect((await ask("openai", { messages }, harness)).json.usage.prompt_tokens_details.cached_tokens).toBe(0);
    const { usage } = (await ask("openai", { messages }, harness)).json;
    expect(usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(1_024);
    expect(usage.prompt_tokens_details.cached_tokens % 128).toBe(0);
    for (const model of OPENAI_MODELS) {
      for (const name of [model.id, ...model.aliases]) {
        const reply = await ask("openai", { model: name });
        expect([name, reply.status, reply.json.model]).toEqual([name, 200, model.id]);
        expect((await harness.get("openai", `/v1/models/${name}`)).json.id).toBe(name);
      }
    }
  });
});

describe("DeepSeek", () => {
  it("streams reasoning, then text, with usage in the last chunk and keep-alive before the first", async () => {
    verifies("R7.2");
    const { text } = await ask("deepseek", { stream: true });
    expect(text.startsWith(": keep-alive\n\n")).toBe(true);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    const chunks = eventsOf(text);
    expect(chunks[0].choices[0].delta).toEqual({ role: "assistant", content: null, reasoning_content: "" });
    expect(chunks[1].choices[0].delta.content).toBeNull();
    expect(chunks.at(-2).choices[0].delta.reasoning_content).toBeNull();
    expect(chunks.at(-1).choices[0]).toEqual({
      index: 0,
      delta: { content: "", reasoning_content: null },
      logprobs: null,
      finish_reason: "stop",
    });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    const { usage } = chunks.at(-1);
    expect(usage.prompt_cache_hit_tokens + usage.prompt_cache_miss_tokens).toBe(usage.prompt_tokens);
    expect(usage.completion_tokens_details.reasoning_tokens).toBeLessThan(usage.completion_tokens);
  });

  it("does not think when told not to, nor under the old name of the chat model", async () => {
    for (const change of [{ thinking: { type: "disabled" } }, { model: "deepseek-chat" }]) {
      const { json } = await ask("deepseek", change);
      expect(json.choices[0].message.reasoning_content).toBeUndefined();
      const streamed = eventsOf((await ask("deepseek", { ...change, stream: true })).text);
      expect(streamed[0].choices[0].delta).toEqual({ role: "assistant", content: "" });
      expect(streamed.at(-1).choices[0].delta).toEqual({ content: "" });
    }
  });

  it("precedes a whole reply with blank lines, and waits with more of them", async () => {
    expect((await ask("deepseek")).text.startsWith("\n{")).toBe(true);
    const slow = createHarness({ faults: { script: ["latency"] } });
    const { text } = await ask("deepseek", { stream: true }, slow);
    expect(text.match(/: keep-alive\n\n/g)?.length).toBe(5);
    expect(slow.clock.monotonicUs()).toBe(20_000_000);
  });

  it("streams calls whose first chunk names them, and cuts at the limit", async () => {
    const chunks = eventsOf(
      (await ask("deepseek", { stream: true, tools: [WEATHER], messages: [say("Weather in Paris?")] })).text,
    );
    const calls = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({
      index: 0,
      id: expect.stringMatching(/^call_00_/),
      type: "function",
      function: { name: "get_weather", arguments: "" },
    });
    expect(JSON.parse(calls.map((call) => call.function.arguments).join(""))).toEqual({ city: "Paris" });
    expect(chunks.at(-1).choices[0].finish_reason).toBe("tool_calls");
    expect((await ask("deepseek", { max_tokens: 20 })).json.choices[0].finish_reason).toBe("length");
    expect(
      (await ask("deepseek", {}, createHarness({ faults: { script: ["emptyAnswer"] } }))).json.choices[0],
    ).toMatchObject({ finish_reason: "insufficient_system_resource", message: { content: "" } });
    expect(
      (await ask("deepseek", {}, createHarness({ faults: { script: ["refusal"] } }))).json.choices[0].finish_reason,
    ).toBe("content_filter");
  });

  it.each<[string, JsonObject, string]>([
    [
      "no reasoning back on a tool turn",
      {
        messages: [say("x"), { ...CALL, reasoning_content: null }, { role: "tool", tool_call_id: "c1", content: "y" }],
      },
      "`reasoning_content` in the thinking mode must be passed back",
    ],
    ["JSON mode without the word", { response_format: { type: "json_object" } }, "must contain the word 'json'"],
    ["a JSON schema", { response_format: { type: "json_schema" } }, "response_format type is unavailable"],
    ["several choices", { n: 2 }, "Invalid n value"],
    ["too many tokens", { max_tokens: 1_000_000 }, "Invalid max_tokens value"],
    ["no messages", { messages: [] }, "Empty input messages"],
    ["a nameless tool", { tools: [{ type: "function", function: {} }] }, "every function needs a name"],
    [
      "an assistant's last word",
      { messages: [say("x"), { role: "assistant", content: "y" }] },
      "must not be from the assistant",
    ],
    ["an open call", { messages: [say("x"), CALL, say("y")] }, "insufficient tool messages"],
    [
      "a stray result",
      { messages: [say("x"), { role: "tool", tool_call_id: "c1", content: "y" }] },
      "must be a response to a preceding message",
    ],
    ["an unknown model", { model: "deepseek-nope" }, "Model Not Exist"],
    ["a message of another type", { messages: [3] }, "Failed to deserialize"],
    [
      "a schema nothing satisfies",
      {
        response_format: { type: "json_object" },
        messages: [say('Reply in json of {"type":"object","properties":{"a":{"$ref":"#/b"}},"required":["a"]}')],
      },
      "Invalid schema",
    ],
  ])("refuses %s", async (_, change, message) => {
    verifies("R7.2");
    const { status, json } = await ask("deepseek", change);
    expect([status, json.error?.type, json.error?.param]).toEqual([400, "invalid_request_error", null]);
    expect(json.error.message).toContain(message);
  });

  it.each<[string, JsonObject]>([
    ["temperature", { temperature: 3 }],
    ["top_p", { top_p: 0 }],
    ["user_id", { user_id: "not allowed!" }],
    ["role", { messages: [{ role: "robot", content: "x" }] }],
  ])("answers 422 to an invalid %s", async (_, change) => {
    expect((await ask("deepseek", change)).status).toBe(422);
  });

  it("accepts a tool turn with empty reasoning, and without it when not thinking", async () => {
    const result = { role: "tool", tool_call_id: "c1", content: "Sunny" };
    expect((await ask("deepseek", { messages: [say("x"), CALL, result] })).json.choices[0].message.content).toContain(
      "Sunny",
    );
    const { reasoning_content: _, ...bare } = CALL;
    expect((await ask("deepseek", { thinking: { type: "disabled" }, messages: [say("x"), bare, result] })).status).toBe(
      200,
    );
  });

  it("refuses too long a prompt, unknown paths and keys", async () => {
    const harness = createHarness();
    expect((await ask("deepseek", { messages: [say("word ".repeat(1_050_000))] })).json.error.message).toContain(
      "maximum context length is 1048576 tokens",
    );
    expect((await harness.get("deepseek", "/nothing")).status).toBe(404);
    const bare = await harness.simulators.fetch("https://api.deepseek.com/models");
    expect(await bare.json()).toMatchObject({
      error: { message: expect.stringContaining("auth header format should be Bearer") },
    });
    const wrong = await harness.simulators.fetch("https://api.deepseek.com/models", {
      headers: { authorization: "Bearer invalid-cd15" },
    });
    expect(await wrong.json()).toMatchObject({
      error: { message: "Authentication Fails, Your api key: ****cd15 is invalid" },
    });
  });

  it("refuses calls beyond the account's concurrency at once, and takes them again when one has ended", async () => {
    verifies("R7.2");
    const harness = createHarness({ limits: { concurrentCallsMax: 1 } });
    const body = JSON.stringify({ model: "deepseek-flash", stream: true, messages: [say("Is tea good?")] });
    const open = await harness.fetch("deepseek", "/chat/completions", { method: "POST", body });
    expect((await ask("deepseek", {}, harness)).json.error.type).toBe("rate_limit_error");
    await open.body?.cancel();
    expect((await ask("deepseek", {}, harness)).status).toBe(200);
    const tokens = createHarness({ limits: { inputTokensPerMinute: 1 } });
    expect((await ask("deepseek", {}, tokens)).status).toBe(429);
  });

  it("lists its models and the balance, and answers under every name", async () => {
    const harness = createHarness();
    expect((await harness.get("deepseek", "/models")).json.data.map((row: JsonObject) => row.id)).toEqual([
      "deepseek-flash",
      "deepseek-v4-pro",
    ]);
    expect((await harness.get("deepseek", "/user/balance")).json.is_available).toBe(true);
    for (const model of DEEPSEEK_MODELS) {
      for (const name of Object.keys(model.names))
        expect((await ask("deepseek", { model: name })).json.model).toBe(model.id);
    }
  });

  it("speaks Anthropic's format with its own rules", async () => {
    const path = "/anthropic/v1/messages";
    const base = { max_tokens: 500, messages: [say("Is tea good?")] };
    const post = (change: JsonObject, harness = createHarness()): Promise<Reply> =>
      harness.post("deepseek", path, { ...base, ...change });
    expect(
      (
        await post({
          model: "claude-opus-4-8",
          temperature: 0.4,
          top_k: 3,
          thinking: { type: "enabled", budget_tokens: 1 },
        })
      ).json.model,
    ).toBe("deepseek-v4-pro");
    expect(
      (await post({ model: "claude-haiku-5-5", thinking: { type: "disabled" } })).json.content.map(
        (block: JsonObject) => block.type,
      ),
    ).toEqual(["text"]);
    expect(eventsOf((await post({ model: "deepseek-flash", stream: true })).text).at(-1).type).toBe("message_stop");
    const tools = [{ name: "get_weather", input_schema: WEATHER.function.parameters }];
    expect((await post({ model: "deepseek-flash", tools, tool_choice: { type: "any" } })).json.stop_reason).toBe(
      "tool_use",
    );
    expect((await post({ model: "gpt-4o" })).json.error.message).toContain("you passed gpt-4o");
    expect((await post({ model: "deepseek-flash", max_tokens: null })).status).toBe(400);
    expect((await post({})).status).toBe(400);
    expect(
      (await post({ model: "deepseek-flash", messages: [say("word ".repeat(1_050_000))] })).json.error.message,
    ).toContain("maximum context length");
    expect((await post({ model: "deepseek-flash" }, createHarness({ faults: { script: ["capacity"] } }))).status).toBe(
      529,
    );
    expect(
      (await post({ model: "deepseek-flash" }, createHarness({ limits: { inputTokensPerMinute: 1 } }))).json.error.type,
    ).toBe("rate_limit_error");
    expect((await post({ model: "deepseek-flash" }, createHarness({ apiKeys: [] }))).json.error.type).toBe(
      "authentication_error",
    );
    expect(
      (await post({ model: "deepseek-flash", stream: true }, createHarness({ faults: { script: ["errorAfter200"] } })))
        .text,
    ).toContain("event: error");
  });
});
