// Recorded traffic of real vendors through the adapters, and the replay's own
// judgement: it must be able to say no.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { expectationOf } from "../../scripts/replay/expectation.ts";
import { parseRecord, type RecordedCall, targetOf } from "../../scripts/replay/record.ts";
import { type ReplayLine, replayCall, replayLine } from "../../scripts/replay/replay-call.ts";
import { summaryOf } from "../../scripts/replay/summary.ts";
import { verifies } from "../requirements.ts";
import { GRAMMARS } from "./vendor-replies.ts";

const folder = path.join(process.env.POLYLOGUE_TEST_DATA ?? "", "wire");
const hasData = process.env.POLYLOGUE_TEST_DATA !== undefined && existsSync(folder);
const PLACE = { file: "x.jsonl", index: 3 };

function call(more: Partial<RecordedCall> = {}): RecordedCall {
  return {
    vendor: "anthropic",
    path: "/v1/messages",
    request: { model: "claude-opus-5-5" },
    status: 200,
    headers: null,
    stream: false,
    body: "{}",
    ...more,
  };
}

describe.skipIf(!hasData)(
  "recordings (skipped without POLYLOGUE_TEST_DATA: they are not part of the repository)",
  () => {
    it("at least 99 % of Anthropic, Gemini, DeepSeek and OpenAI come out", async () => {
      verifies("R2.2");
      const lines: ReplayLine[] = [];
      for (const file of ["anthropic", "google", "deepseek", "openai"].map((name) => `${name}.jsonl`)) {
        const records = readFileSync(path.join(folder, file), "utf8")
          .split("\n")
          .filter((line) => line !== "");
        for (const [index, line] of records.entries()) lines.push(await replayCall(parseRecord(line), { file, index }));
      }
      const played = lines.filter((line) => line.skipped === undefined);
      expect(played.length).toBeGreaterThan(200);
      expect(played.filter((line) => line.ok).length / played.length).toBeGreaterThanOrEqual(0.99);
      expect(lines.every((line) => line.skipped === undefined || /token counting|not spoken/.test(line.skipped))).toBe(
        true,
      );
    });

    it("other vendors of the chat format come out as well", async () => {
      const files = readdirSync(folder).filter((file) => /^(groq|mistral|zai)\.jsonl$/.test(file));
      for (const file of files) {
        const records = readFileSync(path.join(folder, file), "utf8")
          .split("\n")
          .filter((line) => line !== "");
        const lines = await Promise.all(records.map((line, index) => replayCall(parseRecord(line), { file, index })));
        expect(lines.filter((line) => line.ok).length / lines.length).toBeGreaterThan(0.95);
      }
    });
  },
);

describe("replay of one call", () => {
  it("reports an answer with its usage", async () => {
    const body = JSON.parse(GRAMMARS.anthropic.json({ text: ["Yes, it is."] }));
    expect(await replayCall(call({ body }), PLACE)).toEqual({
      vendor: "anthropic",
      ...PLACE,
      ok: true,
      finishReason: "stop",
      usage: { input: 15, cacheRead: 5, cacheWrite: 0, output: 12, reasoning: 4 },
      chars: 11,
    });
  });

  it("accepts an error of the right class, a cut stream, a refusal and an empty answer", async () => {
    const refused = await replayCall(
      call({ status: 529, body: { type: "error", error: { type: "overloaded_error", message: "x" } } }),
      PLACE,
    );
    expect(refused).toMatchObject({ ok: true, errorClass: "capacity", finishReason: null });
    const cut = await replayCall(
      call({ stream: true, body: GRAMMARS.anthropic.stream({ text: ["Half"], cut: true }) }),
      PLACE,
    );
    expect(cut).toMatchObject({ ok: true, errorClass: "transient", chars: 4 });
    const policy = await replayCall(call({ body: GRAMMARS.anthropic.json({ finish: "refusal" }) }), PLACE);
    expect(policy).toMatchObject({ ok: true, errorClass: "policy", finishReason: "content-filter" });
    const empty = await replayCall(call({ body: GRAMMARS.anthropic.json({}) }), PLACE);
    expect(empty).toMatchObject({ ok: true, errorClass: "transient", finishReason: "stop" });
    const chat = { vendor: "openai", path: "/v1/chat/completions", request: { model: "gpt-4o" } };
    const declined = JSON.parse(GRAMMARS.openai.json({ text: [""] }));
    declined.choices[0].message.refusal = "I cannot help with that.";
    expect(await replayCall(call({ ...chat, body: declined }), PLACE)).toMatchObject({
      ok: true,
      errorClass: "policy",
    });
    const half = GRAMMARS.openai.stream({
      text: ["x"],
      error: { message: "quota", type: "insufficient_quota", code: "insufficient_quota" },
    });
    expect(await replayCall(call({ ...chat, stream: true, body: half }), PLACE)).toMatchObject({
      ok: true,
      errorClass: "budget",
    });
  });

  it("says no to what is not right", async () => {
    const answer = GRAMMARS.anthropic.json({ text: ["Yes."] });
    const broken = await replayCall(call({ body: answer.replace('"content"', '"contents"') }), PLACE);
    expect(broken).toMatchObject({ ok: false, error: expect.stringContaining("no finish reason") });
    const uncounted = GRAMMARS.compatible
      .json({ text: ["Yes."] })
      .replace('"prompt_tokens"', '"tokens_in"')
      .replace('"completion_tokens"', '"tokens_out"');
    const compatible = { vendor: "mistral", path: "/v1/chat/completions#stream" };
    const odd = await replayCall(
      call({
        ...compatible,
        body: uncounted.replace('"usage":{', '"usage_metadata":{').replace("}]", '}],"x":{"usage":{"n":1}}'),
      }),
      PLACE,
    );
    expect(odd).toMatchObject({ ok: false, error: "no usage came out" });
    const misjudged = await replayCall(
      call({ status: 500, body: { error: { type: "billing_error", message: "credit" } } }),
      PLACE,
    );
    expect(misjudged.ok).toBe(true);
    const wrongClass = await replayCall(
      call({ status: 404, body: { error: { type: "overloaded", message: "insufficient balance" } } }),
      PLACE,
    );
    expect(wrongClass).toMatchObject({ ok: true, errorClass: "budget" });
    const wrong = await replayCall(
      call({ status: 503, body: { error: { type: "x", message: "spending limit" } } }),
      PLACE,
    );
    expect(wrong).toMatchObject({ ok: false, error: expect.stringContaining("expected class capacity") });
    const unexpected = await replayCall(
      call({
        body: answer.replace('"stop_reason":"end_turn"', '"stop_reason":"end_turn","error":{"type":"api_error"}'),
      }),
      PLACE,
    );
    expect(unexpected.ok).toBe(true);
  });

  it.each([
    ["/v1/messages/count_tokens?beta=true", /token counting/],
    ["/v1beta/models/gemini-3:countTokens", /token counting/],
    ["/v1/responses/input_tokens", /token counting/],
    ["/v1/responses", /not spoken yet/],
    ["/v1/embeddings", /not spoken yet/],
  ])("skips %s with its reason", async (where, reason) => {
    expect(await replayCall(call({ path: where }), PLACE)).toMatchObject({
      ok: false,
      skipped: expect.stringMatching(reason),
    });
  });

  it("finds route and way from path, request and body", () => {
    const gemini = { path: "/v1beta/models/gemini-3%2Epro:streamGenerateContent?alt=sse", request: null };
    expect(targetOf(call({ ...gemini, body: "" }))).toEqual({
      vendor: "google",
      model: "gemini-3.pro",
      streamed: true,
    });
    expect(targetOf(call({ ...gemini, body: "<html>" }))).toMatchObject({ streamed: false });
    expect(targetOf(call({ ...gemini, body: [] }))).toMatchObject({ skipped: expect.stringContaining("JSON array") });
    expect(
      targetOf(call({ vendor: "deepseek", path: "/anthropic/v1/messages", stream: true, body: "" })),
    ).toMatchObject({
      vendor: "deepseek-anthropic",
      streamed: true,
    });
    expect(targetOf(call({ vendor: "zai", path: "/api/paas/v4/chat/completions", body: "data: {}" }))).toMatchObject({
      vendor: "openai-compatible",
      streamed: true,
    });
    expect(
      targetOf(call({ vendor: "deepseek", path: "/chat/completions", request: { stream: true }, body: "" })),
    ).toEqual({
      vendor: "deepseek",
      model: "unknown",
      streamed: true,
    });
    expect(() => parseRecord('{"vendor":1}')).toThrow();
  });

  it("reports a line that is no call", async () => {
    expect(await replayLine("not json", PLACE)).toMatchObject({
      vendor: "unknown",
      ok: false,
      error: expect.stringContaining("JSON"),
    });
    const line = JSON.stringify(call({ body: GRAMMARS.anthropic.json({ text: ["Yes."] }) }));
    expect(await replayLine(line, PLACE)).toMatchObject({ vendor: "anthropic", ok: true });
  });

  it("sums up", () => {
    const line = (more: Partial<ReplayLine>): ReplayLine => ({
      vendor: "a",
      ...PLACE,
      ok: true,
      finishReason: null,
      usage: null,
      chars: 0,
      ...more,
    });
    expect(summaryOf([line({}), line({ ok: false }), line({ ok: false, skipped: "x" })])).toBe(
      "replayed 2 calls: 1 ok (50.0 %), 1 not, 1 skipped",
    );
    expect(summaryOf([])).toBe("replayed 0 calls: 0 ok, 0 not, 0 skipped");
  });
});

describe("expectation", () => {
  it("comes from status and body alone", () => {
    expect(expectationOf(401, "")).toEqual({ kind: "error", classes: ["auth"] });
    expect(expectationOf(418, "")).toEqual({ kind: "error", classes: ["request", "transient"] });
    expect(expectationOf(200, '{"error":{"code":429,"message":"x"}}')).toEqual({
      kind: "error",
      classes: ["rate", "budget"],
    });
    expect(expectationOf(200, 'data: {"choices":[]}\n\ndata: {"error":{"message":"x"}}\n\n')).toEqual({
      kind: "error",
      classes: ["request", "transient"],
    });
    expect(expectationOf(200, '{"finishReason":"MALFORMED_FUNCTION_CALL"}')).toEqual({
      kind: "error",
      classes: ["transient"],
    });
    expect(expectationOf(200, '{"finish_reason":null}')).toEqual({ kind: "cut" });
    expect(expectationOf(200, '{"finish_reason":"stop"}')).toEqual({ kind: "answer", hasUsage: false, refuses: false });
  });
});
