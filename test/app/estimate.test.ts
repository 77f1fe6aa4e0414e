// The estimate is an upper bound, and calls nobody.
import { describe, expect, it } from "vitest";
import type { ConfigInput } from "../../src/app/config/config.ts";
import { noNetwork, open, openSimulated } from "./open.ts";

const QUESTION = "Should there be one writer?";
const NOTE = { name: "note.md", mediaType: "text/markdown", text: "One writer keeps the order. ".repeat(200) };
const box = (prices: object): ConfigInput => ({
  vendors: { box: { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:9/v1", ...prices } },
  agents: { mine: { vendor: "box", model: "llama", outputTokensMax: 1_000 } },
});

describe("estimate", () => {
  it.each(["debate", "council", "vote", "gather", "round-robin"])(
    "of %s is no less than what it then costs",
    async (as) => {
      const polylogue = await openSimulated();
      const request = { question: QUESTION, attachments: [NOTE], as };
      const estimate = await polylogue.estimate(request);
      const result = await polylogue.ask(request);
      expect(estimate).toMatchObject({ schema: "polylogue.estimate/1", orchestration: as, simulated: true });
      expect(result.turns).toBeLessThanOrEqual(estimate.turnsMax);
      expect(result.costUsd).toBeGreaterThan(0);
      expect(result.costUsd).toBeLessThanOrEqual(estimate.costUsdMax);
      expect(estimate.agents.reduce((sum, { turnsMax }) => sum + turnsMax, 0)).toBe(estimate.turnsMax);
      expect(estimate.agents.reduce((sum, { costUsdMax }) => sum + costUsdMax, 0)).toBeCloseTo(estimate.costUsdMax, 9);
    },
  );

  it("needs no key, calls nobody and records nothing", async () => {
    const polylogue = await open({ fetch: noNetwork });
    const estimate = await polylogue.estimate({ question: QUESTION });
    expect(estimate.simulated).toBe(false);
    expect(estimate.costUsdMax).toBeGreaterThan(0);
    expect((await polylogue.conversations.list()).conversations).toEqual([]);
  });

  it("grows with attachments and rounds", async () => {
    const polylogue = await open();
    const cost = async (more: object) => (await polylogue.estimate({ question: QUESTION, ...more })).costUsdMax;
    const plain = await cost({});
    expect(await cost({ attachments: [NOTE] })).toBeGreaterThan(plain);
    expect(await cost({ settings: { rounds: 4 } })).toBeGreaterThan(plain);
  });

  it("includes the conversation that it goes on from, and says what it leaves out", async () => {
    const polylogue = await openSimulated();
    const request = { question: QUESTION, as: "gather" };
    const first = await polylogue.ask(request);
    const plain = await polylogue.estimate(request);
    const after = await polylogue.estimate({ ...request, continueFrom: first.conversationId });
    expect(after.costUsdMax).toBeGreaterThan(plain.costUsdMax);
    const second = await polylogue.ask({ ...request, continueFrom: first.conversationId });
    expect(second.costUsd).toBeLessThanOrEqual(after.costUsdMax);
    expect(after.leavesOut.join()).toMatch(/again after a failure.*ballots.*messages/);
    await expect(polylogue.estimate({ ...request, continueFrom: "0190" })).rejects.toMatchObject({
      code: "CONVERSATION_UNKNOWN",
    });
  });

  it("counts the dearest route that may answer", async () => {
    const routes = [{ vendor: "anthropic", model: "claude-opus-5-5" }];
    const cost = async (fallback: boolean) => {
      const polylogue = await open({ config: { agents: { gemini: { routes, fallback } } } });
      return (await polylogue.estimate({ question: QUESTION, with: ["gemini"], as: "ask" })).costUsdMax;
    };
    expect(await cost(true)).toBeGreaterThan(2 * (await cost(false)));
  });

  it("takes a window for what it holds", async () => {
    const text = "word ".repeat(150_000);
    const attachments = [{ name: "long.md", mediaType: "text/markdown", text }];
    const polylogue = await open({ config: { agents: { gemini: { contextTokensMax: 20_000 } } } });
    const { agents } = await polylogue.estimate({ question: QUESTION, with: ["gemini"], as: "ask", attachments });
    expect(agents[0]?.inputTokensMax).toBe(20_000 - 8_192);
  });

  it("uses the prices of the configuration; a server that nobody prices is free", async () => {
    const cost = async (prices: object) => {
      const polylogue = await open({ config: box(prices) });
      return (await polylogue.estimate({ question: QUESTION, as: "ask" })).costUsdMax;
    };
    expect(await cost({})).toBe(0);
    const all = {
      inputUsdPerMillion: 0,
      outputUsdPerMillion: 5,
      cacheReadUsdPerMillion: 0,
      cacheWriteUsdPerMillion: 0,
    };
    expect(await cost({ prices: { llama: all } })).toBeCloseTo(0.005, 9);
  });

  it("cannot be given for a model without a price", async () => {
    const polylogue = await open();
    const estimate = polylogue.estimate({ question: QUESTION, with: ["openai:gpt-nobody-priced"], as: "ask" });
    await expect(estimate).rejects.toMatchObject({
      code: "PRICE_UNKNOWN",
      mend: "Give it in the configuration, under vendors.openai.prices.",
    });
  });
});
