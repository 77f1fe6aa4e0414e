// Calls that got no reply, or lost it on the way.
import type { Failure } from "../../domain/failure.ts";
import { failureOf } from "./classifier.ts";

/** Codes of Node's sockets and of undici, with what they mean to a person. */
const NETWORK_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused; is the server running?",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed while sending",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the name server did not answer",
  UND_ERR_CONNECT_TIMEOUT: "the connection did not open in time",
  UND_ERR_SOCKET: "the connection broke",
  UND_ERR_HEADERS_TIMEOUT: "no reply came in time",
  UND_ERR_BODY_TIMEOUT: "the reply stalled",
  UND_ERR_PRX_TLS: "the proxy refused the connection",
};
/** The request never left: there was no connection to send it on. */
const UNSENT_CODES: readonly string[] = [
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_TLS",
];
const TLS_CODE = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_SSL)/;
const CAUSES_MAX = 8;

/** Always transient: a key or a request is never the reason for a broken line. */
export function networkFailure(error: unknown, redact: (text: string) => string): Failure {
  const chain = causesOf(error);
  const code = chain.map(codeOf).find((candidate) => candidate !== undefined);
  const message = chain.at(-1)?.message ?? String(error);
  const known = code === undefined ? undefined : NETWORK_CODES[code];
  const tls = code !== undefined && TLS_CODE.test(code) ? "the server's certificate was not accepted" : undefined;
  const text = known ?? tls ?? redact(message);
  return failureOf("transient", code === undefined ? `no reply: ${text}` : `no reply: ${text} (${code})`);
}

/** False also where it is not known. */
export function neverSent(error: unknown): boolean {
  const code = causesOf(error)
    .map(codeOf)
    .find((candidate) => candidate !== undefined);
  return code !== undefined && (UNSENT_CODES.includes(code) || TLS_CODE.test(code));
}

function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < CAUSES_MAX; at = firstCause(at)) chain.push(at);
  return chain;
}

/** A host with several addresses fails with one error for each. */
function firstCause(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : error.cause;
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}
