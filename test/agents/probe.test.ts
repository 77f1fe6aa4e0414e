// Probes: what a broken route says before the first cent is spent.
import { describe, expect, it } from "vitest";
import type { ModelAgentOptions } from "../../src/agents/model-agent.ts";
import { scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import type { FetchLike } from "../../src/platform/http-fetch.ts";
import { createBench, jsonReply } from "./model-agent-bench.ts";

const CLAUDE = { vendor: "anthropic", model: "claude-opus-5-5" };
const claudeList = JSON.stringify({
  data: [{ type: "model", id: "claude-opus-5-5", max_input_tokens: 900_000 }, { id: "claude-haiku-5-5" }],
  has_more: false,
});
const geminiList = JSON.stringify({ models: [{ name: "models/gemini-3.8-flash", inputTokenLimit: 1_048_576 }] });

async function probe(
  route: { vendor: string; model: string },
  reply: FetchLike,
  options: Partial<ModelAgentOptions> = {},
) {
  const { agent, clock, sent } = createBench(reply, options);
  return { result: await clock.run(agent.probe(route, { signal: new AbortController().signal })), sent, clock };
}

describe("probe", () => {
  it("finds key, model, window and price in order by one free call", async () => {
    const { result, sent } = await probe(CLAUDE, async () =>
      jsonReply(claudeList, 200, { "x-polylogue-simulated": "true" }),
    );
    expect(result).toEqual({ ok: true, failures: [], contextTokensMax: 900_000, simulated: true });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      url: "https://api.anthropic.com/v1/models?limit=1000",
      headers: { "x-api-key": "test-key-123456", "anthropic-version": "2023-06-01" },
      body: undefined,
    });
  });

  it("knows Gemini's names without their prefix, and DeepSeek's without a window", async () => {
    const gemini = await probe({ vendor: "google", model: "gemini-3.8-flash" }, async () => jsonReply(geminiList));
    expect(gemini.result).toMatchObject({ ok: true, contextTokensMax: 1_048_576, simulated: false });
    const list = JSON.stringify({ object: "list", data: [{ id: "deepseek-flash" }] });
    const listed = await probe({ vendor: "deepseek", model: "deepseek-flash" }, async () => jsonReply(list));
    expect(listed.result).toMatchObject({ ok: true, contextTokensMax: 1_000_000 });
    const unlisted = await probe({ vendor: "deepseek", model: "deepseek-v4-flash" }, async () => jsonReply(list));
    expect(unlisted.result.ok).toBe(true);
    const byMessages = await probe({ vendor: "deepseek-anthropic", model: "deepseek-flash" }, async () =>
      jsonReply(list),
    );
    expect(byMessages.result.ok).toBe(true);
    expect(byMessages.sent[0]?.url).toBe("https://api.deepseek.com/models");
  });

  it("asks for a name by id that the list leaves out", async () => {
    const { result, sent } = await probe({ vendor: "anthropic", model: "claude-haiku-4-5" }, async (url) =>
      jsonReply(
        String(url).includes("?")
          ? claudeList
          : JSON.stringify({ id: "claude-haiku-4-5-20251001", max_input_tokens: 200_000 }),
      ),
    );
    expect(result).toMatchObject({ ok: true, contextTokensMax: 200_000 });
    expect(sent[1]?.url).toBe("https://api.anthropic.com/v1/models/claude-haiku-4-5");
    const odd = await probe({ vendor: "anthropic", model: "claude-haiku-4-5" }, async (url) =>
      jsonReply(String(url).includes("?") ? "[]" : "[]"),
    );
    expect(odd.result).toMatchObject({ ok: true, contextTokensMax: 200_000 });
  });

  it("MODEL: not there, with the names that are", async () => {
    const missing = await probe({ vendor: "anthropic", model: "claude-opus-5" }, async (url) =>
      String(url).includes("?") ? jsonReply(claudeList) : jsonReply('{"error":{"message":"nope"}}', 404),
    );
    expect(missing.result).toMatchObject({
      ok: false,
      failures: [{ code: "MODEL", reason: expect.stringContaining("claude-haiku-5-5") }],
    });
    const many = JSON.stringify({ data: Array.from({ length: 20 }, (_, index) => ({ id: `m${index}` })) });
    const local = await probe({ vendor: "openai-compatible", model: "llama" }, async () => jsonReply(many));
    expect(local.result.failures[0]?.reason).toMatch(/m7 …$/);
    const none = await probe({ vendor: "openai-compatible", model: "llama" }, async () => jsonReply('{"data":[]}'));
    expect(none.result.failures).toEqual([{ code: "MODEL", reason: "an OpenAI-compatible server has no model llama" }]);
  });

  it("AUTH: a missing key needs no call, a refused one shows no part of itself", async () => {
    const missing = await probe(CLAUDE, async () => jsonReply(claudeList), { key: () => undefined });
    expect(missing.result).toMatchObject({
      ok: false,
      failures: [{ code: "AUTH", reason: expect.stringMatching(/ANTHROPIC_API_KEY.*https:/) }],
    });
    expect(missing.sent).toEqual([]);
    const named = createBench(async () => new Response(), { key: () => undefined });
    const route = { ...CLAUDE, key: "team" };
    expect((await named.agent.probe(route, { signal: new AbortController().signal })).failures[0]?.reason).toContain(
      '"team"',
    );
    const body = JSON.stringify({ error: { type: "authentication_error", message: "bad key test-key-123456" } });
    const refused = await probe(CLAUDE, async () => jsonReply(body, 401));
    expect(refused.result.failures).toMatchObject([{ code: "AUTH" }]);
    expect(refused.result.failures[0]?.reason).not.toContain("test-key-123456");
  });

  it("PRICE and WINDOW: unknown, too small", async () => {
    const list = JSON.stringify({ data: [{ id: "claude-new-thing", max_input_tokens: 1_000 }] });
    const { result } = await probe({ vendor: "anthropic", model: "claude-new-thing" }, async () => jsonReply(list), {
      card: scriptedCard("a", { contextTokensMax: 2_000 }),
    });
    expect(result).toMatchObject({
      ok: false,
      contextTokensMax: 1_000,
      failures: [{ code: "WINDOW" }, { code: "PRICE" }],
    });
    const free = await probe({ vendor: "openai-compatible", model: "llama" }, async () =>
      jsonReply('{"data":[{"id":"llama"}]}'),
    );
    expect(free.result).toEqual({ ok: true, failures: [], simulated: false });
  });

  it("UNREACHABLE: no server, no reply, a broken server, no address, no such vendor", async () => {
    const refused = new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }) });
    const down = await probe(CLAUDE, () => Promise.reject(refused));
    expect(down.result.failures).toMatchObject([
      { code: "UNREACHABLE", reason: expect.stringContaining("ECONNREFUSED") },
    ]);
    const silent = await probe(
      CLAUDE,
      (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
    );
    expect(silent.result.failures).toMatchObject([
      { code: "UNREACHABLE", reason: expect.stringContaining("10000 ms") },
    ]);
    expect(silent.clock.monotonicUs()).toBe(10_000_000);
    const broken = await probe(CLAUDE, async () => jsonReply("<title>502</title>", 502));
    expect(broken.result.failures).toMatchObject([{ code: "UNREACHABLE" }]);
    const halfway = await probe({ vendor: "anthropic", model: "claude-opus-5" }, async (url) =>
      String(url).includes("?") ? jsonReply(claudeList) : jsonReply("{}", 500),
    );
    expect(halfway.result.failures).toMatchObject([{ code: "UNREACHABLE" }]);
    const nowhere = await probe({ vendor: "openai-compatible", model: "llama" }, async () => jsonReply("{}"), {
      baseUrls: {},
    });
    expect(nowhere.result.failures).toMatchObject([
      { code: "UNREACHABLE", reason: expect.stringContaining("base URL") },
    ]);
    const unknown = await probe({ vendor: "nobody", model: "x" }, async () => jsonReply("{}"), { simulated: true });
    expect(unknown.result).toMatchObject({ ok: false, simulated: true, failures: [{ code: "UNREACHABLE" }] });
  });
});
