// The main job: three vendors debate a question about a real file, over twenty
// seeds. The outcome is not foregone, and everything said of it is true.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { SimulatedLatency } from "../../src/app/options.ts";
import type { AskDocument, ConversationDocument } from "../../src/app/polylogue.ts";
import { verifies } from "../requirements.ts";
import { inNewHome, withSimulated } from "./simulated-ask.ts";

const FILE = fileURLToPath(new URL("../../docs/architecture.md", import.meta.url));
const TEXT = readFileSync(FILE, "utf8");
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

interface Run {
  readonly seed: number;
  readonly result: AskDocument;
  readonly record: ConversationDocument;
}

function debate(seed: number, simulatedLatency: SimulatedLatency = "none"): Promise<Run> {
  return inNewHome((home) =>
    withSimulated({ home, seed, simulatedLatency }, async (polylogue) => {
      const result = await polylogue.ask({
        question: "Should this design use one writer thread?",
        with: ["claude", "gemini", "deepseek"],
        as: "debate",
        seed,
        attachments: [{ name: "docs/architecture.md", mediaType: "text/markdown", text: TEXT }],
      });
      return { seed, result, record: await polylogue.conversations.show(result.conversationId) };
    }),
  );
}

describe("a debate over a file", () => {
  const runs: Run[] = [];
  beforeAll(async () => {
    for (const seed of SEEDS) runs.push(await debate(seed));
  }, 180_000);

  it("is decided in most seeds, with more than one winner and some dissent; ties are reported as ties", () => {
    verifies("R2.2", "R2.4", "R7.1");
    const decided = runs.filter(({ result }) => result.status === "decided");
    expect(decided.length).toBeGreaterThanOrEqual(12);
    for (const { result } of runs) expect(["decided", "no_decision"]).toContain(result.status);
    expect(new Set(decided.map(({ result }) => result.decision.winner)).size).toBeGreaterThanOrEqual(2);
    expect(decided.some(({ result }) => result.dissent.length > 0)).toBe(true);
  });

  it("tallies explain the winner, and a tie has no winner", () => {
    for (const { result } of runs) {
      const points = Object.entries(result.decision.tallies).toSorted((a, b) => b[1] - a[1]);
      expect(points.length).toBeGreaterThanOrEqual(2);
      const [first, second] = points;
      if (result.status === "decided") {
        expect(result.decision.winner).toBe(first?.[0]);
        expect(first?.[1]).toBeGreaterThan(second?.[1] ?? 0);
      } else {
        expect(result.decision.winner).toBeNull();
        expect(first?.[1]).toBe(second?.[1]);
      }
    }
  });

  it("every quote occurs in the file, word for word", () => {
    const quotes = runs.flatMap(({ result }) => result.decision.evidence);
    expect(quotes.length).toBeGreaterThan(SEEDS.length / 2);
    for (const { quote, source } of quotes) {
      expect(source).toBe("docs/architecture.md");
      expect(TEXT).toContain(quote);
    }
  });

  it("costs what the prices say, and is marked as simulated for ever", () => {
    for (const { result, record } of runs) {
      expect(result.costUsd).toBeGreaterThan(0);
      expect(result.simulated && record.simulated).toBe(true);
      const attempts = record.messages.flatMap((message) => message.attempts);
      const sum = attempts.reduce((total, attempt) => total + attempt.costUsd, 0);
      expect(sum).toBeCloseTo(result.costUsd, 9);
    }
  });

  it("the record lists every message with its deliveries, each at rest", () => {
    for (const { record } of runs) {
      expect(record.messages.length).toBeGreaterThanOrEqual(12);
      for (const message of record.messages) {
        expect(message.deliveries.map(({ recipient }) => recipient).toSorted()).toEqual(
          [...message.recipients].toSorted(),
        );
        const resting = message.intent === "request" ? ["answered"] : ["delivered", "answered"];
        for (const delivery of message.deliveries) expect(resting).toContain(delivery.state);
      }
    }
  });

  it("the same seed gives the same answers", async () => {
    verifies("R7.3");
    const [first] = runs;
    const again = await debate(1);
    const said = (run: Run | undefined) => run?.record.messages.map(({ sender, text }) => `${sender}: ${text}`);
    expect(again.result.decision.tallies).toEqual(first?.result.decision.tallies);
    expect(said(again)?.toSorted()).toEqual(said(first)?.toSorted());
  });

  it("who is quick changes nothing: paced answers arrive in another order and say the same", async () => {
    verifies("R7.3");
    const paced = await debate(9, "lively");
    const atOnce = runs.find(({ seed }) => seed === 9);
    const said = (run: Run | undefined) => run?.record.messages.map(({ sender, text }) => `${sender}: ${text}`);
    expect(paced.result.decision.tallies).toEqual(atOnce?.result.decision.tallies);
    expect(said(paced)?.toSorted()).toEqual(said(atOnce)?.toSorted());
  }, 60_000);
});
