// Error bodies as vendors really send them, and the class each must get.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify, failureOf, finishFailure } from "../../../src/agents/failures/classifier.ts";
import { evidenceOf } from "../../../src/agents/failures/evidence.ts";
import { networkFailure } from "../../../src/agents/failures/network-failure.ts";
import { isErrorCode } from "../../../src/domain/errors.ts";
import { FAILURE_CLASSES } from "../../../src/domain/failure.ts";
import { createBench, jsonReply, requestFor } from "../model-agent-bench.ts";
import { GRAMMARS } from "../vendor-replies.ts";

const options = { nowMs: 0, redact: (text: string) => text };
const classOf = (status: number | undefined, body: unknown) => classify(evidenceOf({ status, body }), options);
const claude = (type: string, message: string, errorCode?: string) => ({
  type: "error",
  error: { type, message, ...(errorCode === undefined ? {} : { details: { error_code: errorCode } }) },
  request_id: "req_1",
});
const gemini = (code: number, status: string, rest: { message: string; details?: object[] }) => ({
  error: { code, status, ...rest },
});
const chat = (message: string, type: string | null, code: string | number | null) => ({
  error: { message, type, param: null, code },
});
const quota = (quotaId: string) => [
  { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] },
];

describe("classify", () => {
  it.each<[string, number, unknown, string, string?]>([
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
    [
      "Gemini region",
      400,
      gemini(400, "FAILED_PRECONDITION", { message: "User location is not supported" }),
      "request",
    ],
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
    [
      "OpenAI quota",
      429,
      chat("You exceeded your current quota", "insufficient_quota", "insufficient_quota"),
      "budget",
    ],
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
        message:
          "Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
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
    [
      "a gateway's page",
      502,
      "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
      "transient",
    ],
    ["Cloudflare", 520, "error code: 520", "transient"],
    ["Cloudflare timeout", 524, "", "transient"],
    ["an unknown 4xx", 418, "teapot", "request"],
    ["an unknown 5xx", 599, "", "transient"],
    ["a request timeout", 408, "", "transient"],
    ["FastAPI detail", 422, { detail: [{ msg: "field required", type: "missing" }] }, "request"],
  ])("%s", (...[, status, body, failureClass, code]) => {
    const failure = classOf(status, body);
    expect(failure).toMatchObject({ class: failureClass, status });
    if (code !== undefined) expect(failure.code).toBe(code);
    expect(isErrorCode(failure.code)).toBe(true);
    expect(classOf(status, typeof body === "string" ? body : JSON.stringify(body))).toEqual(failure);
  });

  it("finds the sentence wherever it is", () => {
    expect(classOf(400, chat("Bad thing.", null, null)).reason).toBe("HTTP 400: Bad thing.");
    expect(classOf(422, { detail: [{ msg: "field required" }] }).reason).toBe("HTTP 422: field required");
    expect(classOf(502, "<title>502 Bad Gateway</title>").reason).toBe("HTTP 502: 502 Bad Gateway");
    expect(classOf(500, "<p>Something   broke</p>").reason).toBe("HTTP 500: Something broke");
    expect(classOf(500, "").reason).toBe("HTTP 500: the vendor said nothing more");
    expect(classOf(400, [{ error: { message: "first" } }]).reason).toBe("HTTP 400: first");
    expect(classOf(400, chat("x".repeat(900), null, null)).reason.length).toBeLessThan(420);
    expect(classOf(undefined, { error: { message: "no status" } }).reason).toBe("no status");
  });

  it("takes the status out of an error object inside a good reply", () => {
    expect(classOf(200, gemini(503, "X", { message: "busy" }))).toMatchObject({ class: "capacity", status: 503 });
    expect(classOf(200, { error: { status_code: 429, message: "later" } })).toMatchObject({
      class: "rate",
      status: 429,
    });
    expect(classOf(200, [gemini(429, "X", { message: "later" })])).toMatchObject({ class: "rate" });
    expect(classOf(200, "nothing at all").status).toBeUndefined();
  });

  it("never shows a secret", () => {
    const failure = classify(
      evidenceOf({ status: 401, body: chat("Incorrect API key provided: my-secret-key", null, null) }),
      {
        ...options,
        redact: (text) => text.replaceAll("my-secret-key", "[redacted]"),
      },
    );
    expect(failure.reason).toBe("HTTP 401: Incorrect API key provided: [redacted]");
  });

  it("always comes to one of the seven classes, with a code of the catalogue, whatever the body", () => {
    fc.assert(
      fc.property(
        fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
        fc.oneof(fc.jsonValue(), fc.string()),
        (status, body) => {
          const failure = classOf(status, body);
          expect(FAILURE_CLASSES).toContain(failure.class);
          expect(isErrorCode(failure.code)).toBe(true);
          expect(failure.reason).not.toBe("");
        },
      ),
    );
  });
});

describe("finish words and network errors", () => {
  it("knows the words that are failures, in any case", () => {
    expect(finishFailure("INSUFFICIENT_SYSTEM_RESOURCE")).toMatchObject({ class: "capacity", code: "VENDOR_CAPACITY" });
    expect(finishFailure("stop")).toBeUndefined();
    expect(finishFailure(undefined)).toBeUndefined();
    expect(failureOf("transient", "why", "ANSWER_EMPTY")).toEqual({
      class: "transient",
      code: "ANSWER_EMPTY",
      reason: "why",
    });
  });

  const same = (text: string): string => text;
  const withCode = (code: string, message = "boom") => Object.assign(new Error(message), { code });

  it.each([
    ["ECONNREFUSED", /refused/],
    ["ECONNRESET", /reset/],
    ["ENOTFOUND", /host name/],
    ["UND_ERR_CONNECT_TIMEOUT", /did not open/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /certificate/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /certificate/],
    ["EWEIRD", /boom \(EWEIRD\)/],
  ])("says what %s means", (code, text) => {
    const failure = networkFailure(new TypeError("fetch failed", { cause: withCode(code) }), same);
    expect(failure).toMatchObject({
      class: "transient",
      code: "VENDOR_TRANSIENT",
      reason: expect.stringMatching(text),
    });
    expect(failure.reason).toContain(code);
  });

  it("looks into the several causes of a host with several addresses, and copes with none", () => {
    const many = new AggregateError([withCode("ECONNREFUSED"), withCode("ETIMEDOUT")]);
    expect(networkFailure(new TypeError("fetch failed", { cause: many }), same).reason).toContain("refused");
    expect(networkFailure(new Error("plain"), same).reason).toBe("no reply: plain");
    expect(networkFailure("not even an error", same).reason).toBe("no reply: not even an error");
  });

  it("a call that cannot connect ends in a transient error without a charge", async () => {
    const { run } = createBench(() =>
      Promise.reject(new TypeError("fetch failed", { cause: withCode("ECONNREFUSED") })),
    );
    const last = (await run(requestFor(GRAMMARS.anthropic))).at(-1);
    expect(last).toMatchObject({
      type: "error",
      failure: { class: "transient", reason: expect.stringContaining("ECONNREFUSED") },
      partial: [],
    });
    expect(last).not.toHaveProperty("usage");
  });
});

describe("over every wire", () => {
  it.each(Object.values(GRAMMARS))("$vendor: a refusal keeps status, class and delay", async (grammar) => {
    const body = JSON.stringify({
      type: "error",
      error: {
        type: "rate_limit_error",
        message: "later, test-key-123456",
        code: "rate_limit_exceeded",
        status: "RESOURCE_EXHAUSTED",
      },
    });
    for (const stream of [true, false]) {
      const { run } = createBench(async () => jsonReply(body, 429, { "retry-after": "7" }));
      const last = (await run(requestFor(grammar, { stream }))).at(-1);
      expect(last).toMatchObject({ type: "error", failure: { class: "rate", status: 429, retryAfterMs: 7_000 } });
      if (last?.type === "error") expect(last.failure.reason).not.toContain("test-key-123456");
      expect(last).not.toHaveProperty("usage");
    }
  });

  it.each(Object.values(GRAMMARS))("$vendor: an HTML page and an empty body are read as well", async (grammar) => {
    const page = createBench(async () => new Response("<title>502 Bad Gateway</title>", { status: 502 }));
    expect((await page.run(requestFor(grammar))).at(-1)).toMatchObject({
      failure: { class: "transient", status: 502 },
    });
    const empty = createBench(async () => new Response(null, { status: 503 }));
    expect((await empty.run(requestFor(grammar))).at(-1)).toMatchObject({
      failure: { class: "capacity", status: 503 },
    });
  });
});
