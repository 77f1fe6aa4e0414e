// OpenAI's error bodies.
import type { Answer, FailureFacts, PlainReply, StatusFault } from "../vendor-grammar.ts";

export interface OpenAiError {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

export function openAiError(status: number, { message, type, param, code }: OpenAiError): PlainReply {
  return {
    status,
    body: { error: { message, type: type ?? "invalid_request_error", param: param ?? null, code: code ?? null } },
  };
}

export function openAiRefusal(status: number, error: OpenAiError): Answer {
  return { kind: "plain", reply: openAiError(status, error) };
}

export function unauthorised(key: string | undefined): PlainReply {
  if (key === undefined) {
    return openAiError(401, {
      message:
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    });
  }
  const masked = key.length > 8 ? `${key.slice(0, 4)}${"*".repeat(8)}${key.slice(-4)}` : "*".repeat(8);
  const message = `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`;
  return openAiError(401, { message, code: "invalid_api_key" });
}

export function openAiFailure(fault: StatusFault, { retryAfterMs, model }: FailureFacts): PlainReply {
  switch (fault) {
    case "rate429": {
      const reply = openAiError(429, {
        message: `Rate limit reached for ${model} in organization org-simulated on requests per min (RPM). Please try again in ${goDuration(retryAfterMs)}.`,
        type: "requests",
        code: "rate_limit_exceeded",
      });
      return {
        ...reply,
        headers: {
          "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1_000))),
          "retry-after-ms": String(retryAfterMs),
        },
      };
    }
    case "rate429Silent":
      return openAiError(429, {
        message: "Slow down. Your request rate rose too quickly; reduce it to its original level.",
        type: "rate_limit_error",
        code: "slow_down",
      });
    case "spendLimit":
      return openAiError(429, {
        message:
          "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        type: "insufficient_quota",
        code: "insufficient_quota",
      });
    case "capacity":
      return openAiError(503, {
        message: "The server is currently overloaded with other requests. Please try again later.",
        type: "service_unavailable_error",
        code: "server_is_overloaded",
      });
    case "server500":
      return openAiError(500, {
        message: "The server had an error while processing your request. Sorry about that!",
        type: "server_error",
      });
    case "server502":
      return proxyPage(502, "Bad gateway");
    case "server504":
      return proxyPage(504, "Gateway time-out");
    case "server520":
      return proxyPage(520, "Web server is returning an unknown error");
    case "server524":
      return proxyPage(524, "A timeout occurred");
    case "htmlBody":
      return proxyPage(502, "Bad gateway");
  }
}

function proxyPage(status: number, title: string): PlainReply {
  return {
    status,
    body: `<!DOCTYPE html>\n<html lang="en-US">\n<head><title>api.openai.com | ${status}: ${title}</title></head>\n<body><h1>${title} <span>Error code ${status}</span></h1></body>\n</html>\n`,
  };
}

/** Go's way to print a duration: `6m0s`, `1.5s`, `547ms`. */
export function goDuration(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.round(ms % 60_000) / 1_000;
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}
