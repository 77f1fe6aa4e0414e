// The network seam against real servers on the loopback interface.
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpFetch, type HttpFetch } from "../../src/platform/http-fetch.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function opened(http: HttpFetch): HttpFetch {
  cleanups.unshift(() => http.close());
  return http;
}

const echo = (): Server =>
  createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method: request.method, url: request.url, key: request.headers["x-key"], body }));
    });
  });

describe("createHttpFetch", () => {
  it("sends and reads as the standard fetch does", async () => {
    const base = await serve(echo());
    const { fetch } = opened(createHttpFetch());
    const response = await fetch(`${base}/path?q=1`, { method: "POST", headers: { "x-key": "k" }, body: "hello" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ method: "POST", url: "/path?q=1", key: "k", body: "hello" });
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  it("streams, and closes the connection when the signal says so", async () => {
    let isClosed: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    const base = await serve(
      createServer((_request, response) => {
        response.on("close", () => isClosed?.());
        response.write("first");
      }),
    );
    const { fetch } = opened(createHttpFetch());
    const controller = new AbortController();
    const response = await fetch(base, { signal: controller.signal });
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("first");
    controller.abort();
    await closed;
    await expect(reader?.read()).rejects.toThrow();
  });

  it("goes through a proxy, with its credentials", async () => {
    const target = await serve(echo());
    const asked: (string | undefined)[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url, request.headers["proxy-authorization"]);
      const url = new URL(target);
      const upstream = connect(Number(url.port), url.hostname, () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(socket);
        socket.pipe(upstream);
      });
      socket.on("close", () => upstream.destroy());
      upstream.on("error", () => socket.destroy());
      socket.on("error", () => upstream.destroy());
    });
    const proxyUrl = (await serve(proxy)).replace("http://", "http://user:pass@");
    const { fetch } = opened(createHttpFetch({ proxyUrl }));
    expect(await (await fetch(`${target}/through`)).json()).toMatchObject({ url: "/through" });
    expect(asked[0]).toBe(new URL(target).host);
    expect(asked[1]).toBe(`Basic ${Buffer.from("user:pass").toString("base64")}`);
  });

  it("rejects when nobody listens", async () => {
    const server = echo();
    const base = await serve(server);
    await new Promise((resolve) => server.close(resolve));
    const { fetch } = opened(createHttpFetch({ connectTimeoutMs: 1_000, connectionsMax: 2 }));
    await expect(fetch(base)).rejects.toThrow("fetch failed");
  });

  it.each(["not a url", "socks5://127.0.0.1:1080", "ftp://user:secret@proxy"])(
    "refuses the proxy %j without repeating it",
    (proxyUrl) => {
      expect(() => createHttpFetch({ proxyUrl })).toThrow(
        expect.objectContaining({ code: "PROXY_INVALID", message: expect.not.stringContaining(proxyUrl) }),
      );
    },
  );
});
