// DeepSeek's error bodies.
import type { Answer, FailureFacts, PlainReply, StatusFault } from "../vendor-grammar.ts";

export interface DeepSeekError {
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
}

export function deepSeekError(status: number, { message, type, code }: DeepSeekError): PlainReply {
  return {
    status,
    body: {
      error: { message, type: type ?? "invalid_request_error", param: null, code: code ?? "invalid_request_error" },
    },
  };
}

export function deepSeekRefusal(status: number, message: string): Answer {
  return { kind: "plain", reply: deepSeekError(status, { message }) };
}

export function unauthorised(key: string | undefined): PlainReply {
  const message =
    key === undefined
      ? "Authentication Fails (auth header format should be Bearer sk-...)"
      : `Authentication Fails, Your api key: ****${key.slice(-4)} is invalid`;
  return deepSeekError(401, { message, type: "authentication_error" });
}

/** DeepSeek sends no retry-after header, so both 429 look alike. */
export function deepSeekFailure(fault: StatusFault, { retryAfterMs }: FailureFacts): PlainReply {
  switch (fault) {
    case "rate429":
      return { ...rateReached(), headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) } };
    case "rate429Silent":
      return rateReached();
    case "spendLimit":
      return deepSeekError(402, { message: "Insufficient Balance", type: "unknown_error" });
    case "capacity":
      return deepSeekError(503, {
        message: "Service is too busy. Please try again later.",
        type: "service_unavailable_error",
        code: "service_unavailable",
      });
    case "server500":
      return deepSeekError(500, {
        message: "Internal Server Error",
        type: "internal_server_error",
        code: "internal_server_error",
      });
    case "server502":
      return proxyPage(502, "Bad Gateway");
    case "server504":
      return proxyPage(504, "Gateway Time-out");
    case "server520":
      return proxyPage(520, "Unknown Error");
    case "server524":
      return proxyPage(524, "A Timeout Occurred");
    case "htmlBody":
      return proxyPage(502, "Bad Gateway");
  }
}

export function rateReached(): PlainReply {
  return deepSeekError(429, {
    message: "Rate limit reached: too many concurrent requests",
    type: "rate_limit_error",
    code: "rate_limit_reached",
  });
}

function proxyPage(status: number, title: string): PlainReply {
  return {
    status,
    body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n`,
  };
}
