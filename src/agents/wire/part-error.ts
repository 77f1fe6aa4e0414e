// Errors as the provider libraries hand them over, in a stream or thrown,
// recognised by shape: two copies of a library have two error classes.
import type { Failure } from "../../domain/failure.ts";
import { classify, failureOf } from "../failures/classifier.ts";
import { evidenceOf } from "../failures/evidence.ts";
import { networkFailure } from "../failures/network-failure.ts";
import { holdsError, isRecord, parseJson } from "../json-shape.ts";
import type { NetworkRecord } from "./watched-fetch.ts";
import type { Wire } from "./wire.ts";

export interface ErrorContext {
  readonly wire: Wire;
  readonly network: NetworkRecord;
  readonly nowMs: number;
  readonly redact: (text: string) => string;
}

/** The failure that an error part of a stream stands for; undefined where it is of no concern. */
export function partFailure(error: unknown, context: ErrorContext): Failure | undefined {
  const name = error instanceof Error ? error.name : "";
  if (name === "AI_TypeValidationError" && context.wire.isForeignFrame((error as { value?: unknown }).value)) {
    return undefined;
  }
  return thrownFailure(error, context);
}

/** The failure that something thrown by the library or the network stands for. */
export function thrownFailure(error: unknown, { network, nowMs, redact }: ErrorContext): Failure {
  if (network.error !== undefined) return networkFailure(network.error, redact);
  const { headers } = network;
  const own = network.status !== undefined && network.status >= 400 ? network.status : undefined;
  const body = bodyOf(error, own !== undefined);
  if (body !== undefined)
    return classify(evidenceOf({ status: own ?? statusOf(error), headers, body }), { nowMs, redact });
  if (own !== undefined) return classify(evidenceOf({ status: own, headers }), { nowMs, redact });
  if (network.status !== undefined) return brokenReply(error, redact);
  return failureOf("request", `the request could not be built: ${sentenceOf(error)}`);
}

/** The reply began well; then the line broke, or a frame was not what the format says. */
function brokenReply(error: unknown, redact: (text: string) => string): Failure {
  const name = error instanceof Error ? error.name : "";
  if (name === "AI_JSONParseError" || name === "AI_TypeValidationError" || name === "AI_InvalidResponseDataError") {
    return failureOf("transient", "the reply holds a part that is not as the format says");
  }
  return networkFailure(error, redact);
}

/** The vendor's own error object or text, wherever the library put it; the text of a good reply is none. */
function bodyOf(error: unknown, isRefusal: boolean): unknown {
  if (!isRecord(error)) return undefined;
  const { responseBody, data, value, cause } = error as Record<"responseBody" | "data" | "value" | "cause", unknown>;
  if (typeof responseBody === "string" && (isRefusal || holdsError(parseJson(responseBody)))) return responseBody;
  if (isRecord(data)) return data;
  if (holdsError(value)) return value;
  return error instanceof Error ? bodyOf(cause, isRefusal) : error;
}

/** What the library took the error's status for; only where the vendor named none. */
function statusOf(error: unknown): number | undefined {
  const status = isRecord(error) ? error.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
