// Google's error bodies.
import type { JsonObject } from "../../domain/json.ts";
import type { Answer, FailureFacts, PlainReply, StatusFault } from "../vendor-grammar.ts";

export interface GoogleError {
  readonly message: string;
  readonly status: string;
  readonly details?: readonly JsonObject[];
}

export function googleError(code: number, { message, status, details }: GoogleError): PlainReply {
  const error = { code, message, status, ...(details === undefined ? {} : { details }) };
  return {
    status: code,
    body: `${JSON.stringify({ error }, null, 2)}\n`,
    headers: { "content-type": "application/json; charset=UTF-8" },
  };
}

export function invalidArgument(message: string): Answer {
  return { kind: "plain", reply: googleError(400, { message, status: "INVALID_ARGUMENT" }) };
}

export function notFound(name: string, action: string): Answer {
  const message = `models/${name} is not found for API version v1beta, or is not supported for ${action}. Call ListModels to see the list of available models and their supported methods.`;
  return { kind: "plain", reply: googleError(404, { message, status: "NOT_FOUND" }) };
}

/** A missing key is 403, a wrong one 400. */
export function unauthorised(key: string | undefined): PlainReply {
  if (key === undefined) {
    return googleError(403, {
      message:
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      status: "PERMISSION_DENIED",
    });
  }
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "API_KEY_INVALID",
    domain: "googleapis.com",
    metadata: { service: "generativelanguage.googleapis.com" },
  };
  return googleError(400, {
    message: "API key not valid. Please pass a valid API key.",
    status: "INVALID_ARGUMENT",
    details: [info],
  });
}

const QUOTA_MESSAGE =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";

/** The delay stands in the body; there is no retry-after header. */
export function quotaExceeded(quotaId: string, model: string, retryAfterMs: number | undefined): PlainReply {
  const failure: JsonObject = {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [
      {
        quotaMetric: "generativelanguage.googleapis.com/generate_content_requests",
        quotaId,
        quotaDimensions: { model, location: "global" },
      },
    ],
  };
  const retry = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${(retryAfterMs ?? 0) / 1_000}s` };
  return googleError(429, {
    message: QUOTA_MESSAGE,
    status: "RESOURCE_EXHAUSTED",
    details: retryAfterMs === undefined ? [failure] : [failure, retry],
  });
}

export function googleFailure(fault: StatusFault, { retryAfterMs, model }: FailureFacts): PlainReply {
  switch (fault) {
    case "rate429":
      return quotaExceeded("GenerateRequestsPerMinutePerProjectPerModel", model, retryAfterMs);
    case "rate429Silent":
      return googleError(429, {
        message: "Resource has been exhausted (e.g. check quota).",
        status: "RESOURCE_EXHAUSTED",
      });
    case "spendLimit":
      return quotaExceeded("GenerateRequestsPerDayPerProjectPerModel", model, undefined);
    case "capacity":
      return googleError(503, OVERLOADED);
    case "server500":
      return googleError(500, {
        message:
          "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
        status: "INTERNAL",
      });
    case "server502":
      return googlePage(502, "Bad Gateway");
    case "server504":
      return googleError(504, {
        message: "Deadline expired before operation could complete.",
        status: "DEADLINE_EXCEEDED",
      });
    case "server520":
      return googlePage(520, "Unknown Error");
    case "server524":
      return googlePage(524, "A Timeout Occurred");
    case "htmlBody":
      return googlePage(502, "Bad Gateway");
  }
}

export const OVERLOADED = {
  message: "The model is overloaded. Please try again later.",
  status: "UNAVAILABLE",
} as const;

function googlePage(status: number, title: string): PlainReply {
  return {
    status,
    headers: { "content-type": "text/html; charset=UTF-8" },
    body: `<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error ${status} (${title})!!1</title>\n<p><b>${status}.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not complete your request.\n</html>\n`,
  };
}
