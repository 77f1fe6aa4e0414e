// Who can be asked: what is known without a call, and what free calls find out.
import { describe, expect, it } from "vitest";
import { KEYS, noNetwork, open, openSimulated, vendorNetwork } from "./open.ts";

describe("agents", () => {
  it("are listed without a call, with prices, and with the variable that is missing", async () => {
    const polylogue = await open({ environment: { ANTHROPIC_API_KEY: "planted-a-key" }, fetch: noNetwork });
    const { schema, agents } = await polylogue.agents.list();
    expect(schema).toBe("polylogue.agents/1");
    expect(agents).toHaveLength(7);
    expect(agents[0]).toEqual({
      id: "claude",
      vendor: "anthropic",
      model: "claude-sonnet-5-5",
      skills: ["answer", "review", "code"],
      fallback: false,
      routes: [{ vendor: "anthropic", model: "claude-sonnet-5-5" }],
      state: "ready",
      reason: null,
      inputUsdPerMillion: 2,
      outputUsdPerMillion: 10,
      contextTokensMax: 1_000_000,
    });
    expect(agents[1]).toMatchObject({
      id: "gemini",
      state: "no-key",
      reason: expect.stringContaining("GEMINI_API_KEY") as string,
    });
  });

  it("of a server of one's own are free and ready, with their own window", async () => {
    const polylogue = await open({
      config: {
        vendors: { box: { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:9/v1" } },
        agents: {
          mine: {
            vendor: "box",
            model: "llama",
            contextTokensMax: 8_000,
            routes: [{ vendor: "openai", model: "gpt-6-luna" }],
            fallback: true,
          },
          dear: { vendor: "openai", model: "gpt-nobody-priced" },
        },
      },
    });
    const { agents } = await polylogue.agents.list();
    expect(agents.find(({ id }) => id === "mine")).toMatchObject({
      state: "ready",
      fallback: true,
      routes: [
        { vendor: "box", model: "llama" },
        { vendor: "openai", model: "gpt-6-luna" },
      ],
      inputUsdPerMillion: 0,
      contextTokensMax: 8_000,
    });
    expect(agents.find(({ id }) => id === "dear")).toMatchObject({
      inputUsdPerMillion: null,
      outputUsdPerMillion: null,
    });
  });

  it("are tested by free calls: keys, models, prices", async () => {
    const network = vendorNetwork();
    const environment = { ...KEYS, ANTHROPIC_API_KEY: "invalid-planted-key" };
    const polylogue = await open({ environment, fetch: network.fetch });
    const names = ["claude", "gemini", "deepseek:deepseek-nothing", "openai"];
    const { agents } = await polylogue.agents.test(names);
    expect(agents.map(({ state }) => state)).toEqual(["failed", "ok", "failed", "no-key"]);
    expect(agents[0]?.reason).toMatch(/^AUTH: /);
    expect(agents[2]?.reason).toMatch(/MODEL: .*PRICE: /);
    expect(JSON.stringify(agents)).not.toContain("planted");
    expect((await polylogue.costs()).rows).toEqual([]);
  });

  it("are all ready in a simulation; those without a simulator are left out", async () => {
    const vendors = { box: { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:9/v1" } } as const;
    const polylogue = await openSimulated({
      fetch: noNetwork,
      config: { vendors, agents: { mine: { vendor: "box", model: "llama" } } },
    });
    const { agents } = await polylogue.agents.test();
    expect(agents).toHaveLength(7);
    expect(agents.map(({ state }) => state)).toEqual(agents.map(() => "ok"));
    await expect(polylogue.agents.test(["nobody"])).rejects.toMatchObject({ code: "AGENT_UNKNOWN" });
  });

  it("of a server that does not tell its window, and has none on record, have none", async () => {
    const vendors = {
      box: { wire: "openai-compatible-chat", baseUrl: "https://api.openai.com/v1", keyEnv: "BOX" },
    } as const;
    const polylogue = await open({
      config: { vendors },
      environment: { BOX: "planted-key" },
      fetch: vendorNetwork().fetch,
    });
    const { agents } = await polylogue.agents.test(["box:gpt-6-luna"]);
    expect(agents).toMatchObject([{ state: "ok", contextTokensMax: null }]);
  });

  it("many are tested a few at a time, and none is left out", async () => {
    const agents = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`agent-${index}`, { vendor: "openai", model: "gpt-6-luna" }]),
    );
    const polylogue = await openSimulated({ config: { agents } });
    const tested = await polylogue.agents.test(Object.keys(agents));
    expect(tested.agents.map(({ id }) => id)).toEqual(Object.keys(agents));
  });
});
