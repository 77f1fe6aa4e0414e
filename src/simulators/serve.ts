// The simulators on a real HTTP server: real resets, stalls and split packets.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isConnectionFault } from "./reply-stream.ts";
import { SIMULATED_VENDORS, type SimulatedVendor, type Simulators, type VendorSimulator } from "./simulator.ts";

export interface ServeOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
}

export interface ServedSimulators {
  /** The base URL of each vendor: `http://127.0.0.1:PORT/anthropic` and so on, in place of `https://api.anthropic.com`. */
  readonly urls: Readonly<Record<SimulatedVendor, string>>;
  /** Cuts all connections. */
  close(): Promise<void>;
}

/** Rejects when the port cannot be had. */
export async function serveSimulators(simulators: Simulators, options: ServeOptions): Promise<ServedSimulators> {
  const host = options.host ?? "127.0.0.1";
  const server = createServer((incoming, outgoing) => {
    const { socket } = incoming;
    serveOne(simulators, incoming, outgoing).catch((error: unknown) => {
      // A refused connection or a reset is a broken socket on a real wire; so is a client that went.
      if (outgoing.headersSent || isConnectionFault(error) || socket.destroyed) socket.resetAndDestroy();
      else outgoing.writeHead(500, { "content-type": "text/plain" }).end(`The simulator failed: ${String(error)}\n`);
    });
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const urls = Object.fromEntries(SIMULATED_VENDORS.map((vendor) => [vendor, `http://${host}:${port}/${vendor}`]));
  return {
    urls: urls as Record<SimulatedVendor, string>,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const BODY_BYTES_MAX = 64 * 1_024 * 1_024;

async function serveOne(simulators: Simulators, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const [, name = "", rest = "/"] = /^\/([^/?]+)(.*)$/.exec(incoming.url ?? "") ?? [];
  const vendor = (simulators.vendors as Readonly<Record<string, VendorSimulator | undefined>>)[name];
  if (vendor === undefined) {
    outgoing
      .writeHead(404, { "content-type": "text/plain" })
      .end(`No vendor ${name}; try ${SIMULATED_VENDORS.join(", ")}.\n`);
    return;
  }
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort(new Error("the client closed the connection")));
  const body = await bodyOf(incoming);
  if (body === undefined) {
    outgoing.writeHead(413, { "content-type": "text/plain" }).end(`The body has more than ${BODY_BYTES_MAX} bytes.\n`);
    return;
  }
  const request = new Request(`${vendor.baseUrl}${rest}`, {
    method: incoming.method ?? "GET",
    headers: headersOf(incoming),
    signal: gone.signal,
    ...(body.length === 0 ? {} : { body }),
  });
  await send(await vendor.handle(request), outgoing);
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

/** `undefined` when it is too large; it is then read to its end, so that the client hears the answer. */
async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size <= BODY_BYTES_MAX) parts.push(part);
  }
  return size > BODY_BYTES_MAX ? undefined : Uint8Array.from(Buffer.concat(parts));
}

/** Every piece of the body is written as a packet of its own; a body that errors resets the socket. */
async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.socket?.setNoDelay(true);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  if (response.body !== null) {
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once("drain", resolve));
    }
  }
  outgoing.end();
}
