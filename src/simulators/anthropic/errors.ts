// Anthropic's error bodies, word for word where they are known.
import type { JsonObject } from "../../domain/json.ts";
import type { Answer, FailureFacts, IdMaker, PlainReply, StatusFault } from "../vendor-grammar.ts";

const TYPES: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  502: "api_error",
  504: "timeout_error",
  520: "api_error",
  524: "timeout_error",
  529: "overloaded_error",
};

export function requestId(ids: IdMaker): string {
  return `req_011C${ids.token(20)}`;
}

export interface ErrorFacts {
  readonly message: string;
  readonly ids: IdMaker;
  readonly errorCode?: string;
}

export function claudeError(status: number, { message, ids, errorCode }: ErrorFacts): PlainReply {
  const error: JsonObject = {
    type: TYPES[status] ?? "api_error",
    message,
    ...(errorCode === undefined ? {} : { details: { error_code: errorCode } }),
  };
  return { status, body: { type: "error", error, request_id: requestId(ids) } };
}

export function claudeRefusal(status: number, message: string, ids: IdMaker): Answer {
  return { kind: "plain", reply: claudeError(status, { message, ids }) };
}

export function unauthorised(key: string | undefined, ids: IdMaker): PlainReply {
  const message = key === undefined ? "x-api-key header is required" : "invalid x-api-key";
  return claudeError(401, { message, ids });
}

export function proxyPage(status: number, title: string): PlainReply {
  const page = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n`;
  return { status, body: page };
}

export function claudeFailure(fault: StatusFault, { retryAfterMs, ids }: FailureFacts): PlainReply {
  const seconds = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  switch (fault) {
    case "rate429":
      return {
        ...rateError("This request would exceed your organization's rate limit of requests per minute.", ids),
        headers: { "retry-after": seconds },
      };
    case "rate429Silent":
      return rateError("Number of concurrent requests has exceeded your rate limit. Please try again later.", ids);
    case "spendLimit":
      return claudeError(429, {
        message: "Your organization has reached its monthly spend limit.",
        errorCode: "enforced_spend_limit_reached",
        ids,
      });
    case "capacity":
      return claudeError(529, { message: "Overloaded", ids });
    case "server500":
      return claudeError(500, { message: "Internal server error", ids });
    case "server502":
      return claudeError(502, { message: "Bad gateway", ids });
    case "server504":
      return claudeError(504, { message: "Request timed out", ids });
    case "server520":
      return proxyPage(520, "Web server is returning an unknown error");
    case "server524":
      return proxyPage(524, "A timeout occurred");
    case "htmlBody":
      return proxyPage(502, "Bad Gateway");
  }
}

function rateError(message: string, ids: IdMaker): PlainReply {
  return claudeError(429, { message, ids });
}
