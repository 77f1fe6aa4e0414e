// The main job through the library: simulated, and over the vendors' formats
// with keys; and everything that is refused before anybody is called.
import { describe, expect, it, onTestFinished } from "vitest";
import { createPolylogue } from "../../src/app/create-polylogue.ts";
import type { Progress } from "../../src/mesh/mesh.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";
import { createRedactor } from "../../src/platform/redaction.ts";
import { createSimulators } from "../../src/simulators/index.ts";
import { verifies } from "../requirements.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { KEYS, noNetwork, open, openSimulated, vendorNetwork } from "./open.ts";

const QUESTION = "Should there be one writer?";
const NOTE = {
  name: "note.md",
  mediaType: "text/markdown",
  text: "One writer keeps the order. Several writers are faster, but they can disagree.",
};

describe("ask", () => {
  it("against simulators needs no key, and leaves a record marked for ever", async () => {
    const polylogue = await openSimulated({ fetch: noNetwork });
    const started: string[] = [];
    const progress: Progress[] = [];
    const result = await polylogue.ask({
      question: QUESTION,
      attachments: [NOTE],
      onStarted: (id) => started.push(id),
      onProgress: (event) => progress.push(event),
    });
    expect(["decided", "no_decision"]).toContain(result.status);
    expect(result).toMatchObject({ schema: "polylogue.ask/1", simulated: true, conversationId: started[0] });
    expect(result.quorum).toEqual({
      asked: ["claude", "gemini", "deepseek"],
      answered: ["claude", "gemini", "deepseek"],
      failed: [],
    });
    expect(result.costUsd).toBeGreaterThan(0);
    expect(new Set(progress.map(({ conversationId }) => conversationId))).toEqual(new Set(started));
    const shown = await polylogue.conversations.show(result.conversationId.slice(0, 20));
    expect(shown.result).toEqual(result);
    const { conversations } = await polylogue.conversations.list();
    expect(conversations).toMatchObject([{ id: result.conversationId, simulated: true, question: QUESTION }]);
  });

  it("over the vendors' own formats, with keys, is a real conversation", async () => {
    verifies("R2.2", "R2.4");
    const network = vendorNetwork();
    const polylogue = await open({ environment: KEYS, fetch: network.fetch });
    const result = await polylogue.ask({ question: QUESTION, attachments: [NOTE] });
    expect(["decided", "no_decision"]).toContain(result.status);
    expect(result).toMatchObject({ simulated: false, quorum: { failed: [] } });
    expect(new Set(network.hosts)).toEqual(
      new Set(["api.anthropic.com", "generativelanguage.googleapis.com", "api.deepseek.com"]),
    );
    const { messages } = await polylogue.conversations.show(result.conversationId);
    expect(JSON.stringify(messages)).not.toContain("planted");
  });

  it("the same seed gives the same answers, another seed others", async () => {
    const texts = async (seed: number) => {
      const polylogue = await openSimulated();
      const { conversationId } = await polylogue.ask({ question: QUESTION, seed, as: "gather", attachments: [NOTE] });
      const { messages, seed: recorded } = await polylogue.conversations.show(conversationId);
      expect(recorded).toBe(seed);
      return messages.map(({ sender, text }) => `${sender}: ${text}`).sort();
    };
    const first = await texts(3);
    expect(await texts(3)).toEqual(first);
    expect(await texts(4)).not.toEqual(first);
  });

  it("several at once share one home and one process", async () => {
    const polylogue = await openSimulated();
    const seeds = [1, 1, 2, 3];
    const results = await Promise.all(seeds.map((seed) => polylogue.ask({ question: QUESTION, seed, as: "gather" })));
    expect(results.map(({ status }) => status)).toEqual(seeds.map(() => "decided"));
    expect(new Set(results.map(({ conversationId }) => conversationId)).size).toBe(seeds.length);
  });

  it("goes on without an agent whose key is missing, and says so", async () => {
    const polylogue = await open({ environment: { ...KEYS, DEEPSEEK_API_KEY: "" }, fetch: vendorNetwork().fetch });
    const result = await polylogue.ask({ question: QUESTION, attachments: [NOTE], as: "gather" });
    expect(result.status).toBe("degraded");
    expect(result.quorum.answered).toEqual(["claude", "gemini"]);
    expect(result.quorum.failed).toMatchObject([{ agent: "deepseek", code: "AUTH" }]);
    expect(result.quorum.failed[0]?.reason).toContain("DEEPSEEK_API_KEY");
  });

  it("takes ad-hoc models and vendors by name", async () => {
    const polylogue = await openSimulated();
    const result = await polylogue.ask({
      question: QUESTION,
      with: ["anthropic:claude-haiku-5-5", "google"],
      as: "gather",
    });
    expect(result.quorum.answered).toEqual(["anthropic-claude-haiku-5-5", "gemini"]);
  });

  it("stops at its budget", async () => {
    const polylogue = await openSimulated();
    const result = await polylogue.ask({ question: QUESTION, budgetUsd: 0.000001 });
    expect(result.status).toBe("budget_exhausted");
    expect(result.costUsd).toBe(0);
  });

  it.each(["turnUsd", "agentUsd", "dayUsd"])("spends nothing beyond budgets.%s", async (budget) => {
    const polylogue = await openSimulated({ config: { budgets: { [budget]: 0.000001 } } });
    const result = await polylogue.ask({ question: QUESTION, as: "gather" });
    expect(result).toMatchObject({ costUsd: 0, quorum: { answered: [] } });
    expect(["failed", "budget_exhausted"]).toContain(result.status);
  });

  it("goes on from an ended conversation, by the beginning of its id, with its own kind only", async () => {
    const home = temporaryFolder();
    const simulated = await openSimulated({ home });
    const first = await simulated.ask({ question: QUESTION, as: "gather" });
    const continueFrom = first.conversationId.slice(0, 30);
    const second = await simulated.ask({ question: "And the disk?", as: "gather", continueFrom });
    expect(second.status).toBe("decided");
    const real = await open({ home, environment: KEYS, fetch: vendorNetwork().fetch });
    await expect(real.ask({ question: "And now?", continueFrom })).rejects.toMatchObject({
      code: "CONVERSATION_SIMULATED",
    });
  });

  it("a release drains, cancels nothing, and leaves the conversation to be resumed to its end", async () => {
    const polylogue = await openSimulated();
    const release = new AbortController();
    let id = "";
    const asked = polylogue.ask({
      question: "One writer or many?",
      release: release.signal,
      onStarted: (conversationId) => {
        id = conversationId;
      },
      onProgress: ({ type }) => {
        if (type === "attempt-started") release.abort();
      },
    });
    const mend = expect.stringMatching(/^Go on with: polylogue conversation resume /) as string;
    await expect(asked).rejects.toMatchObject({ code: "CANCELLED", mend });
    const left = await polylogue.conversations.show(id);
    expect(left.status).toBe("running");
    expect(left.messages.some(({ sender }) => sender !== "coordinator" && sender !== "user")).toBe(true);
    const { resumed } = await polylogue.conversations.resume([id]);
    expect(resumed).toEqual([{ conversationId: id, status: "decided" }]);
  });

  it("an abort drains and leaves a cancelled conversation", async () => {
    const polylogue = await openSimulated({ simulatedLatency: "lively" });
    const stop = new AbortController();
    const result = await polylogue.ask({
      question: QUESTION,
      signal: stop.signal,
      onProgress: ({ type }) => {
        if (type === "attempt-started") stop.abort();
      },
    });
    expect(result.status).toBe("cancelled");
  });
});

describe("ask refuses before anybody is called", () => {
  const real = () => open({ fetch: noNetwork });

  it("agents nobody knows, with near names", async () => {
    await expect((await real()).ask({ question: QUESTION, with: ["cluade"] })).rejects.toMatchObject({
      code: "AGENT_UNKNOWN",
      message: expect.stringContaining("Did you mean claude?") as string,
    });
  });

  it("orchestrations nobody knows, settings and numbers of members they do not take", async () => {
    const polylogue = await openSimulated();
    const refusal = (request: object) =>
      polylogue.ask({ question: QUESTION, ...request }).then(
        () => "nothing",
        (error: { code: string }) => error.code,
      );
    expect(await refusal({ as: "brawl" })).toBe("ORCHESTRATION_UNKNOWN");
    expect(await refusal({ as: "handshake" })).toBe("ORCHESTRATION_UNKNOWN");
    expect(await refusal({ with: ["claude"] })).toBe("MEMBERS_COUNT");
    expect(await refusal({ with: ["claude", "gemini"], as: "ask" })).toBe("MEMBERS_COUNT");
    expect(await refusal({ settings: { rounds: "many" } })).toBe("USAGE");
    expect(await refusal({ question: " " })).toBe("USAGE");
    expect(await refusal({ continueFrom: "none" })).toBe("CONVERSATION_UNKNOWN");
    expect(await refusal({ continueFrom: "" })).toBe("CONVERSATION_UNKNOWN");
    expect(await refusal({ attachments: [{ ...NOTE, text: "x".repeat(2_000_000) }] })).toBe("ATTACHMENT_TOO_LARGE");
    expect((await polylogue.conversations.list()).conversations).toEqual([]);
  });

  it("when too few have a key: it names each variable and where to get one", async () => {
    const error: unknown = await (await real()).ask({ question: QUESTION }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "KEY_MISSING",
      exitCode: 4,
      mend: expect.stringContaining("https://platform.claude.com/settings/keys") as string,
    });
    for (const name of ["ANTHROPIC_API_KEY", "GEMINI_API_KEY", "DEEPSEEK_API_KEY"])
      expect(String(error)).toContain(name);
    // Each of them is mended in its own way.
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^Agents claude, gemini, deepseek cannot be asked\. There is no key for /,
      ) as string,
      mend: expect.stringMatching(/Set ANTHROPIC_API_KEY.* Set .*DEEPSEEK_API_KEY/) as string,
    });
    const alone = (await real()).ask({ question: QUESTION, with: ["openai"], as: "ask" });
    await expect(alone).rejects.toMatchObject({
      code: "KEY_MISSING",
      message: expect.stringContaining("OPENAI_API_KEY is not set") as string,
    });
  });

  it("servers of one's own, in a simulation: they have no simulator", async () => {
    const vendors = { box: { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:9/v1" } } as const;
    const polylogue = await openSimulated({ config: { vendors } });
    await expect(polylogue.ask({ question: QUESTION, with: ["claude", "box:llama"] })).rejects.toMatchObject({
      code: "VENDOR_UNKNOWN",
    });
  });

  it("a configuration that cannot be read, at the first call", async () => {
    const polylogue = await open({ configFile: "/none/polylogue.yaml" });
    await expect(polylogue.ask({ question: QUESTION })).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
  });

  it("nothing that only reads: without options it takes the process's own environment and folder", async () => {
    const lines: string[] = [];
    const log = createLog({
      level: "debug",
      sink: (line) => lines.push(line),
      clock: createSystemClock(),
      redactor: createRedactor(),
    });
    const home = temporaryFolder();
    const polylogue = await createPolylogue({ home, log });
    onTestFinished(() => polylogue.close());
    expect((await polylogue.conversations.list()).conversations).toEqual([]);
    await (await createPolylogue()).close();
    expect(lines).toEqual([]);
  });

  it("everything after it was closed", async () => {
    const polylogue = await openSimulated();
    await polylogue.close();
    await polylogue.close();
    await expect(polylogue.ask({ question: QUESTION })).rejects.toMatchObject({ code: "STORE_CLOSED" });
    await expect(polylogue.conversations.list()).rejects.toMatchObject({ code: "STORE_CLOSED" });
  });
});

describe("a simulator under a real conversation", () => {
  it("is found out before anything it says is recorded", async () => {
    const simulators = createSimulators({ clock: createSystemClock(), seed: 1 });
    const polylogue = await open({ environment: KEYS, fetch: simulators.fetch });
    const result = await polylogue.ask({ question: QUESTION });
    expect(result).toMatchObject({ status: "failed", simulated: false, costUsd: 0 });
    for (const failure of result.quorum.failed) {
      expect(failure).toMatchObject({ code: "UNREACHABLE", reason: expect.stringContaining("--simulated") as string });
    }
  });
});
