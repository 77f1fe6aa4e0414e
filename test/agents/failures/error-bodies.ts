// Error bodies as vendors send them, with status, class and, where it says
// more, code.
import type { FailureClass } from "../../../src/domain/failure.ts";

const claude = (type: string, message: string, errorCode?: string) => ({
  type: "error",
  error: { type, message, ...(errorCode === undefined ? {} : { details: { error_code: errorCode } }) },
  request_id: "req_1",
});
export const gemini = (code: number, status: string, rest: { message: string; details?: object[] }) => ({
  error: { code, status, ...rest },
});
export const chat = (message: string, type: string | null, code: string | number | null) => ({
  error: { message, type, param: null, code },
});
const quota = (quotaId: string) => [
  { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] },
];

type ErrorBody = [name: string, status: number, body: unknown, failureClass: FailureClass, code?: string];

export const ERROR_BODIES: ErrorBody[] = [
  [
    "Anthropic bad parameter",
    400,
    claude("invalid_request_error", "This model does not support effort level 'xhigh'."),
    "request",
  ],
  [
    "Anthropic own spend limit",
    400,
    claude("invalid_request_error", "You have reached your specified API usage limits."),
    "budget",
  ],
  [
    "Anthropic low credit",
    400,
    claude("invalid_request_error", "Your credit balance is too low to access the API."),
    "budget",
  ],
  [
    "Anthropic overflow",
    400,
    claude("invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum"),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  ["Anthropic key", 401, claude("authentication_error", "invalid x-api-key"), "auth"],
  ["Anthropic billing", 402, claude("billing_error", "Your account is past due"), "budget"],
  ["Anthropic permission", 403, claude("permission_error", "no access"), "auth"],
  ["Anthropic model", 404, claude("not_found_error", "model: claude-sonet-4-5"), "request"],
  ["Anthropic conflict", 409, claude("conflict_error", "conflict"), "request"],
  [
    "Anthropic size",
    413,
    claude("request_too_large", "Request exceeds the maximum size"),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  [
    "Cloudflare size",
    413,
    "<html><head><title>413 Request Entity Too Large</title></head></html>",
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  ["Anthropic rate", 429, claude("rate_limit_error", "This request would exceed your rate limit"), "rate"],
  ["Anthropic ramp", 429, claude("rate_limit_error", "ramp", "ramp_limit_exceeded"), "rate"],
  ["Anthropic tier cap", 429, claude("rate_limit_error", "cap", "enforced_spend_limit_reached"), "budget"],
  ["Anthropic contract cap", 429, claude("rate_limit_error", "cap", "contract_spend_limit_reached"), "budget"],
  ["Anthropic internal", 500, claude("api_error", "Internal server error"), "transient"],
  ["Anthropic timeout", 504, claude("timeout_error", "timed out"), "transient"],
  ["Anthropic overload", 529, claude("overloaded_error", "Overloaded"), "capacity"],
  [
    "Gemini bad key",
    400,
    gemini(400, "INVALID_ARGUMENT", {
      message: "API key not valid. Please pass a valid API key.",
      details: [{ reason: "API_KEY_INVALID" }],
    }),
    "auth",
  ],
  [
    "Gemini bad schema",
    400,
    gemini(400, "INVALID_ARGUMENT", { message: "Request contains an invalid argument." }),
    "request",
  ],
  [
    "Gemini overflow",
    400,
    gemini(400, "INVALID_ARGUMENT", {
      message: "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
    }),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  ["Gemini region", 400, gemini(400, "FAILED_PRECONDITION", { message: "User location is not supported" }), "request"],
  [
    "Gemini signature",
    400,
    gemini(400, "INVALID_ARGUMENT", {
      message: "Function call is missing a thought_signature in functionCall parts.",
    }),
    "request",
  ],
  ["Gemini permission", 403, gemini(403, "PERMISSION_DENIED", { message: "denied" }), "auth"],
  [
    "Gemini model",
    404,
    gemini(404, "NOT_FOUND", { message: "models/x is not found for API version v1beta" }),
    "request",
  ],
  [
    "Gemini minute",
    429,
    gemini(429, "RESOURCE_EXHAUSTED", {
      message: "You exceeded your current quota, please check your plan and billing details.",
      details: quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
    }),
    "rate",
  ],
  [
    "Gemini day",
    429,
    gemini(429, "RESOURCE_EXHAUSTED", {
      message: "You exceeded your current quota",
      details: quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
    }),
    "budget",
  ],
  ["Gemini bare 429", 429, gemini(429, "RESOURCE_EXHAUSTED", { message: "Resource has been exhausted" }), "rate"],
  ["Gemini internal", 500, gemini(500, "INTERNAL", { message: "internal" }), "transient"],
  [
    "Gemini overload",
    503,
    gemini(503, "UNAVAILABLE", { message: "The model is overloaded. Please try again later." }),
    "capacity",
  ],
  ["Gemini deadline", 504, gemini(504, "DEADLINE_EXCEEDED", { message: "deadline" }), "transient"],
  [
    "DeepSeek key",
    401,
    chat("Authentication Fails, Your api key: ****cd15 is invalid", "authentication_error", "invalid_request_error"),
    "auth",
  ],
  ["DeepSeek balance", 402, chat("Insufficient Balance", "unknown_error", "invalid_request_error"), "budget"],
  ["DeepSeek parameters", 422, chat("invalid parameters", "invalid_request_error", null), "request"],
  [
    "DeepSeek echo",
    400,
    chat(
      "The `reasoning_content` in the thinking mode must be passed back to the API.",
      "invalid_request_error",
      "invalid_request_error",
    ),
    "request",
  ],
  ["DeepSeek rate", 429, chat("Too many requests", "rate_limit", null), "rate"],
  ["DeepSeek overload", 503, chat("Service is too busy", "service_unavailable", null), "capacity"],
  [
    "OpenAI key",
    401,
    chat("Incorrect API key provided: sk-ab***cd", "invalid_request_error", "invalid_api_key"),
    "auth",
  ],
  [
    "OpenAI region",
    403,
    chat("Country not supported", "request_forbidden", "unsupported_country_region_territory"),
    "auth",
  ],
  ["OpenAI model", 404, chat("The model `x` does not exist", "invalid_request_error", "model_not_found"), "request"],
  ["OpenAI parameter", 400, chat("Unsupported parameter: 'temperature'", "invalid_request_error", null), "request"],
  [
    "OpenAI overflow",
    400,
    chat("Your input exceeds the context window of this model.", "invalid_request_error", "context_length_exceeded"),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  ["OpenAI rate", 429, chat("Rate limit reached", "requests", "rate_limit_exceeded"), "rate"],
  ["OpenAI slow down", 429, chat("slow", "rate_limit_error", "slow_down"), "rate"],
  ["OpenAI quota", 429, chat("You exceeded your current quota", "insufficient_quota", "insufficient_quota"), "budget"],
  ["OpenAI credit", 429, chat("no credit", "billing", "credit_balance_exhausted"), "budget"],
  ["OpenAI internal", 500, chat("The server had an error", "server_error", null), "transient"],
  ["OpenAI overload", 503, chat("busy", "service_unavailable_error", "server_is_overloaded"), "capacity"],
  ["OpenAI content", 400, chat("flagged", "invalid_request_error", "content_policy_violation"), "policy"],
  ["z.ai overflow", 400, { error: { code: "1261", message: "Prompt too long" } }, "request", "CONTEXT_TOO_LARGE"],
  ["z.ai plan", 429, { error: { code: "1308", message: "Usage limit reached for 5 hour" } }, "budget"],
  [
    "Groq overflow",
    400,
    chat("Please reduce the length of the messages or completion.", "invalid_request_error", null),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  [
    "Kimi overflow",
    400,
    chat("Your request exceeded model token limit: 262144 (requested: 300000)", "invalid_request_error", null),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  [
    "Qwen overflow",
    400,
    chat("Range of input length should be [1, 129024]", "invalid_request_error", null),
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  [
    "xAI overflow",
    400,
    {
      code: "Client specified an invalid argument",
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    },
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  [
    "Mistral overflow",
    400,
    {
      object: "error",
      message: "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      type: "invalid_request_error",
    },
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  [
    "vLLM overflow",
    400,
    {
      object: "error",
      message: "This model's maximum context length is 4096 tokens.",
      type: "BadRequestError",
      code: 400,
    },
    "request",
    "CONTEXT_TOO_LARGE",
  ],
  ["a gateway's page", 502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "transient"],
  ["Cloudflare", 520, "error code: 520", "transient"],
  ["Cloudflare timeout", 524, "", "transient"],
  ["an unknown 4xx", 418, "teapot", "request"],
  ["an unknown 5xx", 599, "", "transient"],
  ["a request timeout", 408, "", "transient"],
  ["FastAPI detail", 422, { detail: [{ msg: "field required", type: "missing" }] }, "request"],
];
