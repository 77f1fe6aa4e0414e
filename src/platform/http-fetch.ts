// The network seam: one `fetch` for all outgoing HTTP, on undici, with an
// optional proxy. It never gives up by itself while a reply is under way.
import { Agent, type Dispatcher, ProxyAgent, fetch as undiciFetch } from "undici";
import { PolylogueError } from "../domain/errors.ts";

/** What everything that speaks HTTP takes: the shape of the platform's own `fetch`. */
export type FetchLike = (input: Request | string | URL, init?: RequestInit) => Promise<Response>;

export interface HttpFetchOptions {
  /** `http://` or `https://`, with credentials in the URL if the proxy wants them. */
  readonly proxyUrl?: string;
  /** How long a connection may take to open, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** Open connections per host at most. */
  readonly connectionsMax?: number;
}

export interface HttpFetch {
  readonly fetch: FetchLike;
  /** Closes idle connections, waits for the others. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS_DEFAULT = 15_000;
const CONNECTIONS_MAX_DEFAULT = 256;

/**
 * undici would end a reply whose headers or next bytes take longer than 300
 * seconds; models may think longer, and the callers' watchdogs rule, so both
 * limits are off here. Throws `PROXY_INVALID` for a proxy that is no HTTP URL.
 */
export function createHttpFetch(options: HttpFetchOptions = {}): HttpFetch {
  const dispatcher = createDispatcher(options);
  return {
    // undici's own Request, Response and FormData are the same standard by another type.
    fetch: (input, init) =>
      undiciFetch(input as never, { ...init, dispatcher } as never) as unknown as Promise<Response>,
    close: () => dispatcher.close(),
  };
}

function createDispatcher(options: HttpFetchOptions): Dispatcher {
  const limits = {
    headersTimeout: 0,
    bodyTimeout: 0,
    connections: options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT,
    connectTimeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS_DEFAULT,
  };
  if (options.proxyUrl === undefined) return new Agent(limits);
  return new ProxyAgent({ ...limits, uri: proxyUri(options.proxyUrl) });
}

/** The message leaves the URL out: it may hold a password. */
function proxyUri(proxyUrl: string): string {
  const url = URL.parse(proxyUrl);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new PolylogueError("PROXY_INVALID", {
      message: "the proxy is not an http:// or https:// URL",
      mend: "give a proxy like http://proxy.example:3128",
    });
  }
  return url.href;
}
