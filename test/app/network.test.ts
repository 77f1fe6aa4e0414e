// Which proxy, and that calls to vendors of one's own go where they should.
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createNetwork } from "../../src/app/network.ts";
import { proxyFor } from "../../src/app/proxy.ts";
import { vendorRecords } from "../../src/app/vendor-records.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createSimulators, SIMULATED_HEADER } from "../../src/simulators/index.ts";
import { verifies } from "../requirements.ts";
import { open } from "./open.ts";

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the proxy", () => {
  const https = "https://api.anthropic.com/v1";
  const http = "http://10.0.0.7:8000/v1";
  it.each([
    [{}, https, undefined],
    [{ HTTPS_PROXY: "http://p:1" }, https, "http://p:1"],
    [{ https_proxy: "http://p:2", HTTPS_PROXY: "http://p:1" }, https, "http://p:2"],
    [{ HTTPS_PROXY: "http://p:1" }, http, undefined],
    [{ HTTP_PROXY: "http://p:3" }, http, "http://p:3"],
    [{ ALL_PROXY: "http://p:4" }, http, "http://p:4"],
    [{ ALL_PROXY: "http://p:4", NO_PROXY: "*" }, https, undefined],
    [{ ALL_PROXY: "http://p:4", NO_PROXY: "other.example, anthropic.com" }, https, undefined],
    [{ ALL_PROXY: "http://p:4", NO_PROXY: ".anthropic.com," }, https, undefined],
    [{ ALL_PROXY: "http://p:4", no_proxy: "10.0.0.7:8000" }, http, undefined],
    [{ ALL_PROXY: "http://p:4", HTTP_PROXY: "http://p:3" }, "http://127.0.0.1:11434/v1", undefined],
    [{ HTTP_PROXY: "http://p:3" }, "http://localhost:11434/v1", undefined],
    [{ ALL_PROXY: "http://p:4", no_proxy: "10.0.0.7:9000,hropic.com" }, https, "http://p:4"],
  ])("of %j for %s is %s", (environment, baseUrl, expected) => {
    expect(proxyFor({ baseUrl }, environment)).toBe(expected);
  });

  it("that the configuration names for a vendor wins over every variable", () => {
    const environment = { HTTPS_PROXY: "http://p:1", NO_PROXY: "*" };
    expect(proxyFor({ baseUrl: https, configured: "http://own:1" }, environment)).toBe("http://own:1");
  });
});

describe("the network", () => {
  it("has one pool for each proxy, for the vendors behind it", async () => {
    const vendors = {
      box: { wire: "openai-compatible-chat", baseUrl: "http://127.0.0.1:9/v1" },
      google: { proxy: "http://127.0.0.1:10" },
      deepseek: { proxy: "http://127.0.0.1:10" },
    } as const;
    const network = createNetwork(vendorRecords({ vendors }), { vendors }, {});
    expect(Object.keys(network.fetchByVendor).sort()).toEqual(["deepseek", "google"]);
    expect(network.fetchByVendor.google).toBe(network.fetchByVendor.deepseek);
    await network.close();
    expect(() => createNetwork(vendorRecords({ vendors: {} }), { vendors: {} }, { HTTPS_PROXY: "nonsense" })).toThrow(
      expect.objectContaining({ code: "PROXY_INVALID" }) as Error,
    );
  });

  it("carries a conversation with servers of one's own, over real HTTP, each with its key", async () => {
    verifies("R2.2");
    const { openai } = createSimulators({ clock: createSystemClock(), seed: 1 }).vendors;
    const reply = async (incoming: IncomingMessage): Promise<Response> => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method = "GET", url = "/" } = incoming;
      const headers = { authorization: incoming.headers.authorization ?? "", "content-type": "application/json" };
      const body = method === "POST" ? { body: Buffer.concat(chunks).toString() } : {};
      const path = new URL(url, "http://own.example").pathname;
      return openai.handle(new Request(`https://api.openai.com${path}`, { method, headers, ...body }));
    };
    const answer = createServer((incoming, outgoing) => {
      void reply(incoming).then(async (response) => {
        const { status, headers } = response;
        headers.delete(SIMULATED_HEADER);
        outgoing.writeHead(status, Object.fromEntries(headers.entries()));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      });
    });
    const direct = await listen(answer);
    const seen: string[] = [];
    answer.on("request", ({ url = "", headers }) => seen.push(`${url} ${headers.authorization}`));
    const polylogue = await open({
      environment: { ONE: "planted-key-one", TWO: "planted-key-two" },
      config: {
        vendors: {
          one: { wire: "openai-chat", baseUrl: `${direct}/v1`, keyEnv: "ONE" },
          two: { wire: "openai-chat", baseUrl: `${direct}/v1`, keyEnv: "ONE" },
        },
        agents: {
          first: { vendor: "one", model: "gpt-6-luna" },
          second: { vendor: "two", model: "gpt-6.1-terra", key: "TWO" },
        },
      },
    });
    const result = await polylogue.ask({ question: "One writer or many?", as: "gather" });
    expect(result).toMatchObject({ status: "decided", simulated: false, quorum: { answered: ["first", "second"] } });
    expect(new Set(seen.filter((line) => line.startsWith("/v1/chat")))).toEqual(
      new Set(["/v1/chat/completions Bearer planted-key-one", "/v1/chat/completions Bearer planted-key-two"]),
    );
  });
});
