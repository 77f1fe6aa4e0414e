// Requests that are unusual and in order, and a few that are not.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/domain/json.ts";
import { claudeError } from "../../src/simulators/anthropic/errors.ts";
import { isConnectionFault } from "../../src/simulators/reply-stream.ts";
import type { RateLimits } from "../../src/simulators/simulator.ts";
import { verifies } from "../requirements.ts";
import { createHarness, eventsOf, type Reply } from "./harness.ts";

const say = (content: string): JsonObject => ({ role: "user", content });
const BROKEN = { type: "object", properties: { a: { $ref: "#/nowhere" } }, required: ["a"] };
const claude = (change: JsonObject, limits: Partial<RateLimits> = {}): Promise<Reply> =>
  createHarness({ limits }).post("anthropic", "/v1/messages", {
    model: "claude-opus-5",
    max_tokens: 500,
    messages: [say("Is tea good?")],
    ...change,
  });

describe("Anthropic", () => {
  it("refuses by its buckets, each in its own words, with when to come back", async () => {
    verifies("R7.2");
    const words = {
      requestsPerMinute: "1 requests per minute",
      inputTokensPerMinute: "1 input tokens per minute",
      outputTokensPerMinute: "1 output tokens per minute",
    };
    for (const [limit, said] of Object.entries(words)) {
      const harness = createHarness({ limits: { [limit]: 1 } });
      const ask = (): Promise<Reply> =>
        harness.post("anthropic", "/v1/messages", {
          model: "claude-opus-5",
          max_tokens: 500,
          messages: [say("Is tea good?")],
        });
      await ask();
      const { status, json, headers } = await ask();
      expect([status, json.error.type]).toEqual([429, "rate_limit_error"]);
      expect(json.error.message).toContain(said);
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(60);
      expect(headers.get("anthropic-ratelimit-requests-limit")).toMatch(/^\d+$/);
    }
    expect(() => createHarness({ limits: { requestsPerMinute: 0 } })).toThrow("needs a size above 0");
  });

  it("tells the state of its buckets on every reply, tokens in thousands", async () => {
    verifies("R7.2");
    const { headers } = await claude(
      {},
      { requestsPerMinute: 60, inputTokensPerMinute: 50_000, outputTokensPerMinute: 20_000 },
    );
    expect(headers.get("anthropic-ratelimit-requests-remaining")).toBe("59");
    expect(headers.get("anthropic-ratelimit-requests-reset")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(headers.get("anthropic-ratelimit-input-tokens-remaining")).toBe("49000");
    expect(headers.get("anthropic-ratelimit-tokens-limit")).toBe("70000");
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("merges turns of one role, takes system turns on new models, results without content, calls without arguments", async () => {
    const tool = { name: "list_ships", input_schema: { type: "object", properties: {} } };
    expect(
      (await claude({ messages: [say("Hello."), { role: "system", content: "Be brief." }, say("Is tea good?")] }))
        .status,
    ).toBe(200);
    const turn = [
      say("x"),
      { role: "assistant", content: [{ type: "tool_use", id: "t", name: "list_ships" }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "t" }] },
    ];
    expect((await claude({ messages: turn, tools: [tool] })).status).toBe(200);
    const { text } = await claude({ tools: [tool], stream: true, messages: [say("Call list_ships.")] });
    expect(
      eventsOf(text)
        .filter((event) => event.delta?.type === "input_json_delta")
        .map((event) => event.delta.partial_json),
    ).toEqual([""]);
    expect(
      (
        await claude({
          messages: [say("First."), say("Is tea good?")],
          output_format: {
            type: "json_schema",
            schema: { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] },
          },
        })
      ).json.content.at(-1).text,
    ).toMatch(/^\{"ok":(true|false)\}$/);
  });

  it("refuses a tool's schema nothing satisfies, too many messages, a budget of no number", async () => {
    expect(
      (
        await claude({
          tools: [{ name: "act", input_schema: BROKEN }],
          messages: [say("Call act now please with a tool.")],
        })
      ).json.error.message,
    ).toContain("points nowhere");
    expect((await claude({ messages: Array.from({ length: 100_001 }, () => say("x")) })).json.error.message).toContain(
      "at most 100000 messages",
    );
    expect(
      (await claude({ model: "claude-sonnet-4-5", max_tokens: 5_000, thinking: { type: "enabled" } })).json.error
        .message,
    ).toContain("budget_tokens");
    expect((await claude({ messages: [say("x"), { role: "user" }] })).json.error.message).toContain(
      "messages.1.content",
    );
    expect(
      (
        await createHarness().post("deepseek", "/anthropic/v1/messages", {
          model: "deepseek-flash",
          max_tokens: 9,
          messages: [say("Call act.")],
          tools: [{ name: "act", input_schema: BROKEN }],
        })
      ).status,
    ).toBe(400);
  });

  it("has the vendor's type for every status it may be given", () => {
    const ids = { token: () => "x", uuid: () => "x" };
    expect(claudeError(403, { message: "m", ids }).body).toMatchObject({ error: { type: "permission_error" } });
    expect(claudeError(418, { message: "m", ids }).body).toMatchObject({ error: { type: "api_error" } });
  });
});

describe("chat completions", () => {
  const chat = (change: JsonObject): Promise<Reply> =>
    createHarness().post("openai", "/v1/chat/completions", {
      model: "gpt-4o",
      messages: [say("Is tea good?")],
      ...change,
    });

  it("reads images, files, and tools that say little", async () => {
    const image = {
      role: "user",
      content: [
        { type: "text", text: "What is it?" },
        { type: "image_url", image_url: { url: `data:${"A".repeat(50_000)}` } },
      ],
    };
    expect((await chat({ messages: [image] })).json.usage.prompt_tokens).toBeLessThan(500);
    const { json } = await chat({
      tools: [{ type: "function", function: { name: "get_ships" } }, { type: "custom" }],
      tool_choice: "required",
    });
    expect(json.choices[0].message.tool_calls[0].function).toEqual({ name: "get_ships", arguments: "{}" });
    expect(
      (
        await chat({
          messages: [
            say("x"),
            { role: "assistant", tool_calls: [{}] },
            { role: "tool", tool_call_id: "", content: "y" },
          ],
        })
      ).status,
    ).toBe(200);
    expect((await chat({ model: "gpt-5", presence_penalty: 0, temperature: 1, top_p: 1 })).status).toBe(200);
    expect((await chat({ model: "gpt-5", presence_penalty: 1 })).status).toBe(400);
    expect(eventsOf((await chat({ model: "gpt-5", stream: true })).text)[0].system_fingerprint).toBeNull();
  });
});

describe("Gemini", () => {
  const gemini = (change: JsonObject, model = "gemini-2.0-flash"): Promise<Reply> =>
    createHarness().post("google", `/v1beta/models/${model}:generateContent`, {
      contents: [{ parts: { text: "Is tea good?" } }],
      ...change,
    });

  it("reads one object for a list, a missing role, snake case, tools that say little", async () => {
    expect((await gemini({})).status).toBe(200);
    const { json } = await gemini({
      tools: { function_declarations: [{ name: "get_ships" }] },
      tool_config: { function_calling_config: { mode: "ANY" } },
    });
    expect(json.candidates[0].content.parts[0].functionCall).toEqual({ name: "get_ships", args: {} });
    const contents = [
      { role: "user", parts: [{ text: "x" }] },
      { role: "model", parts: [{ functionCall: { name: "f" } }] },
      { role: "function", parts: [{ functionResponse: { name: "f", response: "plain" } }, { text: "Is it so?" }] },
    ];
    expect((await gemini({ contents })).json.candidates[0].content.parts[0].text).toContain('f returned: "plain"');
    const open = contents.slice(0, 2).concat([{ role: "model", parts: [{ functionCall: { name: "g" } }] }]);
    expect(
      (
        await gemini({
          contents: [
            ...open,
            {
              role: "user",
              parts: [
                { functionResponse: { name: "f" } },
                { functionResponse: { name: "g", response: { a: 1, b: 2 } } },
              ],
            },
          ],
        } as unknown as JsonObject)
      ).status,
    ).toBe(200);
  });

  it("takes server tools for granted and counts with old models as they did", async () => {
    const { json } = await gemini({ tools: [{ googleSearch: {} }] });
    expect(json.candidates[0].avgLogprobs).toBeLessThan(0);
    expect(json.usageMetadata.candidatesTokensDetails).toHaveLength(1);
  });
});

describe("a connection fault", () => {
  it("is told from a mistake", () => {
    expect(isConnectionFault(new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } }))).toBe(true);
    expect(isConnectionFault(new TypeError("terminated", { cause: { code: "ECONNRESET" } }))).toBe(true);
    expect(isConnectionFault(new TypeError("x is not a function"))).toBe(false);
    expect(isConnectionFault(new Error("x"))).toBe(false);
  });
});
