// The small parts of the composition root.
import { describe, expect, it, onTestFinished } from "vitest";
import type { Agent, AgentEvent, AgentProbe } from "../../src/agents/agent.ts";
import { createScriptedAgent } from "../../src/agents/scripted/scripted-agent.ts";
import { createFlatCosting, scriptedCard } from "../../src/agents/scripted/scripted-card.ts";
import { cardOf } from "../../src/app/agent-cards.ts";
import { type AgentFactory, createAgentFactory } from "../../src/app/agent-factory.ts";
import { CONFIG_DEFAULTS } from "../../src/app/config/defaults.ts";
import { createGuardedAgent } from "../../src/app/guarded-agent.ts";
import { handshakeOnly, handshakeOutcome } from "../../src/app/handshake-only.ts";
import { createKeyring } from "../../src/app/keyring.ts";
import { memo } from "../../src/app/memo.ts";
import { priceRows } from "../../src/app/price-rows.ts";
import { PROJECTIONS } from "../../src/app/projections.ts";
import type { Side } from "../../src/app/side.ts";
import { createSide } from "../../src/app/side.ts";
import { createSides, type SideName } from "../../src/app/sides.ts";
import { BUILT_IN_VENDORS } from "../../src/app/vendor-records.ts";
import type { AgentCard } from "../../src/domain/agent-card.ts";
import { PolylogueError } from "../../src/domain/errors.ts";
import { NO_USAGE } from "../../src/domain/usage.ts";
import { createJournal } from "../../src/journal/create-journal.ts";
import { createTargets } from "../../src/mesh/selection/targets.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createIdSource } from "../../src/platform/ids.ts";
import { createSilentLog } from "../../src/platform/log.ts";
import { createSeededRandom } from "../../src/platform/random.ts";
import { createRedactor } from "../../src/platform/redaction.ts";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { createSqliteStore } from "../../src/storage/sqlite/sqlite-store.ts";

describe("a memo", () => {
  it("makes once, and again only after a failure", async () => {
    let made = 0;
    const part = memo(async () => {
      made++;
      if (made === 1) throw new Error("first");
      return made;
    });
    expect(part.made()).toBeUndefined();
    expect((await Promise.allSettled([part.get(), part.get()])).map(({ status }) => status)).toEqual([
      "rejected",
      "rejected",
    ]);
    expect(part.made()).toBeUndefined();
    expect(await Promise.all([part.get(), part.get()])).toEqual([2, 2]);
    expect(await part.made()).toBe(2);
  });
});

describe("sides", () => {
  function sides() {
    const log: string[] = [];
    let made = 0;
    const all = createSides({
      kept: { simulated: true, seed: 1 },
      create: async ({ simulated, seed }: SideName) => {
        const name = `${simulated ? seed : "network"}#${++made}`;
        log.push(`open ${name}`);
        const joined = new Map<string, string>();
        const side: Partial<Side> = {
          fits: (cards) => cards.every(({ id, description }) => (joined.get(id) ?? description) === description),
          join: async (cards) => {
            for (const { id, description } of cards) {
              if (description === "refused") throw new Error("refused");
              joined.set(id, description);
            }
          },
          close: async () => {
            log.push(`close ${name}`);
          },
        };
        return side as Side;
      },
    });
    return { all, log };
  }
  const simulated = (seed: number): SideName => ({ simulated: true, seed });
  const card = (description: string) => scriptedCard("claude", { description });

  it("are kept for the usual seed, closed after use for others", async () => {
    const { all, log } = sides();
    const usual = await all.use(simulated(1), [], async (side) => side);
    expect(await all.use(simulated(1), [card("a")], async (side) => side)).toBe(usual);
    await all.use(simulated(2), [], () => all.use(simulated(2), [], async () => log.push("work")));
    await all.use({ simulated: false, seed: 1 }, [], async () => undefined);
    expect(log).toEqual(["open 1#1", "open 2#2", "work", "close 2#2", "open network#3", "close network#3"]);
    await all.close();
    await all.close();
    expect(log.slice(6)).toEqual(["close 1#1"]);
  });

  it("give one agent id with two cards a side each", async () => {
    const { all, log } = sides();
    await all.use(simulated(2), [card("a")], () => all.use(simulated(2), [card("b")], async () => log.push("work")));
    expect(log).toEqual(["open 2#1", "open 2#2", "work", "close 2#2", "close 2#1"]);
  });

  it("are closed also when the work or the joining fails", async () => {
    const { all, log } = sides();
    await expect(all.use(simulated(2), [card("refused")], async () => 1)).rejects.toThrow("refused");
    await expect(all.use(simulated(3), [], () => Promise.reject(new Error("work")))).rejects.toThrow("work");
    expect(log).toEqual(["open 2#1", "close 2#1", "open 3#2", "close 3#2"]);
  });

  it("are left to the end when everything is closed under the work", async () => {
    const { all, log } = sides();
    await all.use(simulated(2), [], () => all.close());
    expect(log).toEqual(["open 2#1", "close 2#1"]);
  });

  it("that cannot be made are tried anew", async () => {
    let tries = 0;
    const all = createSides({
      kept: simulated(1),
      create: async () => {
        tries++;
        throw new Error("no disk");
      },
    });
    await expect(all.use(simulated(1), [], async () => 1)).rejects.toThrow("no disk");
    await expect(all.use(simulated(1), [], async () => 1)).rejects.toThrow("no disk");
    expect(tries).toBe(2);
    await all.close();
  });
});

describe("a guarded agent", () => {
  const failure = { class: "auth", code: "VENDOR_AUTH", reason: "refused: planted-secret-key" } as const;
  const done = { type: "done", finishReason: "stop", parts: [], usage: NO_USAGE, usageEstimated: false } as const;
  const request = {
    system: "",
    history: [],
    newTurns: 0,
    sessionKey: "",
    route: { vendor: "v", model: "m" },
    outputTokensMax: 1,
  };

  function agent(events: readonly AgentEvent[], probe: AgentProbe): Agent {
    return {
      card: scriptedCard("claude"),
      call: async function* () {
        yield* events;
      },
      probe: async () => probe,
      close: async () => undefined,
    };
  }
  async function eventsOf(events: readonly AgentEvent[], simulated: boolean): Promise<AgentEvent[]> {
    const guarded = createGuardedAgent(agent(events, { ok: true, failures: [], simulated }), {
      redactor: createRedactor(["planted-secret-key"]),
      simulated,
    });
    const seen: AgentEvent[] = [];
    for await (const event of guarded.call(request, { signal: new AbortController().signal })) seen.push(event);
    await guarded.close();
    return seen;
  }

  it("lets no secret out in a reason, of calls and of probes", async () => {
    const error: AgentEvent = { type: "error", failure, partial: [], simulated: false };
    const [event] = await eventsOf([error], false);
    expect(event).toEqual({ ...error, failure: { ...failure, reason: "refused: [redacted]" } });
    const probe: AgentProbe = { ok: false, failures: [{ code: "AUTH", reason: failure.reason }], simulated: false };
    const guarded = createGuardedAgent(agent([], probe), {
      redactor: createRedactor(["planted-secret-key"]),
      simulated: false,
    });
    const probed = await guarded.probe({ vendor: "v", model: "m" }, { signal: new AbortController().signal });
    expect(probed).toEqual({ ...probe, failures: [{ code: "AUTH", reason: "refused: [redacted]" }] });
    expect(guarded.card.id).toBe("claude");
  });

  it("takes a simulator's answer for a failure of a real agent, and for an answer of a simulated one", async () => {
    const text: AgentEvent = { type: "text-delta", text: "x" };
    const answer: AgentEvent = { ...done, simulated: true };
    expect(await eventsOf([text, answer], true)).toEqual([text, answer]);
    expect(await eventsOf([text, answer], false)).toMatchObject([
      text,
      { type: "error", simulated: false, failure: { class: "request", code: "CONVERSATION_NOT_SIMULATED" } },
    ]);
  });
});

describe("cards", () => {
  it("take what the configuration says, and sensible values for the rest", () => {
    const given = { id: "a", vendor: "anthropic", model: "claude-3-haiku-20240307", key: "MINE" };
    expect(cardOf(given, BUILT_IN_VENDORS)).toMatchObject({
      name: "a",
      description: "claude-3-haiku-20240307 of Anthropic",
      skills: [],
      fallback: false,
      quality: 0.5,
      outputTokensMax: 4_096,
      routes: [{ vendor: "anthropic", model: "claude-3-haiku-20240307", key: "MINE" }],
    });
    const full = {
      ...given,
      name: "A",
      description: "d",
      limits: { concurrencyMax: 2 },
      quality: 1,
      outputTokensMax: 100,
      routes: [{ vendor: "google", model: "gemini-3.8-flash" }],
      contextTokensMax: 5_000,
    };
    expect(cardOf(full, BUILT_IN_VENDORS)).toMatchObject({
      name: "A",
      limits: { concurrencyMax: 2 },
      outputTokensMax: 100,
      contextTokensMax: 5_000,
      routes: [{ key: "MINE" }, { vendor: "google" }],
    });
    const words = cardOf({ id: "b", vendor: "openai-compatible", model: "m" }, BUILT_IN_VENDORS);
    expect(words.outputTokensMax).toBe(8_192);
    expect(
      cardOf({ id: "g", vendor: "google", model: "gemma-3" }, BUILT_IN_VENDORS).capabilities.structuredOutput,
    ).toBe(false);
  });
});

describe("prices of the configuration", () => {
  it("stand under the vendor that the price list knows", () => {
    const price = { inputUsdPerMillion: 1, outputUsdPerMillion: 2 };
    const vendors = {
      "deepseek-anthropic": { prices: { m: price } },
      box: { prices: { n: { ...price, cacheReadUsdPerMillion: 0.1 } } },
      google: {},
    };
    expect(priceRows({ vendors }, "2026-11-22")).toEqual([
      { vendor: "deepseek", model: "m", source: "configuration", as_of: "2026-11-22", price: { input: 1, output: 2 } },
      {
        vendor: "box",
        model: "n",
        source: "configuration",
        as_of: "2026-11-22",
        price: { input: 1, output: 2, cache_read: 0.1 },
      },
    ]);
  });
});

describe("a route whose vendor is gone", () => {
  it("has no price, so that its agent is refused and not the whole conversation", () => {
    const factory = createAgentFactory({
      config: CONFIG_DEFAULTS,
      environment: {},
      clock: createVirtualClock(),
      redactor: createRedactor(),
      simulated: true,
      fetch: () => Promise.reject(new Error("called")),
    });
    const costing = factory.costing({ vendor: "gone", model: "m" });
    expect(costing).toMatchObject({ wire: "none", contextTokensMax: undefined });
    expect([costing.costMaxNanoUsd(1, 1), costing.costNanoUsd(NO_USAGE)]).toEqual([undefined, undefined]);
    const request = {
      system: "",
      history: [],
      newTurns: 0,
      sessionKey: "",
      route: { vendor: "gone", model: "m" },
      outputTokensMax: 1,
    };
    expect(costing.estimateInputTokens(request)).toBe(0);
    expect(costing.calibrate(request, NO_USAGE)).toBeUndefined();
  });
});

describe("a side", () => {
  it("joins an agent again whose joining failed", async () => {
    const store = await createSqliteStore({ path: ":memory:", clock: createSystemClock() });
    onTestFinished(() => store.close());
    const clock = createSystemClock();
    const random = createSeededRandom(1);
    const ids = createIdSource(clock, random);
    const journal = await createJournal({ store, ids, clock, projections: PROJECTIONS });
    let looked = 0;
    const factory = {
      ready: async () => undefined,
      create: (card: AgentCard) => createScriptedAgent({ card, clock }),
      costing: () => createFlatCosting({ inputNanoUsdPerToken: 1, outputNanoUsdPerToken: 1 }),
      findKeys: async () => {
        looked++;
        if (looked === 1) throw new PolylogueError("SECRET_FILE_MODE", { message: "open to others" });
        return { state: "not needed" };
      },
    } as unknown as AgentFactory;
    const side = createSide({
      ...{ factory, journal, store, ids, clock, random, config: CONFIG_DEFAULTS, log: createSilentLog() },
      targets: createTargets({ clock, random }),
      orchestrations: [],
      simulated: true,
    });
    const cards = [scriptedCard("claude")];
    await expect(side.join(cards)).rejects.toMatchObject({ code: "SECRET_FILE_MODE" });
    await side.join(cards);
    await side.join(cards);
    expect(looked).toBe(2);
    expect((await side.mesh.registry.list()).map(({ card }) => card.id)).toEqual(["claude"]);
    expect([side.fits(cards), side.fits([scriptedCard("claude", { quality: 1 })])]).toEqual([true, false]);
    await side.close();
  });
});

describe("the keyring", () => {
  it("finds by vendor and name, and tells the redactor first", async () => {
    const redactor = createRedactor();
    const keyring = createKeyring({
      config: { vendors: {} },
      vendors: BUILT_IN_VENDORS,
      environment: { OPENAI_API_KEY: "planted-vendor-key", TEAM: "planted-team-key" },
      redactor,
    });
    expect(keyring.lookup("openai")).toBeUndefined();
    await keyring.find({ vendor: "openai", model: "m" });
    await keyring.find({ vendor: "openai", model: "m", key: "TEAM" });
    expect([keyring.lookup("openai"), keyring.lookup("openai", "TEAM")]).toEqual([
      "planted-vendor-key",
      "planted-team-key",
    ]);
    expect(redactor.redact("planted-vendor-key planted-team-key")).toBe("[redacted] [redacted]");
    expect(await keyring.find({ vendor: "gone", model: "m" })).toMatchObject({ state: "missing" });
    expect(await keyring.find({ vendor: "openai-compatible", model: "m" })).toEqual({ state: "not needed" });
  });
});

describe("the orchestration of a bare handshake", () => {
  it("ends at once, with those who came", () => {
    const seat = { agent: "a", name: "a", vendor: "v", model: "m", weight: 1 };
    const refused = [{ agent: "b", code: "AUTH", reason: "no key" }];
    const setup = { question: "q", attachments: [], participants: [seat], seed: 1, settings: {}, refused };
    const { state, commands } = handshakeOnly.start(setup);
    expect(commands).toEqual([{ type: "end", outcome: handshakeOutcome(setup) }]);
    expect(commands).toMatchObject([
      { outcome: { status: "degraded", quorum: { asked: ["a", "b"], answered: ["a"], failed: refused } } },
    ]);
    expect(handshakeOnly.turnsMax(setup)).toBe(0);
    const signal = { type: "signal", signal: "cancelled", reason: "r" } as const;
    expect(handshakeOnly.next(state, signal, { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 })).toEqual({
      state: null,
      commands: [],
    });
  });
});
