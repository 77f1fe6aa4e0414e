// What goes out over each wire: places of the system prompt, tools, results,
// JSON answers and opaque blocks, and what a model refuses left out.
import { describe, expect, it } from "vitest";
import type { AgentEvent, AgentRequest, HistoryTurn } from "../../../src/agents/agent.ts";
import { createBench, requestFor, streamReply } from "../model-agent-bench.ts";
import { GRAMMARS, type Say, type VendorGrammar } from "../vendor-replies.ts";

const { anthropic, google, deepseek, openai, compatible, deepseekAnthropic } = GRAMMARS;
const SCHEMA = {
  type: "object",
  properties: { choice: { type: "string" } },
  required: ["choice"],
  additionalProperties: false,
};
const LOOK = {
  name: "look",
  description: "Looks.",
  inputSchema: { type: "object", properties: { at: { type: "integer" } } },
};

async function sentBody(grammar: VendorGrammar, more: Partial<AgentRequest> = {}) {
  const { sent, run } = createBench(async () => streamReply(grammar.stream({ text: ["ok"] })));
  const events = await run(requestFor(grammar, more));
  expect(events.at(-1)).toMatchObject({ type: "done" });
  const [request] = sent;
  if (request === undefined || sent.length !== 1) throw new Error(`${sent.length} requests went out`);
  return request;
}

/** A turn that called a tool, as the vendor's own reply left it, and the result. */
async function toolTurns(grammar: VendorGrammar, say: Say = {}): Promise<HistoryTurn[]> {
  const call = { id: "call_1", name: "look", args: { at: 1 } };
  const { run } = createBench(async () => streamReply(grammar.stream({ ...say, call })));
  const done = (await run(requestFor(grammar))).at(-1);
  if (done?.type !== "done") throw new Error("not done");
  const called = done.parts.find((part) => part.type === "tool-call");
  if (called === undefined) throw new Error("no call");
  const result = {
    type: "tool-result",
    callId: called.callId,
    tool: "look",
    output: { seen: 2 },
    isError: false,
  } as const;
  return [
    { role: "assistant", parts: done.parts, ...(done.opaque === undefined ? {} : { opaque: done.opaque }) },
    { role: "user", parts: [result] },
  ];
}

const ASKED: HistoryTurn = { role: "user", parts: [{ type: "text", text: "Is two prime?" }] };

describe("addresses and keys", () => {
  it.each([
    [anthropic, "https://api.anthropic.com/v1/messages", { "x-api-key": "test-key-123456" }],
    [
      google,
      "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
      { "x-goog-api-key": "test-key-123456" },
    ],
    [deepseek, "https://api.deepseek.com/chat/completions", { authorization: "Bearer test-key-123456" }],
    [deepseekAnthropic, "https://api.deepseek.com/anthropic/v1/messages", { authorization: "Bearer test-key-123456" }],
    [openai, "https://api.openai.com/v1/chat/completions", { authorization: "Bearer test-key-123456" }],
    [compatible, "http://127.0.0.1:11434/v1/chat/completions", { authorization: "Bearer test-key-123456" }],
  ] as const)("reaches $vendor with its key", async (grammar, url, auth) => {
    const sent = await sentBody(grammar);
    expect(sent.url).toBe(url);
    expect(sent.headers).toMatchObject(auth);
  });

  it("sends no authorization to a server that wants no key", async () => {
    const { sent, run } = createBench(async () => streamReply(compatible.stream({ text: ["ok"] })), {
      key: () => undefined,
    });
    await run(requestFor(compatible));
    expect(sent[0]?.headers.authorization).toBeUndefined();
  });

  it("sends the version header that Anthropic demands", async () => {
    expect((await sentBody(anthropic)).headers["anthropic-version"]).toBe("2023-06-01");
  });
});

describe("system prompt and attachments", () => {
  const attached: Partial<AgentRequest> = {
    history: [
      {
        role: "user",
        parts: [
          { type: "text", text: "Read this." },
          { type: "attachment", name: "a.md", mediaType: "text/markdown", text: "# A" },
          { type: "data", schemaName: "ballot", value: { choice: "A" } },
          { type: "reasoning", text: "secret thoughts" },
        ],
      },
    ],
  };
  const text = 'Read this.\n\n<attachment name="a.md" type="text/markdown">\n# A\n</attachment>\n\n{"choice":"A"}';

  it("stands apart at Anthropic", async () => {
    const { body } = await sentBody(anthropic, attached);
    expect(body.system).toEqual([{ type: "text", text: "Be brief." }]);
    expect(body.messages).toEqual([{ role: "user", content: [{ type: "text", text }] }]);
    expect(body.max_tokens).toBe(500);
  });

  it("stands apart at Gemini", async () => {
    const { body } = await sentBody(google, attached);
    expect(body.systemInstruction).toEqual({ parts: [{ text: "Be brief." }] });
    expect(body.contents).toEqual([{ role: "user", parts: [{ text }] }]);
    expect(body.generationConfig.maxOutputTokens).toBe(500);
  });

  it.each([
    [deepseek, "system"],
    [compatible, "system"],
    [openai, "developer"],
    [{ ...openai, model: "gpt-4.1" }, "system"],
  ] as const)("is a message of its own in chat formats ($vendor $model)", async (grammar, role) => {
    const { body } = await sentBody(grammar, attached);
    expect(body.messages).toEqual([
      { role, content: "Be brief." },
      { role: "user", content: text },
    ]);
  });

  it("is left out where it is empty", async () => {
    expect((await sentBody(deepseek, { system: "" })).body.messages).toHaveLength(1);
  });
});

describe("what a model refuses is not sent", () => {
  const wanted: Partial<AgentRequest> = { temperature: 0.2, seed: 7, tools: [LOOK], toolChoice: "required" };

  it("leaves sampling and forced tool use out for Claude 5.5", async () => {
    const { body } = await sentBody(anthropic, wanted);
    expect(body).not.toHaveProperty("temperature");
    expect(body.tool_choice).toEqual({ type: "auto" });
    expect(body.thinking).toEqual({ type: "adaptive", display: "summarized" });
  });

  it("keeps them for a model that takes them", async () => {
    const { body } = await sentBody({ ...anthropic, model: "claude-sonnet-4-6" }, wanted);
    expect(body).toMatchObject({ temperature: 0.2, tool_choice: { type: "any" } });
    expect(body).not.toHaveProperty("thinking");
    const gemini = (await sentBody(google, wanted)).body;
    expect(gemini.generationConfig).toMatchObject({ temperature: 0.2, seed: 7 });
    expect(gemini.toolConfig.functionCallingConfig.mode).toBe("ANY");
    const local = (await sentBody(compatible, wanted)).body;
    expect(local).toMatchObject({ temperature: 0.2, seed: 7, tool_choice: "required" });
  });

  it("leaves temperature out where it has no effect, and caps the answer at the model's limit", async () => {
    const { body } = await sentBody(deepseek, { ...wanted, outputTokensMax: 900_000 });
    expect(body).not.toHaveProperty("temperature");
    expect(body.max_tokens).toBe(384_000);
    expect((await sentBody(openai, wanted)).body).not.toHaveProperty("temperature");
  });

  it("offers no tools where none are given, and forbids them where told to", async () => {
    expect((await sentBody(anthropic, { toolChoice: "none" })).body).not.toHaveProperty("tools");
    expect((await sentBody(deepseek, { tools: [LOOK], toolChoice: "none" })).body.tool_choice).toBe("none");
  });
});

describe("JSON answers", () => {
  const answerFormat = { name: "ballot", schema: SCHEMA };

  it("by schema at Anthropic, Gemini, OpenAI and compatible servers", async () => {
    expect((await sentBody(anthropic, { answerFormat })).body.output_config.format).toMatchObject({
      type: "json_schema",
      schema: SCHEMA,
    });
    const { generationConfig } = (await sentBody(google, { answerFormat })).body;
    expect(generationConfig.responseMimeType).toBe("application/json");
    expect(generationConfig.responseJsonSchema).toMatchObject({ type: "object", required: ["choice"] });
    for (const grammar of [openai, compatible]) {
      const { response_format } = (await sentBody(grammar, { answerFormat })).body;
      expect(response_format).toMatchObject({ type: "json_schema", json_schema: { name: "ballot" } });
    }
  });

  it("as an object whose schema is in the prompt at DeepSeek, which wants the word JSON there", async () => {
    const { body } = await sentBody(deepseek, { answerFormat });
    expect(body.response_format).toEqual({ type: "json_object" });
    expect(JSON.stringify(body.messages)).toMatch(/JSON.*schema.*choice/);
  });

  it("in words where there is no other way", async () => {
    const { body } = await sentBody(deepseekAnthropic, { answerFormat });
    expect(body).not.toHaveProperty("output_config");
    expect(body.messages[0].content[0].text).toMatch(/^Is two prime\?\n\nAnswer with one JSON object.*"choice"/s);
    const value = (await sentBody(deepseekAnthropic, { answerFormat: { name: "n", schema: { type: "number" } } })).body;
    expect(value.messages[0].content[0].text).toContain("one JSON value");
    const old = (await sentBody({ ...openai, model: "gpt-4-turbo" }, { answerFormat })).body;
    expect(old.response_format).toMatchObject({ type: "json_schema" });
    expect(old.messages[1].content).toMatch(/JSON Schema/);
  });

  it("by a tool of that name for old Claude models", async () => {
    const { run, sent } = createBench(async () =>
      streamReply(anthropic.stream({ call: { id: "t1", name: "json", args: { choice: "A" } } })),
    );
    const events = await run(requestFor({ ...anthropic, model: "claude-3-haiku-20240307" }, { answerFormat }));
    expect(sent[0]?.body.tools[0].name).toBe("json");
    expect(events.at(-1)).toMatchObject({
      type: "done",
      finishReason: "stop",
      parts: [{ type: "text", text: '{"choice":"A"}' }],
    });
  });
});

describe("own turns come back as they were", () => {
  it("signed thinking of the open turn at Anthropic", async () => {
    const turns = await toolTurns(anthropic, { reasoning: ["Look."] });
    const { body } = await sentBody(anthropic, { history: [ASKED, ...turns], tools: [LOOK] });
    expect(body.messages[1].content).toMatchObject([
      { type: "thinking", thinking: "Look.", signature: "sig-1" },
      { type: "tool_use", id: "call_1", name: "look", input: { at: 1 } },
    ]);
    expect(body.messages[2].content).toMatchObject([{ type: "tool_result", tool_use_id: "call_1" }]);
  });

  it("but not of a closed turn, whose thinking is bound to words that may have changed", async () => {
    const turns = await toolTurns(anthropic, { reasoning: ["Look."] });
    const history = [ASKED, ...turns, { role: "assistant", parts: [{ type: "text", text: "Seen." }] }, ASKED] as const;
    const { body } = await sentBody(anthropic, { history, tools: [LOOK] });
    expect(JSON.stringify(body.messages)).not.toContain("sig-1");
    expect(body.messages[1].content).toMatchObject([{ type: "tool_use" }]);
    const older = { ...anthropic, model: "claude-opus-5" };
    const kept = await sentBody(older, {
      history: [ASKED, ...(await toolTurns(older, { reasoning: ["Look."] })), ASKED],
      tools: [LOOK],
    });
    expect(JSON.stringify(kept.body.messages)).toContain("sig-1");
  });

  it("thought signatures at Gemini", async () => {
    const { body } = await sentBody(google, { history: [ASKED, ...(await toolTurns(google))], tools: [LOOK] });
    expect(body.contents[1].parts[0]).toMatchObject({
      functionCall: { name: "look", args: { at: 1 } },
      thoughtSignature: "c2ln",
    });
    expect(body.contents[2].parts[0].functionResponse).toMatchObject({ name: "look" });
  });

  it("reasoning_content at DeepSeek, even an empty one", async () => {
    const thought = await sentBody(deepseek, {
      history: [ASKED, ...(await toolTurns(deepseek, { reasoning: ["Look."] }))],
      tools: [LOOK],
    });
    expect(thought.body.messages[2]).toMatchObject({
      role: "assistant",
      reasoning_content: "Look.",
      tool_calls: [{ id: "call_1" }],
    });
    const silent = await sentBody(deepseek, { history: [ASKED, ...(await toolTurns(deepseek))], tools: [LOOK] });
    expect(silent.body.messages[2]).toMatchObject({ reasoning_content: "" });
  });

  it("no reasoning at servers that know none", async () => {
    const turns = await toolTurns(compatible, { reasoning: ["Look."] });
    const { body } = await sentBody(compatible, { history: [ASKED, ...turns], tools: [LOOK] });
    expect(JSON.stringify(body.messages)).not.toContain("Look.");
    expect(body.messages[3]).toMatchObject({ role: "tool", tool_call_id: "call_1", content: '{"seen":2}' });
  });

  it("drops opaque blocks of a turn whose words were edited", async () => {
    const { run } = createBench(async () => streamReply(anthropic.stream({ reasoning: ["Hm."], text: ["Ye", "s."] })));
    const done = (await run(requestFor(anthropic))).at(-1) as Extract<AgentEvent, { type: "done" }>;
    const model = { ...anthropic, model: "claude-opus-5" };
    const opaque = JSON.parse(JSON.stringify(done.opaque).replaceAll("claude-opus-5-5", "claude-opus-5"));
    const bodyOf = async (text: string) =>
      (
        await sentBody(model, {
          history: [ASKED, { role: "assistant", parts: [{ type: "text", text }], opaque }, ASKED],
        })
      ).body;
    expect(JSON.stringify(await bodyOf("Yes."))).toContain("sig-1");
    expect(JSON.stringify(await bodyOf("No."))).not.toContain("sig-1");
  });

  it("without opaque blocks the parts speak, and results may be errors or text", async () => {
    const history: HistoryTurn[] = [
      ASKED,
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "unsigned" },
          { type: "text", text: "I look." },
          { type: "data", schemaName: "plan", value: [1] },
          { type: "attachment", name: "p", mediaType: "text/plain", text: "q" },
          { type: "text", text: "" },
          { type: "tool-call", callId: "an id with spaces", tool: "look", input: { at: 1 } },
          { type: "tool-call", callId: "b", tool: "look", input: { at: 2 } },
          { type: "tool-call", callId: "c", tool: "look", input: { at: 3 } },
        ],
      },
      {
        role: "user",
        parts: [
          { type: "tool-result", callId: "an id with spaces", tool: "look", output: "not found", isError: true },
          { type: "tool-result", callId: "b", tool: "look", output: { why: "broken" }, isError: true },
          { type: "tool-result", callId: "c", tool: "look", output: "seen", isError: false },
          { type: "text", text: "Go on." },
        ],
      },
    ];
    const { body } = await sentBody(anthropic, { history, tools: [LOOK] });
    const [, own, results] = body.messages;
    expect(own.content.map((block: { type: string }) => block.type)).toEqual([
      "text",
      "text",
      "text",
      "tool_use",
      "tool_use",
      "tool_use",
    ]);
    const id = own.content[3].id;
    expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(results.content[0]).toMatchObject({ type: "tool_result", tool_use_id: id, is_error: true });
    expect(results.content[1]).toMatchObject({ is_error: true });
    expect(results.content.at(-1)).toMatchObject({ type: "text", text: "Go on." });
    expect(JSON.stringify(body)).not.toContain("unsigned");
  });
});

describe("prompt caches", () => {
  it("marks the prefix for Claude from the second turn on, and names a key for OpenAI", async () => {
    expect((await sentBody(anthropic)).body).not.toHaveProperty("cache_control");
    const history = [ASKED, { role: "assistant", parts: [{ type: "text", text: "Yes." }] }, ASKED] as const;
    expect((await sentBody(anthropic, { history })).body.cache_control).toEqual({ type: "ephemeral" });
    const first = (await sentBody(openai)).body.prompt_cache_key;
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect((await sentBody(openai, { sessionKey: "another" })).body.prompt_cache_key).not.toBe(first);
  });
});
