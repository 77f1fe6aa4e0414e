// The Anthropic simulator: its stream, its thinking, its cache, its models.
import { describe, expect, it } from "vitest";
import type { JsonObject, JsonValue } from "../../src/domain/json.ts";
import { CLAUDE_MODELS } from "../../src/simulators/anthropic/models.ts";
import { verifies } from "../requirements.ts";
import { createHarness, eventsOf, type Harness, type Reply } from "./harness.ts";

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

describe("a stream", () => {
  it("has named frames with padding, pings, deltas, and usage in message_delta", async () => {
    verifies("R7.2");
    const { text, headers } = await ask({
      stream: true,
      thinking: { type: "enabled", budget_tokens: 1_024 },
      tools: [TOOL],
    });
    expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(text).not.toContain("\r");
    expect(text).toMatch(/ {2,}\}\n\n/);
    const events = eventsOf(text);
    expect(events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1])).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "content_block_delta",
      "content_block_stop",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(events[0].message.content).toEqual([]);
    const deltas = events.filter((event) => event.type === "content_block_delta").map((event) => event.delta);
    expect(deltas.findLast((delta) => delta.type.startsWith("thinking") || delta.type === "signature_delta").type).toBe(
      "signature_delta",
    );
    const json = deltas.filter((delta) => delta.type === "input_json_delta").map((delta) => delta.partial_json);
    expect(json[0]).toBe("");
    expect(JSON.parse(json.join(""))).toEqual({ city: "Paris" });
    const end = events.find((event) => event.type === "message_delta");
    expect(end.delta.stop_reason).toBe("tool_use");
    expect(end.usage.output_tokens).toBeGreaterThan(end.usage.output_tokens_details.thinking_tokens);
    expect(end.usage.cache_creation).toBeUndefined();
  });

  it("of a refusal has no blocks", async () => {
    const { text } = await ask({
      stream: true,
      messages: [{ role: "user", content: "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1FAE" }],
    });
    expect(eventsOf(text).map((event) => event.type)).toEqual([
      "message_start",
      "ping",
      "message_delta",
      "message_stop",
    ]);
    expect(eventsOf(text)[2].delta).toMatchObject({ stop_reason: "refusal", stop_details: { type: "refusal" } });
  });
});

describe("endings", () => {
  it("stops at a stop sequence, at the output limit, and at once for max_tokens 0", async () => {
    const stopped = await ask({
      stop_sequences: ["Paris", "I "],
      messages: [{ role: "user", content: "Should we move to Paris?" }],
    });
    expect(stopped.json).toMatchObject({ stop_reason: "stop_sequence" });
    expect(stopped.json.content.map((block: JsonObject) => block.text).join("")).not.toContain(
      stopped.json.stop_sequence,
    );
    const cut = await ask({ max_tokens: 10, messages: [{ role: "user", content: "Is tea good?" }] });
    expect(cut.json.stop_reason).toBe("max_tokens");
    expect(cut.json.usage.output_tokens).toBeLessThanOrEqual(10);
    expect((await ask({ max_tokens: 0 })).json).toMatchObject({ content: [], stop_reason: "max_tokens" });
  });

  it("calls no tool when told not to, several when allowed, one when parallel use is off", async () => {
    const other = { ...TOOL, name: "get_time", description: "Time in a city" };
    const both = {
      tools: [TOOL, other],
      messages: [{ role: "user", content: "Use get_weather and get_time for Rome." }],
    };
    const count = async (change: JsonObject): Promise<number> =>
      (await ask({ ...both, ...change })).json.content.filter((block: JsonObject) => block.type === "tool_use").length;
    expect(await count({})).toBe(2);
    expect(await count({ tool_choice: { type: "auto", disable_parallel_tool_use: true } })).toBe(1);
    expect(await count({ tool_choice: { type: "none" } })).toBe(0);
    expect(await count({ tool_choice: { type: "any" } })).toBe(2);
    expect(await count({ tool_choice: { type: "tool", name: "get_time" } })).toBe(1);
  });
});

describe("thinking", () => {
  const thinkingOf = (reply: Reply): JsonObject => reply.json.content[0] as JsonObject;

  it("is shown by old models, omitted by new ones unless a summary is asked for, redacted on demand", async () => {
    expect(thinkingOf(await ask({ thinking: { type: "enabled", budget_tokens: 1_024 } })).thinking).not.toBe("");
    const silent = thinkingOf(await ask({ model: "claude-sonnet-5-5" }));
    expect(silent).toMatchObject({ type: "thinking", thinking: "" });
    const summary = await ask({ model: "claude-sonnet-5-5", thinking: { type: "adaptive", display: "summarized" } });
    expect(thinkingOf(summary).thinking).not.toBe("");
    expect(summary.json.usage.output_tokens_details.thinking_tokens).toBeGreaterThan(5);
    const omitted = await ask({ model: "claude-opus-4-6", thinking: { type: "adaptive", display: "omitted" } });
    expect(thinkingOf(omitted).thinking).toBe("");
    const trigger = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9";
    const redacted = await ask({
      thinking: { type: "enabled", budget_tokens: 1_024 },
      messages: [{ role: "user", content: trigger }],
    });
    expect(thinkingOf(redacted).type).toBe("redacted_thinking");
    expect((await ask({ model: "claude-opus-5", thinking: { type: "disabled" } })).json.content[0].type).toBe("text");
  });

  it("between tools comes only after a result", async () => {
    const thinking = { type: "between_tools" };
    const first = await ask({ model: "claude-sonnet-5-5", thinking, tools: [TOOL] });
    expect(first.json.content.map((block: JsonObject) => block.type)).toEqual(["tool_use"]);
    const result = {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: first.json.content[0].id, content: [{ type: "text", text: "Sunny" }] },
      ],
    };
    const second = await ask({
      model: "claude-sonnet-5-5",
      thinking,
      tools: [TOOL],
      messages: [USER, { role: "assistant", content: first.json.content }, result],
    });
    expect(second.json.content.map((block: JsonObject) => block.type)).toEqual(["thinking", "text"]);
  });

  it("is refused when edited, unsigned, foreign, or bound elsewhere, and accepted where it belongs", async () => {
    verifies("R7.2");
    const model = "claude-opus-5-5";
    const first = await ask({ model, thinking: { type: "adaptive", display: "summarized" } });
    const block = thinkingOf(first);
    const after = { role: "user", content: "And tomorrow?" };
    const again = (change: JsonObject, thinking: JsonObject = block): Promise<Reply> =>
      ask({
        model,
        messages: [USER, { role: "assistant", content: [thinking, { type: "text", text: "Sunny." }] }, after],
        ...change,
      });
    expect((await again({})).status).toBe(200);
    const message = async (reply: Promise<Reply>): Promise<string> => (await reply).json.error.message as string;
    expect(await message(again({}, { ...block, thinking: "something else" }))).toContain(
      "Invalid `signature` in `thinking` block",
    );
    expect(await message(again({}, { ...block, signature: "" }))).toContain("signature: Field required");
    expect(await message(again({}, { ...block, signature: "not base64 !" }))).toContain("Invalid `signature`");
    expect(await message(again({ system: "Another system." }))).toContain(
      "The block is bound to a different conversation",
    );
    expect(await message(again({ model: "claude-fable-5-2" }))).toContain(
      "The block is bound to a different conversation",
    );
    expect((await again({ model: "claude-opus-4-6" })).status).toBe(200);
    const redacted = { type: "redacted_thinking", data: block.signature as JsonValue };
    expect(await message(again({}, redacted as JsonObject))).toContain(
      "Invalid `signature` in `redacted_thinking` block",
    );
  });

  it("made by the real vendor is taken on trust", async () => {
    const signature = Buffer.concat([Buffer.from([0x12, 0x60]), Buffer.alloc(96, 7)]).toString("base64");
    const messages = [
      USER,
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature },
          { type: "text", text: "x" },
        ],
      },
      USER,
    ];
    expect((await ask({ messages })).status).toBe(200);
  });
});

describe("counts and lists", () => {
  it("counts as a call would, and caches marked prefixes until they expire", async () => {
    const harness = createHarness();
    const long = `${"The journal keeps every fact. ".repeat(400)}`;
    const request = {
      system: [{ type: "text", text: long, cache_control: { type: "ephemeral" } }],
      messages: [
        {
          role: "user",
          content: [{ type: "text", text: "Is it so?", cache_control: { type: "ephemeral", ttl: "1h" } }],
        },
      ],
    };
    const first = (await ask(request, harness)).json.usage;
    expect(first.cache_creation.ephemeral_5m_input_tokens).toBeGreaterThan(1_024);
    expect(first.cache_creation.ephemeral_1h_input_tokens).toBeGreaterThan(0);
    const counted = await harness.post("anthropic", "/v1/messages/count_tokens", { ...base, ...request });
    expect(counted.json.input_tokens).toBe(
      first.input_tokens + first.cache_creation_input_tokens + first.cache_read_input_tokens,
    );
    const second = (await ask(request, harness)).json.usage;
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
    await harness.clock.advance(2 * 3_600_000);
    expect((await ask(request, harness)).json.usage.cache_read_input_tokens).toBe(0);
    const automatic = await ask({ system: long, cache_control: { type: "ephemeral" } }, harness);
    expect(automatic.json.usage.cache_creation_input_tokens).toBeGreaterThan(1_024);
  });

  it("counts an image by its kind, not by its bytes", async () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "A".repeat(100_000) } };
    const { json } = await ask({
      messages: [{ role: "user", content: [image, { type: "text", text: "What is it?" }] }],
    });
    expect(json.usage.input_tokens).toBeLessThan(500);
  });

  it("lists every model and finds each by its id and aliases", async () => {
    const harness = createHarness();
    const { json } = await harness.get("anthropic", "/v1/models");
    expect(json).toMatchObject({ has_more: false, first_id: CLAUDE_MODELS[0]?.id });
    expect(json.data.length).toBe(CLAUDE_MODELS.length);
    for (const model of CLAUDE_MODELS) {
      for (const name of [model.id, ...model.aliases])
        expect((await harness.get("anthropic", `/v1/models/${name}`)).json.id).toBe(model.id);
    }
    expect((await harness.get("anthropic", "/v1/models/claude-nope")).status).toBe(404);
  });

  it("answers with every model", async () => {
    for (const { id } of CLAUDE_MODELS) expect([id, (await ask({ model: id })).status]).toEqual([id, 200]);
  });
});
