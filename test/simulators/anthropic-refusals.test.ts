// What the Anthropic simulator refuses, word for word.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { verifies } from "../requirements.ts";
import { createHarness, type Harness, type Reply } from "./harness.ts";

const PATH = "/v1/messages";
const USER = { role: "user", content: "What is the weather in Paris?" };
const TOOL = {
  name: "get_weather",
  description: "Weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const base: JsonObject = { model: "claude-sonnet-4-5", max_tokens: 2_000, messages: [USER] };

async function ask(change: JsonObject, harness: Harness = createHarness()): Promise<Reply> {
  return harness.post("anthropic", PATH, { ...base, ...change });
}

async function refusal(change: JsonObject): Promise<string> {
  const { status, json } = await ask(change);
  expect([status, json.type, json.error?.type]).toEqual([400, "error", "invalid_request_error"]);
  expect(json.request_id).toMatch(/^req_011C/);
  return json.error.message as string;
}

describe("refusals", () => {
  it.each<[string, JsonObject, string]>([
    ["no max_tokens", { max_tokens: null }, "max_tokens: Field required"],
    ["negative max_tokens", { max_tokens: -1 }, "max_tokens: Input should be"],
    ["too large max_tokens", { max_tokens: 64_001 }, "max_tokens: 64001 > 64000"],
    ["no messages", { messages: [] }, "at least one message is required"],
    ["messages of another type", { messages: "hello" }, "messages: Field required"],
    ["a message of another type", { messages: ["hello"] }, "messages.0: Input should be an object"],
    ["an unknown role", { messages: [{ role: "tool", content: "x" }] }, "messages.0.role"],
    ["content of another type", { messages: [{ role: "user", content: 3 }] }, "messages.0.content"],
    ["a block without a type", { messages: [{ role: "user", content: [{ text: "x" }] }] }, "messages.0.content.0.type"],
    [
      "an empty message in between",
      { messages: [{ role: "user", content: "" }, { role: "assistant", content: "a" }, USER] },
      "non-empty content",
    ],
    [
      "an empty last message",
      { messages: [{ role: "user", content: [] }] },
      "final message must have non-empty content",
    ],
    [
      "an empty text block",
      { messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      "text content blocks must be non-empty",
    ],
    ["a system turn", { messages: [USER, { role: "system", content: "x" }] }, "role 'system' is not supported"],
    [
      "prefill that ends in a space",
      { messages: [USER, { role: "assistant", content: "It is " }] },
      "trailing whitespace",
    ],
    [
      "prefill on a new model",
      { model: "claude-opus-5", messages: [USER, { role: "assistant", content: "It is" }] },
      "does not support assistant message prefill",
    ],
    ["temperature on a new model", { model: "claude-sonnet-5-5", temperature: 0.3 }, "`temperature` is not supported"],
    ["top_k on a new model", { model: "claude-opus-4-7", top_k: 5 }, "`top_k` is not supported"],
    ["temperature out of range", { temperature: 1.5 }, "temperature: range"],
    [
      "temperature with thinking",
      { temperature: 0.5, thinking: { type: "enabled", budget_tokens: 1_024 } },
      "`temperature` may only be set to 1",
    ],
    ["effort on an old model", { output_config: { effort: "low" } }, "does not support the effort parameter"],
    [
      "an effort level it lacks",
      { model: "claude-opus-4-6", output_config: { effort: "xhigh" } },
      "Supported levels: high, low, max, medium.",
    ],
    [
      "a budget on a new model",
      { model: "claude-opus-5", thinking: { type: "enabled", budget_tokens: 2_000 } },
      '"thinking.type.enabled" is not supported',
    ],
    [
      "no thinking where it always thinks",
      { model: "claude-opus-5-5", thinking: { type: "disabled" } },
      '"thinking.type.disabled" is not supported',
    ],
    [
      "no thinking at high effort on Haiku",
      { model: "claude-haiku-5-5", thinking: { type: "disabled" }, output_config: { effort: "max" } },
      "not supported at effort 'max'",
    ],
    [
      "thinking on a model that cannot",
      { model: "claude-3-opus-latest", thinking: { type: "enabled", budget_tokens: 1_024 } },
      "does not support thinking",
    ],
    ["a small budget", { thinking: { type: "enabled", budget_tokens: 1_000 } }, "greater than or equal to 1024"],
    [
      "a budget above max_tokens",
      { thinking: { type: "enabled", budget_tokens: 2_000 } },
      "`max_tokens` must be greater than",
    ],
    ["forced tools without tools", { tool_choice: { type: "any" } }, "may only be specified while providing `tools`"],
    [
      "forced tools on a new model",
      { model: "claude-sonnet-5-5", tools: [TOOL], tool_choice: { type: "any" } },
      "type 'any' is not supported",
    ],
    [
      "forced tools with a budget",
      {
        tools: [TOOL],
        tool_choice: { type: "tool", name: "get_weather" },
        thinking: { type: "enabled", budget_tokens: 1_024 },
      },
      "Thinking may not be enabled",
    ],
    [
      "a forced tool that is not offered",
      { tools: [TOOL], tool_choice: { type: "tool", name: "fly" } },
      "Tool 'fly' not found",
    ],
    [
      "an open call",
      {
        messages: [USER, { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] }, USER],
      },
      "without `tool_result` blocks immediately after: t1",
    ],
    [
      "a stray result",
      { messages: [{ role: "user", content: [{ type: "tool_result", tool_use_id: "t9", content: "x" }] }] },
      "unexpected `tool_use_id`",
    ],
    [
      "a schema nothing satisfies",
      { output_config: { format: { type: "json_schema", schema: { type: "string", minLength: 5, maxLength: 1 } } } },
      "output_config.format.schema",
    ],
  ])("%s", async (_, change, message) => {
    verifies("R7.2");
    expect(await refusal(change)).toContain(message);
  });

  it("an unknown model, path or version, a body too large or not JSON", async () => {
    const harness = createHarness();
    expect((await ask({ model: "claude-sonet-4-5" })).json.error).toEqual({
      type: "not_found_error",
      message: "model: claude-sonet-4-5",
    });
    expect((await harness.post("anthropic", "/v1/nothing", {})).status).toBe(404);
    expect((await harness.send("anthropic", PATH, { method: "POST", body: "{" })).json.error.message).toContain(
      "not valid JSON",
    );
    expect((await harness.post("anthropic", PATH, { messages: [] })).json.error.message).toBe("model: Field required");
    const response = await harness.simulators.fetch("https://api.anthropic.com/v1/models", {
      headers: { "x-api-key": "k" },
    });
    expect(await response.text()).toContain("anthropic-version: header is required");
    const large = await ask({ messages: [{ role: "user", content: "x".repeat(33 * 1_024 * 1_024) }] });
    expect([large.status, large.headers.get("content-type")]).toEqual([413, "text/html"]);
  });

  it("too long a prompt, in the vendor's words", async () => {
    const { status, json } = await ask({ messages: [{ role: "user", content: "word ".repeat(200_000) }] });
    expect(status).toBe(400);
    expect(json.error.message).toMatch(/^prompt is too long: \d+ tokens > 200000 maximum$/);
  });

  it("no key and a wrong key", async () => {
    const { simulators } = createHarness({ apiKeys: ["the-key"] });
    const call = async (headers: Record<string, string>): Promise<Response> =>
      simulators.fetch("https://api.anthropic.com/v1/models", { headers });
    expect(await (await call({})).json()).toMatchObject({
      error: { type: "authentication_error", message: "x-api-key header is required" },
    });
    expect((await call({ "x-api-key": "other" })).status).toBe(401);
    expect((await call({ authorization: "Bearer the-key", "anthropic-version": "2023-06-01" })).status).toBe(200);
  });
});
