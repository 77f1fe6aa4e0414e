// The OpenAI simulator: its stream, its buckets, what it refuses.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { goDuration } from "../../src/simulators/openai/errors.ts";
import { OPENAI_MODELS } from "../../src/simulators/openai/models.ts";
import { verifies } from "../requirements.ts";
import { chatAsker, say, WEATHER } from "./chat-bench.ts";
import { createHarness, eventsOf } from "./harness.ts";

const CALL = {
  role: "assistant",
  content: "",
  reasoning_content: "",
  tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
};

const ask = chatAsker("openai");

describe("OpenAI", () => {
  it("streams deltas with obfuscation and, if wanted, a last chunk of usage alone", async () => {
    verifies("R7.2");
    const wanted = await ask({ stream: true, stream_options: { include_usage: true } });
    const chunks = eventsOf(wanted.text);
    expect(wanted.text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(chunks[0].choices[0].delta).toEqual({ role: "assistant", content: "", refusal: null });
    expect(chunks.every((chunk) => typeof chunk.obfuscation === "string")).toBe(true);
    expect(chunks.at(-2).choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    const unwanted = eventsOf((await ask({ stream: true })).text);
    expect(unwanted.every((chunk) => !Object.hasOwn(chunk, "usage") && chunk.choices.length === 1)).toBe(true);
  });

  it("streams calls, a single one on the delta that names the role", async () => {
    const time = { ...WEATHER, function: { ...WEATHER.function, name: "get_time" } };
    const one = eventsOf((await ask({ stream: true, tools: [WEATHER], messages: [say("Weather in Paris?")] })).text);
    expect(one[0].choices[0].delta).toMatchObject({
      role: "assistant",
      content: null,
      tool_calls: [{ index: 0, function: { name: "get_weather", arguments: "" } }],
    });
    const two = eventsOf(
      (await ask({ stream: true, tools: [WEATHER, time], messages: [say("Weather and time in Paris?")] })).text,
    );
    expect(two[0].choices[0].delta).toEqual({ role: "assistant", content: null });
    const calls = two
      .flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? [])
      .filter((call) => call.id !== undefined);
    expect(calls.map((call) => [call.index, call.function.name])).toEqual([
      [0, "get_weather"],
      [1, "get_time"],
    ]);
    const single = await ask({
      parallel_tool_calls: false,
      tools: [WEATHER, time],
      messages: [say("Weather and time in Paris?")],
    });
    expect(single.json.choices[0].message.tool_calls.length).toBe(1);
    const named = await ask({
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
    const json = await ask({
      n: 2,
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    expect(json.json.choices.length).toBe(2);
    const value = JSON.parse(json.json.choices[1].message.content) as { score: number };
    expect([1, 2, 3, 4, 5]).toContain(value.score);
    const reasoned = await ask({ model: "gpt-5-mini", max_completion_tokens: 500, reasoning_effort: "low" });
    expect(reasoned.json.usage.completion_tokens_details.reasoning_tokens).toBeGreaterThan(5);
    expect(Object.hasOwn(reasoned.json.choices[0], "logprobs")).toBe(false);
    expect((await ask({ max_tokens: 5 })).json.choices[0].finish_reason).toBe("length");
    expect((await ask({ stop: "tea" })).json.choices[0].message.content).not.toContain("tea");
    expect((await ask({ stop: ["tea", "zebra"] })).json.choices[0].message.content).not.toContain("tea");
  });

  it("tells the state of its buckets in Go's durations and when to come back", async () => {
    verifies("R7.2");
    const harness = createHarness({ limits: { requestsPerMinute: 2, inputTokensPerMinute: 50 } });
    const first = await ask({}, harness);
    expect(first.headers.get("x-ratelimit-limit-requests")).toBe("2");
    expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("1");
    expect(first.headers.get("x-ratelimit-reset-requests")).toBe("30s");
    expect(first.headers.get("x-ratelimit-remaining-tokens")).toMatch(/^\d+$/);
    await ask({}, harness);
    const third = await ask({}, harness);
    expect([third.status, third.json.error.code, third.json.error.type]).toEqual([
      429,
      "rate_limit_exceeded",
      "requests",
    ]);
    expect(Number(third.headers.get("retry-after"))).toBe(30);
    await harness.clock.advance(60_000);
    const long = await ask({ messages: [say("tea ".repeat(100))] }, harness);
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
    const { status, json } = await ask(change);
    expect([status, json.error?.type]).toEqual([400, "invalid_request_error"]);
    expect(json.error.message).toContain(message);
  });

  it("refuses too long a prompt, unknown models, paths, keys and bodies", async () => {
    const harness = createHarness();
    const long = await ask({ messages: [say("word ".repeat(130_000))] });
    expect(long.json.error).toMatchObject({ code: "context_length_exceeded" });
    expect(long.json.error.message).toContain("exceeds the context window");
    expect((await ask({ model: "gpt-nope" })).json.error.code).toBe("model_not_found");
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
    expect((await ask({ messages }, harness)).json.usage.prompt_tokens_details.cached_tokens).toBe(0);
    const { usage } = (await ask({ messages }, harness)).json;
    expect(usage.prompt_tokens_details.cached_tokens).toBeGreaterThan(1_024);
    expect(usage.prompt_tokens_details.cached_tokens % 128).toBe(0);
    for (const model of OPENAI_MODELS) {
      for (const name of [model.id, ...model.aliases]) {
        const reply = await ask({ model: name });
        expect([name, reply.status, reply.json.model]).toEqual([name, 200, model.id]);
        expect((await harness.get("openai", `/v1/models/${name}`)).json.id).toBe(name);
      }
    }
  });
});
