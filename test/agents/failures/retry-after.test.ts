// When to ask again: five formats of headers, two places in bodies.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify } from "../../../src/agents/failures/classifier.ts";
import { evidenceOf } from "../../../src/agents/failures/evidence.ts";
import { rateLimitsOf } from "../../../src/agents/failures/rate-limits.ts";
import { delayMsOf, retryAfterMs } from "../../../src/agents/failures/retry-after.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const delayAfter = (headers: Record<string, string>, body: unknown = "") =>
  retryAfterMs(evidenceOf({ status: 429, headers, body }), NOW);

describe("delayMsOf", () => {
  it.each([
    ["30", 30_000],
    ["0", 0],
    ["1.5", 1_500],
    [" 2 ", 2_000],
    ["6m0s", 360_000],
    ["547ms", 547],
    ["1h2m3.5s", 3_723_500],
    ["250us", 1],
    ["250µs", 1],
    ["10ns", 1],
    ["2026-11-22T12:00:10Z", 10_000],
    ["2026-11-22T11:00:00Z", 0],
    ["Sun, 22 Nov 2026 12:01:00 GMT", 60_000],
    [String(NOW / 1_000 + 5), 5_000],
    [String(NOW + 5), 5],
    [String(NOW - 5), 0],
  ])("%s", (text, expected) => {
    expect(delayMsOf(text, NOW)).toBe(expected);
  });

  it.each(["", "soon", "-3", "1x", "NaN", "Sun, 99 Nov 2026 99:99:99 GMT", "2026-13-45T00:00:00Z"])(
    "%j is none",
    (text) => {
      expect(delayMsOf(text, NOW)).toBeUndefined();
    },
  );

  it("is never negative nor fractional, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.double().map(String),
          fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
        ),
        (text) => {
          const delay = delayMsOf(text, NOW);
          if (delay === undefined) return;
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});

describe("retryAfterMs", () => {
  it("prefers the exact header, then the stated one, then the body", () => {
    expect(delayAfter({ "retry-after-ms": "120", "retry-after": "9" })).toBe(120);
    expect(delayAfter({ "retry-after-ms": "soon", "retry-after": "9" })).toBe(9_000);
    const info = { error: { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" }] } };
    expect(delayAfter({ "retry-after": "9" }, info)).toBe(9_000);
    expect(delayAfter({}, info)).toBe(34_400);
    expect(delayAfter({}, { error: { message: "Rate limit reached. Please try again in 1m2.5s." } })).toBe(62_500);
    expect(delayAfter({}, { error: { message: "Please retry in 20s." } })).toBe(20_000);
    expect(delayAfter({}, { error: { details: [{ retryDelay: "later" }] } })).toBeUndefined();
  });

  it("waits for the reset of what is used up, the longest of several", () => {
    expect(
      delayAfter({
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "12s",
        "x-ratelimit-remaining-tokens": "5000",
        "x-ratelimit-reset-tokens": "6m0s",
      }),
    ).toBe(12_000);
    expect(
      delayAfter({
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-22T12:00:08Z",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-22T12:00:03Z",
      }),
    ).toBe(8_000);
    expect(delayAfter({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1_000 + 4) })).toBe(4_000);
    expect(delayAfter({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "never" })).toBeUndefined();
    expect(delayAfter({})).toBeUndefined();
  });

  it("means nothing where waiting does not help", () => {
    const failure = (status: number, body: unknown) =>
      classify(evidenceOf({ status, headers: { "retry-after": "5" }, body }), { nowMs: NOW, redact: (text) => text });
    expect(failure(429, {})).toMatchObject({ class: "rate", retryAfterMs: 5_000 });
    expect(failure(529, {})).toMatchObject({ class: "capacity", retryAfterMs: 5_000 });
    expect(failure(500, {})).toMatchObject({ class: "transient", retryAfterMs: 5_000 });
    expect(failure(402, {})).not.toHaveProperty("retryAfterMs");
    expect(failure(401, {})).not.toHaveProperty("retryAfterMs");
  });
});

describe("rateLimitsOf", () => {
  it("reads Anthropic's names, both pools or the input alone", () => {
    expect(
      rateLimitsOf(
        {
          "anthropic-ratelimit-requests-limit": "50",
          "anthropic-ratelimit-requests-remaining": "49",
          "anthropic-ratelimit-requests-reset": "2026-11-22T12:00:01Z",
          "anthropic-ratelimit-input-tokens-limit": "30000",
          "anthropic-ratelimit-input-tokens-remaining": "29000",
          "anthropic-ratelimit-input-tokens-reset": "2026-11-22T12:00:02Z",
        },
        NOW,
      ),
    ).toEqual({
      requestsLimit: 50,
      requestsRemaining: 49,
      requestsResetMs: 1_000,
      tokensLimit: 30_000,
      tokensRemaining: 29_000,
      tokensResetMs: 2_000,
    });
    expect(
      rateLimitsOf(
        { "anthropic-ratelimit-tokens-remaining": "7", "anthropic-ratelimit-input-tokens-remaining": "9" },
        NOW,
      ),
    ).toEqual({ tokensRemaining: 7 });
  });

  it("reads OpenAI's names and skips what it cannot read", () => {
    expect(
      rateLimitsOf(
        {
          "x-ratelimit-limit-requests": "500",
          "x-ratelimit-reset-tokens": "547ms",
          "x-ratelimit-remaining-tokens": "many",
        },
        NOW,
      ),
    ).toEqual({
      requestsLimit: 500,
      tokensResetMs: 547,
    });
  });

  it("says nothing where the headers do not", () => {
    expect(rateLimitsOf({ "content-type": "text/html" }, NOW)).toBeUndefined();
  });
});
