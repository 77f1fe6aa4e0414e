// The DeepSeek simulator: its stream, its two endpoints, what it refuses.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { DEEPSEEK_MODELS } from "../../src/simulators/deepseek/models.ts";
import { verifies } from "../requirements.ts";
import { chatAsker, say, WEATHER } from "./chat-bench.ts";
import { createHarness, eventsOf, type Reply } from "./harness.ts";

const CALL = {
  role: "assistant",
  content: "",
  reasoning_content: "",
  tool_calls: [{ id: "c1", type: "function", function: { name: "get_weather", arguments: "{}" } }],
};

const ask = chatAsker("deepseek");

describe("DeepSeek", () => {
  it("streams reasoning, then text, with usage in the last chunk and keep-alive before the first", async () => {
    verifies("R7.2");
    const { text } = await ask({ stream: true });
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
      const { json } = await ask(change);
      expect(json.choices[0].message.reasoning_content).toBeUndefined();
      const streamed = eventsOf((await ask({ ...change, stream: true })).text);
      expect(streamed[0].choices[0].delta).toEqual({ role: "assistant", content: "" });
      expect(streamed.at(-1).choices[0].delta).toEqual({ content: "" });
    }
  });

  it("precedes a whole reply with blank lines, and waits with more of them", async () => {
    expect((await ask()).text.startsWith("\n{")).toBe(true);
    const slow = createHarness({ faults: { script: ["latency"] } });
    const { text } = await ask({ stream: true }, slow);
    expect(text.match(/: keep-alive\n\n/g)?.length).toBe(5);
    expect(slow.clock.monotonicUs()).toBe(20_000_000);
  });

  it("streams calls whose first chunk names them, and cuts at the limit", async () => {
    const chunks = eventsOf((await ask({ stream: true, tools: [WEATHER], messages: [say("Weather in Paris?")] })).text);
    const calls = chunks.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({
      index: 0,
      id: expect.stringMatching(/^call_00_/),
      type: "function",
      function: { name: "get_weather", arguments: "" },
    });
    expect(JSON.parse(calls.map((call) => call.function.arguments).join(""))).toEqual({ city: "Paris" });
    expect(chunks.at(-1).choices[0].finish_reason).toBe("tool_calls");
    expect((await ask({ max_tokens: 20 })).json.choices[0].finish_reason).toBe("length");
    expect((await ask({}, createHarness({ faults: { script: ["emptyAnswer"] } }))).json.choices[0]).toMatchObject({
      finish_reason: "insufficient_system_resource",
      message: { content: "" },
    });
    expect((await ask({}, createHarness({ faults: { script: ["refusal"] } }))).json.choices[0].finish_reason).toBe(
      "content_filter",
    );
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
    const { status, json } = await ask(change);
    expect([status, json.error?.type, json.error?.param]).toEqual([400, "invalid_request_error", null]);
    expect(json.error.message).toContain(message);
  });

  it.each<[string, JsonObject]>([
    ["temperature", { temperature: 3 }],
    ["top_p", { top_p: 0 }],
    ["user_id", { user_id: "not allowed!" }],
    ["role", { messages: [{ role: "robot", content: "x" }] }],
  ])("answers 422 to an invalid %s", async (_, change) => {
    expect((await ask(change)).status).toBe(422);
  });

  it("accepts a tool turn with empty reasoning, and without it when not thinking", async () => {
    const result = { role: "tool", tool_call_id: "c1", content: "Sunny" };
    expect((await ask({ messages: [say("x"), CALL, result] })).json.choices[0].message.content).toContain("Sunny");
    const { reasoning_content: _, ...bare } = CALL;
    expect((await ask({ thinking: { type: "disabled" }, messages: [say("x"), bare, result] })).status).toBe(200);
  });

  it("refuses too long a prompt, unknown paths and keys", async () => {
    const harness = createHarness();
    expect((await ask({ messages: [say("word ".repeat(1_050_000))] })).json.error.message).toContain(
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
    expect((await ask({}, harness)).json.error.type).toBe("rate_limit_error");
    await open.body?.cancel();
    expect((await ask({}, harness)).status).toBe(200);
    const tokens = createHarness({ limits: { inputTokensPerMinute: 1 } });
    expect((await ask({}, tokens)).status).toBe(429);
  });

  it("lists its models and the balance, and answers under every name", async () => {
    const harness = createHarness();
    expect((await harness.get("deepseek", "/models")).json.data.map((row: JsonObject) => row.id)).toEqual([
      "deepseek-flash",
      "deepseek-v4-pro",
    ]);
    expect((await harness.get("deepseek", "/user/balance")).json.is_available).toBe(true);
    for (const model of DEEPSEEK_MODELS) {
      for (const name of Object.keys(model.names)) expect((await ask({ model: name })).json.model).toBe(model.id);
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
