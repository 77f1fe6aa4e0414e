// How replies end: finish words, errors inside good replies, broken lines,
// blanks, and what is charged for each.
import { describe, expect, it } from "vitest";
import type { AgentEvent } from "../../../src/agents/agent.ts";
import { NO_USAGE } from "../../../src/domain/usage.ts";
import { verifies } from "../../requirements.ts";
import { createBench, jsonReply, requestFor, stallingReply, streamReply } from "../model-agent-bench.ts";
import { COUNTED, GRAMMARS, type Say, type VendorGrammar } from "../vendor-replies.ts";

const { anthropic, google, deepseek, openai, compatible } = GRAMMARS;
const ALL = Object.values(GRAMMARS);

async function lastOf(
  grammar: VendorGrammar,
  reply: Response | (() => Promise<Response>),
  stream = true,
): Promise<AgentEvent> {
  const { run } = createBench(async () => (typeof reply === "function" ? reply() : reply));
  const last = (await run(requestFor(grammar, { stream }))).at(-1);
  if (last === undefined) throw new Error("no event");
  return last;
}
const streamed = (grammar: VendorGrammar, say: Say) => lastOf(grammar, streamReply(grammar.stream(say)));
const whole = (grammar: VendorGrammar, say: Say) => lastOf(grammar, jsonReply(grammar.json(say)), false);

describe("good ends", () => {
  it.each([anthropic, google, deepseek])(
    "$vendor answers by its HTTP API, and its counts are made disjoint",
    async (grammar) => {
      verifies("R2.2");
      for (const last of [
        await streamed(grammar, { reasoning: ["Hm."], text: ["Yes."] }),
        await whole(grammar, { reasoning: ["Hm."], text: ["Yes."] }),
      ]) {
        expect(last).toMatchObject({
          type: "done",
          finishReason: "stop",
          usage: {
            input: COUNTED.prompt - COUNTED.cached,
            cacheRead: COUNTED.cached,
            cacheWrite: 0,
            output: COUNTED.output,
            reasoning: COUNTED.reasoning,
          },
          usageEstimated: false,
          simulated: false,
        });
      }
    },
  );

  it.each([
    [anthropic, "max_tokens", "length"],
    [anthropic, "model_context_window_exceeded", "length"],
    [anthropic, "stop_sequence", "stop"],
    [anthropic, "something_new", "other"],
    [google, "MAX_TOKENS", "length"],
    [google, "OTHER", "other"],
    [deepseek, "length", "length"],
    [openai, "length", "length"],
    [compatible, "eos", "other"],
  ] as const)("$vendor's $1 is $2", async (grammar, finish, finishReason) => {
    const say = { text: ["Yes."], finish };
    expect(await streamed(grammar, say)).toMatchObject({ type: "done", finishReason, finishReasonRaw: finish });
    expect(await whole(grammar, say)).toMatchObject({ type: "done", finishReason, finishReasonRaw: finish });
  });

  it("an answer cut off before its first word is done: asking again would only be cut off again", async () => {
    expect(await streamed(google, { reasoning: ["Hm."], finish: "MAX_TOKENS" })).toMatchObject({
      type: "done",
      finishReason: "length",
    });
  });

  it("a tool call counts as one, whatever the finish word says", async () => {
    const call = { id: "c", name: "look", args: {} };
    expect(await streamed(compatible, { call, finish: "stop" })).toMatchObject({
      type: "done",
      finishReason: "tool-calls",
    });
  });

  it("a call without arguments has empty ones", async () => {
    const text = anthropic
      .stream({ call: { id: "c", name: "look", args: {} } })
      .replace('"partial_json":"{}"', '"partial_json":""');
    const last = await lastOf(anthropic, streamReply(text));
    expect(last).toMatchObject({ parts: [{ type: "tool-call", input: {} }] });
  });

  it("a line that breaks after the vendor's end takes nothing away", async () => {
    const text = anthropic.stream({ text: ["Yes."] });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      pull: (controller) => controller.error(new TypeError("terminated")),
    });
    expect(await lastOf(anthropic, new Response(body))).toMatchObject({ type: "done" });
  });
});

describe("refusals and blanks", () => {
  it.each([
    [anthropic, "refusal"],
    [google, "SAFETY"],
    [google, "PROHIBITED_CONTENT"],
    [google, "LANGUAGE"],
    [deepseek, "content_filter"],
    [openai, "content_filter"],
    [compatible, "sensitive"],
  ] as const)("$vendor's $1 is a refusal, and billed", async (grammar, finish) => {
    const last = await streamed(grammar, { text: ["I"], finish });
    expect(last).toMatchObject({
      type: "error",
      failure: { class: "policy", code: "VENDOR_POLICY" },
      usage: { output: COUNTED.output },
    });
  });

  it("a blocked prompt at Gemini is a refusal", async () => {
    const body = JSON.stringify({
      promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
      usageMetadata: { promptTokenCount: 9 },
    });
    expect(await lastOf(google, streamReply(`data: ${body}\r\n\r\n`))).toMatchObject({
      failure: { class: "policy" },
      usage: { input: 9, output: 0 },
    });
    expect(await lastOf(google, jsonReply(body), false)).toMatchObject({ failure: { class: "policy" } });
  });

  it.each(ALL)("$vendor: blanks are no answer", async (grammar) => {
    const empty = {
      type: "error",
      failure: { class: "transient", code: "ANSWER_EMPTY" },
      usage: { output: COUNTED.output },
    };
    expect(await streamed(grammar, { text: ["  ", "\n "] })).toMatchObject(empty);
    expect(await whole(grammar, { text: ["   "] })).toMatchObject(empty);
  });

  it("an unknown end without a word is no answer either", async () => {
    expect(await streamed(google, { finish: "OTHER" })).toMatchObject({ failure: { code: "ANSWER_EMPTY" } });
  });
});

describe("failures inside a good reply", () => {
  it.each([
    [deepseek, "insufficient_system_resource", "capacity"],
    [google, "MALFORMED_FUNCTION_CALL", "transient"],
    [google, "TOO_MANY_TOOL_CALLS", "transient"],
    [compatible, "network_error", "transient"],
  ] as const)("$vendor's $1 is of class $2", async (grammar, finish, failureClass) => {
    expect(await streamed(grammar, { text: ["Ye"], finish })).toMatchObject({
      type: "error",
      failure: { class: failureClass },
      partial: [{ type: "text", text: "Ye" }],
    });
  });

  it.each([
    [anthropic, { type: "overloaded_error", message: "Overloaded" }, "capacity"],
    [anthropic, { type: "rate_limit_error", message: "slow" }, "rate"],
    [google, { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" }, "capacity"],
    [google, { code: 429, message: "quota", status: "RESOURCE_EXHAUSTED" }, "rate"],
    [deepseek, { message: "Insufficient Balance", type: "unknown_error", code: "invalid_request_error" }, "budget"],
    [openai, { message: "quota", type: "insufficient_quota", code: "insufficient_quota" }, "budget"],
    [openai, { message: "The server had an error", type: "server_error", code: null }, "transient"],
    [compatible, { message: "boom", type: "server_error", code: 500 }, "transient"],
  ] as const)("%# $1.message", async (grammar, error, failureClass) => {
    const midway = await streamed(grammar, { text: ["Half"], error });
    expect(midway).toMatchObject({
      type: "error",
      failure: { class: failureClass },
      partial: [{ type: "text", text: "Half" }],
    });
    if (midway.type === "error") expect(midway.usage?.output).toBeGreaterThan(0);
    expect(await streamed(grammar, { error })).toMatchObject({
      type: "error",
      failure: { class: failureClass },
      partial: [],
    });
  });

  it("charges what Anthropic counted before it failed", async () => {
    const last = await streamed(anthropic, { text: ["Half an answer"], error: { type: "api_error", message: "x" } });
    expect(last).toMatchObject({
      usage: { input: COUNTED.prompt - COUNTED.cached, cacheRead: COUNTED.cached, output: 6 },
    });
  });

  it("charges nothing for a refusal that came before anything", async () => {
    const last = await streamed(google, { error: { code: 503, message: "busy", status: "UNAVAILABLE" } });
    expect(last).not.toHaveProperty("usage");
  });

  it.each([google, deepseek, openai, anthropic, compatible])(
    "$vendor: an error object as a whole reply",
    async (grammar) => {
      const body = JSON.stringify({
        type: "error",
        error: { code: 503, type: "overloaded_error", message: "busy", status: "UNAVAILABLE" },
      });
      expect(await lastOf(grammar, jsonReply(body), false)).toMatchObject({
        type: "error",
        failure: { class: "capacity" },
      });
    },
  );
});

describe("servers with an error format of their own", () => {
  it("a sentence instead of an error object, as Ollama sends it", async () => {
    const body = JSON.stringify({ error: "model 'llama9' not found" });
    expect(await lastOf(compatible, jsonReply(body, 404))).toMatchObject({
      failure: { class: "request", status: 404, reason: "HTTP 404: model 'llama9' not found" },
    });
    expect(await lastOf(compatible, streamReply(`data: ${body}\n\n`))).toMatchObject({
      type: "error",
      failure: { reason: "model 'llama9' not found" },
    });
    expect(await lastOf(compatible, jsonReply(body), false)).toMatchObject({
      type: "error",
      failure: { reason: "model 'llama9' not found" },
    });
  });

  it("a reply without choices", async () => {
    expect(await lastOf(openai, jsonReply('{"id":"1","choices":[]}'), false)).toMatchObject({
      type: "error",
      failure: { class: "transient" },
    });
  });

  it("a stream without a body", async () => {
    expect(await lastOf(openai, new Response(null))).toMatchObject({ type: "error", failure: { class: "transient" } });
  });
});

describe("broken replies", () => {
  it.each(ALL)("$vendor: a reply cut short is transient, and what was read is charged", async (grammar) => {
    const last = await streamed(grammar, { text: ["Half"], cut: true });
    expect(last).toMatchObject({
      type: "error",
      failure: { class: "transient", code: "VENDOR_TRANSIENT" },
      partial: [{ text: "Half" }],
    });
    if (last.type === "error") expect(last.usage?.input).toBeGreaterThan(0);
    expect(await lastOf(grammar, streamReply(""))).toMatchObject({ type: "error", failure: { class: "transient" } });
  });

  it.each(ALL)("$vendor: a reset in the middle is transient", async (grammar) => {
    const text = grammar.stream({ text: ["Half"], cut: true });
    const reset = Object.assign(new TypeError("terminated"), {
      cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
    });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
      pull: (controller) => controller.error(reset),
    });
    const last = await lastOf(grammar, new Response(body, { headers: { "content-type": "text/event-stream" } }));
    expect(last).toMatchObject({
      type: "error",
      failure: { class: "transient", reason: expect.stringContaining("ECONNRESET") },
    });
  });

  it.each(ALL)("$vendor: a frame that is not JSON is transient, for words may be lost", async (grammar) => {
    const text = grammar.stream({ text: ["Yes."], before: 'data: {"broken\n\n' });
    expect(await lastOf(grammar, streamReply(text))).toMatchObject({ type: "error", failure: { class: "transient" } });
  });

  it.each(ALL)("$vendor: a page of HTML with status 200 is transient", async (grammar) => {
    const page = "<html><head><title>Log in</title></head></html>";
    expect(await lastOf(grammar, jsonReply(page), false)).toMatchObject({
      type: "error",
      failure: { class: "transient" },
    });
    expect(await lastOf(grammar, streamReply(page))).toMatchObject({ type: "error", failure: { class: "transient" } });
  });

  it("arguments of a tool that are not JSON are transient, unless they were cut off", async () => {
    const good = deepseek.stream({ call: { id: "c", name: "look", args: { at: 1 } } });
    const bad = good.replace('{\\"at\\":1}', '{\\"at\\":');
    expect(await lastOf(deepseek, streamReply(bad))).toMatchObject({
      type: "error",
      failure: { class: "transient", reason: expect.stringContaining("look") },
    });
    const cut = bad.replace('"finish_reason":"tool_calls"', '"finish_reason":"length"');
    expect(await lastOf(deepseek, streamReply(cut))).toMatchObject({ type: "done", finishReason: "length", parts: [] });
  });
});

describe("what a failed call may have cost", () => {
  const broken = (code: string) =>
    Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(code), { code }) });
  const failing = async (error: unknown) => {
    const { run } = createBench(() => Promise.reject(error));
    return (await run(requestFor(deepseek))).at(-1);
  };

  it.each(["ECONNREFUSED", "ENOTFOUND", "CERT_HAS_EXPIRED"])("is nothing when it was never sent: %s", async (code) => {
    const last = await failing(broken(code));
    expect(last).not.toHaveProperty("usage");
    expect(last).not.toHaveProperty("outcomeUnknown");
  });

  it.each(["ECONNRESET", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT"])(
    "is not known when the line broke before a reply: %s",
    async (code) => expect(await failing(broken(code))).toMatchObject({ outcomeUnknown: true }),
  );

  it("is not known when it broke for no reason that has a name", async () => {
    expect(await failing(new Error("something"))).toMatchObject({ outcomeUnknown: true });
  });

  it("is nothing, and known, when the call was stopped before it began", async () => {
    const { run, sent } = createBench(async () => streamReply(""));
    expect((await run(requestFor(deepseek), AbortSignal.abort())).at(-1)).toMatchObject({
      failure: { code: "CANCELLED" },
      usage: NO_USAGE,
    });
    expect(sent).toEqual([]);
  });

  it("is an estimate where the model hides nothing, of the words themselves", async () => {
    const last = await streamed(deepseek, { reasoning: ["Hm."], text: ["\u7d20\u6570".repeat(500)], cut: true });
    expect(last).toMatchObject({ usageEstimated: true });
    expect(last).not.toHaveProperty("outcomeUnknown");
    // Each of these characters is three bytes, and no quarter of a token.
    if (last.type === "error") expect(last.usage?.output).toBeGreaterThan(500);
  });

  it.each([openai, anthropic, google])(
    "is not known where $vendor thinks unseen, or shows a summary",
    async (grammar) => {
      expect(await streamed(grammar, { text: ["Half"], cut: true })).toMatchObject({
        usageEstimated: true,
        outcomeUnknown: true,
      });
    },
  );

  it("is not known of an answer that was not to be streamed", async () => {
    const { run, clock } = createBench(async (_url, init) => stallingReply("", init?.signal));
    const stop = new AbortController();
    clock.setTimer(1_000, () => stop.abort());
    const last = (await run(requestFor(deepseek, { stream: false }), stop.signal)).at(-1);
    expect(last).toMatchObject({ failure: { code: "CANCELLED" }, outcomeUnknown: true });
  });
});

describe("news of the vendor", () => {
  it("a new kind of frame is of no concern", async () => {
    const claude = 'event: weather\ndata: {"type":"weather","sky":"blue"}\n\n';
    expect(await streamed(anthropic, { text: ["Yes."], before: claude })).toMatchObject({ type: "done" });
    const chat = 'data: {"object":"queue.position","position":4}\n\n';
    for (const grammar of [deepseek, openai, compatible]) {
      expect(await streamed(grammar, { text: ["Yes."], before: chat })).toMatchObject({ type: "done" });
    }
    expect(await streamed(google, { text: ["Yes."], before: 'data: {"usageMetadata":"later"}\r\n\r\n' })).toMatchObject(
      { type: "done" },
    );
  });

  it("a known kind of frame in a new shape may carry words, so it is not", async () => {
    const claude =
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta"}}\n\n';
    expect(await streamed(anthropic, { text: ["Yes."], before: claude })).toMatchObject({
      type: "error",
      failure: { class: "transient" },
    });
  });

  it("a long Gemini answer in pieces stays one paid request", async () => {
    const piece = {
      candidates: [{ content: { parts: [{ text: "Half" }] }, finishReason: "CONTINUATION", continuationToken: "t" }],
      usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3 },
    };
    for (const stream of [true, false]) {
      const { run, sent } = createBench(async () =>
        stream ? streamReply(`data: ${JSON.stringify(piece)}\r\n\r\n`) : jsonReply(JSON.stringify(piece)),
      );
      const last = (await run(requestFor(google, { stream }))).at(-1);
      expect(last).toMatchObject({
        type: "done",
        finishReason: "length",
        finishReasonRaw: "CONTINUATION",
        usage: { input: 7, output: 3 },
      });
      expect(sent).toHaveLength(1);
    }
  });

  it("a reply without counts is charged by estimate, and says so", async () => {
    const text = compatible.stream({ text: ["Yes, it is."] }).replace(/"usage":\{.*\}\}\n/, '"usage":null}\n');
    const last = await lastOf(compatible, streamReply(text));
    expect(last).toMatchObject({ type: "done", usageEstimated: true });
    if (last.type === "done") expect(last.usage.output).toBeGreaterThan(0);
  });
});
