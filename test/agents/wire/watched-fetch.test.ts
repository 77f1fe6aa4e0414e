// What the libraries see of the network, and what we see of them.
import { describe, expect, it } from "vitest";
import { createWatchedFetch } from "../../../src/agents/wire/watched-fetch.ts";
import { refuseRepeat } from "../../../src/agents/wire/wire.ts";

describe("watched fetch", () => {
  it("sends one request; a library that asks again gets the stand-in", async () => {
    let calls = 0;
    const { fetch, record } = createWatchedFetch({
      fetch: async () => {
        calls += 1;
        return new Response("first", { status: 201, headers: { "X-Polylogue-Simulated": "true" } });
      },
      onByte: () => undefined,
      replyToRepeat: refuseRepeat,
    });
    expect(record()).toEqual({ requests: 0, headers: {}, simulated: false });
    expect(await (await fetch(new Request("http://127.0.0.1/a"))).text()).toBe("first");
    const again = await fetch("http://127.0.0.1/b");
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ error: { type: "repeat_refused" } });
    expect(calls).toBe(1);
    expect(record()).toMatchObject({ requests: 1, url: "http://127.0.0.1/a", status: 201, simulated: true });
  });

  it("ends a reply that grows without end, and notes why", async () => {
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(8 * 1024 * 1024)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const { fetch, record } = createWatchedFetch({
      fetch: async () => new Response(endless),
      onByte: () => undefined,
      replyToRepeat: refuseRepeat,
    });
    const body = await (await fetch("http://127.0.0.1/")).arrayBuffer();
    expect(body.byteLength).toBe(64 * 1024 * 1024);
    expect(record().error).toMatchObject({ message: expect.stringContaining("longer than") });
    expect(isCancelled).toBe(true);
  });

  it("passes cancelling on", async () => {
    let reason: unknown;
    const body = new ReadableStream<Uint8Array>({
      cancel: (given) => {
        reason = given;
      },
    });
    const { fetch } = createWatchedFetch({
      fetch: async () => new Response(body),
      onByte: () => undefined,
      replyToRepeat: refuseRepeat,
    });
    await (await fetch("http://127.0.0.1/")).body?.cancel("enough");
    expect(reason).toBe("enough");
  });
});
