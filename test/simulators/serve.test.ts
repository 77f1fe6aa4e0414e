// The simulators on a real server: prefixes, real resets, real silence, split packets.
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createSystemClock } from "../../src/platform/clock.ts";
import type { FaultPlan } from "../../src/simulators/fault-plan.ts";
import { createSimulators } from "../../src/simulators/routing-fetch.ts";
import { type ServedSimulators, serveSimulators } from "../../src/simulators/serve.ts";
import { SIMULATED_HEADER, type Simulators } from "../../src/simulators/simulator.ts";
import { verifies } from "../requirements.ts";

let served: ServedSimulators | undefined;
let simulators: Simulators | undefined;

async function serve(faults: FaultPlan = {}): Promise<string> {
  simulators = createSimulators({ clock: createSystemClock(), seed: 1, faults });
  served = await serveSimulators(simulators, { host: "127.0.0.1", port: 0 });
  return served.urls.openai;
}

afterEach(async () => {
  await served?.close();
  served = undefined;
});

const BODY = JSON.stringify({ model: "gpt-4o", stream: true, messages: [{ role: "user", content: "Is tea “good”?" }] });
const post = (url: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    body: BODY,
    headers: { authorization: "Bearer key" },
    ...init,
  });

describe("serveSimulators", () => {
  it("gives every vendor a prefix, and marks its replies", async () => {
    verifies("R7.2");
    const openai = await serve();
    const response = await post(openai);
    expect(response.headers.get(SIMULATED_HEADER)).toBe("true");
    expect(await response.text()).toMatch(/\[DONE\]\n\n$/);
    const models = await fetch(`${served?.urls.google}/v1beta/models?key=k`);
    expect(((await models.json()) as { models: unknown[] }).models.length).toBeGreaterThan(10);
    const stranger = await fetch(openai.replace("/openai", "/nobody/x"));
    expect([stranger.status, await stranger.text()]).toEqual([404, expect.stringContaining("No vendor nobody")]);
    expect((await fetch(openai.replace("/openai", "/"))).status).toBe(404);
  });

  it("resets the socket for a reset and for a vendor that is down", async () => {
    verifies("R7.2");
    const openai = await serve({ script: ["reset", "down"] });
    await expect((await post(openai)).text()).rejects.toThrow("terminated");
    await expect(post(openai)).rejects.toThrow("fetch failed");
    expect((await post(openai)).status).toBe(200);
  });

  it("ends the connection cleanly for a truncated stream, and decodes what was split within characters", async () => {
    const openai = await serve({ script: ["truncatedStream", "splitUtf8", null] });
    expect(await (await post(openai)).text()).not.toContain("[DONE]");
    const words = (text: string): string[] => [...text.matchAll(/"content":"([^"]*)"/g)].map((match) => match[1] ?? "");
    expect(words(await (await post(openai)).text())).toEqual(words(await (await post(openai)).text()));
  });

  it("stays silent in a stall until the client goes, and notices that it went", async () => {
    const openai = await serve({ script: ["stall"] });
    const stop = new AbortController();
    const response = await post(openai, { signal: stop.signal });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    stop.abort();
    await expect(reader?.read()).rejects.toThrow();
    await expect.poll(() => simulators?.vendors.openai.requests().inFlight, { timeout: 5_000, interval: 5 }).toBe(0);
  });

  it("refuses a body beyond its limit and survives a request that breaks off", async () => {
    const openai = await serve();
    expect((await post(openai, { body: new Uint8Array(65 * 1_024 * 1_024) })).status).toBe(413);
    const { port } = new URL(openai);
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    socket.write("POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    socket.destroy();
    await once(socket, "close");
    expect((await post(openai)).status).toBe(200);
  });

  it("says so when the simulator itself fails", async () => {
    await serve();
    await served?.close();
    const { vendors, fetch: simulatedFetch } = simulators as Simulators;
    const broken = { ...vendors.openai, handle: () => Promise.reject(new Error("a mistake")) };
    served = await serveSimulators({ vendors: { ...vendors, openai: broken }, fetch: simulatedFetch }, { port: 0 });
    const response = await post(served.urls.openai);
    expect([response.status, await response.text()]).toEqual([500, "The simulator failed: Error: a mistake\n"]);
  });

  it("rejects when the port is taken", async () => {
    const openai = await serve();
    const { port } = new URL(openai);
    await expect(serveSimulators(simulators as Simulators, { port: Number(port) })).rejects.toThrow("EADDRINUSE");
  });
});
