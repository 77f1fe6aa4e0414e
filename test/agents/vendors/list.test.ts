// The records: what they say is complete, and their policies pick the right rule.
import { describe, expect, it } from "vitest";
import { policyOf } from "../../../src/agents/policy.ts";
import { VENDORS } from "../../../src/agents/vendors/list.ts";
import { vendorTable } from "../../../src/agents/vendors/vendor.ts";
import { WIRES } from "../../../src/agents/wire/list.ts";
import { createBench, requestFor, streamReply } from "../model-agent-bench.ts";
import { GRAMMARS } from "../vendor-replies.ts";

const vendors = vendorTable(VENDORS);
const policy = (vendor: string, model: string) => {
  const record = vendors.get(vendor);
  if (record === undefined) throw new Error(vendor);
  return policyOf(record.policies, model);
};

describe("vendor records", () => {
  it("have different names, known wires, and addresses without a slash at the end", () => {
    expect(vendors.size).toBe(VENDORS.length);
    for (const { wire, baseUrl, keyRequired, keyEnv, keyUrl, models } of VENDORS) {
      expect(WIRES[wire].name).toBe(wire);
      expect(baseUrl ?? "https://x").toMatch(/^https:\/\/.*[^/]$/);
      expect(keyEnv.length).toBeGreaterThan(0);
      expect(keyRequired ? keyUrl : "https://x").toMatch(/^https:/);
      expect(models.path).toMatch(/^\//);
    }
  });

  it("are replaced by a record of the same name", () => {
    const own = { ...GRAMMAR_RECORD, title: "my proxy" };
    expect(vendorTable([...VENDORS, own]).get("anthropic")?.title).toBe("my proxy");
  });

  it("accept every id of tool calls that their own pattern allows, by a valid pattern", () => {
    for (const { policies } of VENDORS) {
      for (const { toolCallIdPattern } of [
        policies.base,
        ...policies.rules.map((rule) => ({ ...policies.base, ...rule.policy })),
      ]) {
        expect("a1b2c3d4e").toMatch(new RegExp(toolCallIdPattern));
      }
    }
  });
});

const GRAMMAR_RECORD =
  vendors.get("anthropic") ??
  (() => {
    throw new Error("anthropic");
  })();

describe("policies", () => {
  it("take the first rule whose prefix fits, dated ids and paths included", () => {
    expect(policy("anthropic", "claude-sonnet-5-5")).toMatchObject({
      forcedToolChoice: "refused",
      reasoningEcho: "open-turn",
      tokenFamily: "claude-new",
    });
    expect(policy("anthropic", "claude-sonnet-5")).toMatchObject({ sampling: "refused", reasoningEcho: "echo" });
    expect(policy("anthropic", "claude-haiku-4-5-20251001")).toMatchObject({
      contextTokensMax: 200_000,
      sampling: "accepted",
    });
    expect(policy("anthropic", "claude-3-5-sonnet-20241022")).toMatchObject({ json: "tool", outputTokensMax: 8_192 });
    expect(policy("openai", "gpt-4.1-mini")).toMatchObject({ sampling: "accepted", system: "system" });
    expect(policy("openai", "gpt-6-luna")).toMatchObject({ sampling: "refused", contextTokensMax: 1_050_000 });
    expect(policy("google", "models/gemini-3.8-flash")).toMatchObject({ signatures: "tool-calls" });
    expect(policy("deepseek", "deepseek-flash").reasoningEcho).toBe("empty-string");
    expect(policy("openai-compatible", "meta-llama/llama-4").contextTokensMax).toBeUndefined();
  });

  it("ask Gemini for its thoughts only where it has some", async () => {
    const bodyOf = async (model: string) => {
      const { run, sent } = createBench(async () => streamReply(GRAMMARS.google.stream({ text: ["ok"] })));
      await run(requestFor({ vendor: "google", model }));
      return sent[0]?.body.generationConfig;
    };
    expect((await bodyOf("gemini-2.5-flash")).thinkingConfig).toEqual({ includeThoughts: true });
    expect(await bodyOf("gemini-2.0-flash")).not.toHaveProperty("thinkingConfig");
  });
});

describe("routes that lead nowhere", () => {
  it.each([
    [{ vendor: "nobody", model: "x" }, {}, { class: "request", code: "VENDOR_UNKNOWN" }],
    [{ vendor: "anthropic", model: "x" }, { key: () => undefined }, { class: "auth", code: "KEY_MISSING" }],
    [{ vendor: "openai-compatible", model: "x" }, { baseUrls: {} }, { class: "request", code: "CONFIG_INVALID" }],
    [
      { vendor: "openai-compatible", model: "x" },
      { baseUrls: { "openai-compatible": "no address" } },
      { class: "request", code: "VENDOR_REQUEST" },
    ],
  ])("%j", async (route, options, failure) => {
    const { run, sent } = createBench(async () => new Response(), options);
    const events = await run(requestFor(route));
    expect(events).toMatchObject([{ type: "error", failure, partial: [] }]);
    expect(sent).toEqual([]);
  });

  it("turns whatever a key lookup throws into a failure, in calls and probes", async () => {
    const key = (): string => {
      throw new Error("the key store is locked");
    };
    const { run, agent, clock } = createBench(async () => new Response(), { key });
    expect(await run(requestFor(GRAMMARS.google))).toMatchObject([{ type: "error", failure: { code: "INTERNAL" } }]);
    const probe = await clock.run(
      agent.probe({ vendor: "google", model: "x" }, { signal: new AbortController().signal }),
    );
    expect(probe.failures).toMatchObject([{ code: "UNREACHABLE", reason: expect.stringContaining("locked") }]);
  });

  it("leaves a user's own OpenAI-like record its own way", async () => {
    const record = vendors.get("openai");
    if (record === undefined) throw new Error("openai");
    const base = { ...record.policies.base, system: "separate", promptCache: "automatic" } as const;
    const own = vendorTable([{ ...record, policies: { base, rules: [] } }]);
    const { run, sent } = createBench(async () => streamReply(GRAMMARS.openai.stream({ text: ["ok"] })), {
      vendors: own,
    });
    await run(requestFor(GRAMMARS.openai));
    expect(sent[0]?.body).not.toHaveProperty("prompt_cache_key");
  });

  it("uses the vendor's own fetch and address where they are given", async () => {
    const seen: string[] = [];
    const { run, sent } = createBench(async () => new Response(), {
      baseUrls: { deepseek: "http://127.0.0.1:9/beta/" },
      fetchByVendor: {
        deepseek: async (url) => {
          seen.push(String(url));
          return streamReply(GRAMMARS.deepseek.stream({ text: ["ok"] }));
        },
      },
    });
    expect((await run(requestFor(GRAMMARS.deepseek))).at(-1)).toMatchObject({ type: "done" });
    expect(seen).toEqual(["http://127.0.0.1:9/beta/chat/completions"]);
    expect(sent).toEqual([]);
  });
});
