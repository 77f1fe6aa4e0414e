// Silence ends a call, bytes alone do not keep it alive, and cancelling closes
// the connection: all in simulated time.
import { describe, expect, it } from "vitest";
import type { AgentEvent } from "../../../src/agents/agent.ts";
import type { VirtualClock } from "../../../src/platform/virtual-clock.ts";
import { createBench, jsonReply, requestFor, stallingReply, streamReply } from "../model-agent-bench.ts";
import { GRAMMARS } from "../vendor-replies.ts";

const { anthropic, deepseek } = GRAMMARS;
const THINKING = deepseek.stream({ reasoning: ["Hm."], cut: true });

/** A reply whose pieces come at their times, in milliseconds from its start; it stays open after the last. */
function timedReply(clock: VirtualClock, pieces: readonly (readonly [number, string])[]): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const [atMs, text] of pieces) {
        clock.setTimer(atMs, () => {
          try {
            controller.enqueue(encoder.encode(text));
          } catch {
            // The reader has left: a server would meet a closed socket here.
          }
        });
      }
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

describe("watchdogs", () => {
  it("no first content within 120 s, though keep-alives come", async () => {
    const beats = Array.from({ length: 30 }, (_, beat) => [(beat + 1) * 10_000, ": keep-alive\n\n"] as const);
    const bench = createBench(async () => timedReply(bench.clock, beats));
    const events = await bench.run(requestFor(deepseek));
    expect(events.at(-1)).toMatchObject({
      type: "error",
      failure: { class: "transient", code: "TIMEOUT_FIRST_CONTENT" },
    });
    expect(events.filter((event) => event.type === "byte").length).toBeGreaterThanOrEqual(5);
    expect(bench.clock.monotonicUs()).toBe(120_000_000);
  });

  it("no headers within 120 s is the same silence, and what the vendor did is not known", async () => {
    const { run, clock } = createBench(
      (_url, init) =>
        new Promise((_resolve, reject) => {
          init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
    );
    const last = (await run(requestFor(anthropic))).at(-1);
    expect(last).toMatchObject({ failure: { code: "TIMEOUT_FIRST_CONTENT" } });
    expect(last).toMatchObject({ outcomeUnknown: true });
    expect(last).not.toHaveProperty("usage");
    expect(clock.monotonicUs()).toBe(120_000_000);
  });

  it("no further content within 60 s of the last", async () => {
    const { run, clock, sent } = createBench(async (_url, init) => stallingReply(THINKING, init?.signal));
    const last = (await run(requestFor(deepseek))).at(-1);
    expect(last).toMatchObject({
      failure: { class: "transient", code: "TIMEOUT_BETWEEN_CONTENTS" },
      partial: [{ type: "reasoning", text: "Hm." }],
      usage: { output: expect.any(Number) },
    });
    expect(clock.monotonicUs()).toBe(60_000_000);
    expect(sent[0]?.signal?.aborted).toBe(true);
  });

  it("a slow but steady answer lives past both limits, and ends at the limit of the whole call", async () => {
    const chunk = (text: string) =>
      `data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta: { content: text }, finish_reason: null }] })}\n\n`;
    const pieces = Array.from({ length: 100 }, (_, index) => [(index + 1) * 30_000, chunk("word ")] as const);
    const bench = createBench(async () => timedReply(bench.clock, pieces));
    const events = await bench.run(requestFor(deepseek));
    expect(events.at(-1)).toMatchObject({ failure: { code: "TIMEOUT_CALL" } });
    expect(events.filter((event) => event.type === "text-delta").length).toBeGreaterThanOrEqual(19);
    expect(bench.clock.monotonicUs()).toBe(600_000_000);
  });

  it("without a stream only the whole call is limited, and the limits can be set", async () => {
    const timeouts = { callTimeoutMs: 120_000, firstContentTimeoutMs: 1_000 };
    const bench = createBench(
      () =>
        new Promise((resolve) => {
          bench.clock.setTimer(110_000, () => resolve(jsonReply(anthropic.json({ text: ["Yes."] }))));
        }),
      { timeouts },
    );
    expect((await bench.run(requestFor(anthropic, { stream: false }))).at(-1)).toMatchObject({ type: "done" });
    const late = createBench(() => new Promise(() => undefined), { timeouts });
    expect((await late.run(requestFor(anthropic, { stream: false }))).at(-1)).toMatchObject({
      failure: { code: "TIMEOUT_CALL" },
    });
    const quick = createBench(async (_url, init) => stallingReply("", init?.signal), { timeouts });
    expect((await quick.run(requestFor(anthropic))).at(-1)).toMatchObject({
      failure: { code: "TIMEOUT_FIRST_CONTENT" },
    });
    expect(quick.clock.monotonicUs()).toBe(1_000_000);
  });

  it("stops all its timers with the call", async () => {
    const { run, clock } = createBench(async () => streamReply(anthropic.stream({ text: ["Yes."] })));
    await run(requestFor(anthropic));
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow(/no timer is set/);
  });
});

describe("cancelling", () => {
  it("closes the connection and keeps what had come", async () => {
    const { run, clock, sent } = createBench(async (_url, init) => stallingReply(THINKING, init?.signal));
    const controller = new AbortController();
    clock.setTimer(2_000, () => controller.abort());
    const last = (await run(requestFor(deepseek), controller.signal)).at(-1);
    expect(last).toMatchObject({ failure: { code: "CANCELLED", class: "transient" }, partial: [{ text: "Hm." }] });
    expect(sent[0]?.signal?.aborted).toBe(true);
  });

  it("leaving the stream early closes the connection too", async () => {
    const { agent, clock, sent } = createBench(async (_url, init) => stallingReply(THINKING, init?.signal));
    const first = async (): Promise<AgentEvent | undefined> => {
      for await (const event of agent.call(requestFor(deepseek), { signal: new AbortController().signal })) {
        if (event.type === "reasoning-delta") return event;
      }
      return undefined;
    };
    expect(await clock.run(first())).toMatchObject({ text: "Hm." });
    expect(sent[0]?.signal?.aborted).toBe(true);
  });

  it("sends nothing when it is cancelled before it starts", async () => {
    const { run, sent } = createBench(async () => new Response());
    await run(requestFor(deepseek), AbortSignal.abort());
    expect(sent).toEqual([]);
  });
});

describe("limits", () => {
  it("an answer without end is ended", async () => {
    const chunk = `data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta: { content: "x".repeat(3_000_000) }, finish_reason: null }] })}\n\n`;
    const { run, sent } = createBench(async (_url, init) => stallingReply(chunk.repeat(7), init?.signal));
    const last = (await run(requestFor(deepseek))).at(-1);
    expect(last).toMatchObject({
      type: "error",
      failure: { class: "transient", reason: expect.stringContaining("longer than") },
    });
    expect(sent[0]?.signal?.aborted).toBe(true);
  });
});
