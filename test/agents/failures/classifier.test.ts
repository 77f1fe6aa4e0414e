// Error bodies as vendors really send them, and the class each must get.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classify } from "../../../src/agents/failures/classifier.ts";
import { evidenceOf } from "../../../src/agents/failures/evidence.ts";
import { isErrorCode } from "../../../src/domain/errors.ts";
import { FAILURE_CLASSES } from "../../../src/domain/failure.ts";
import { createBench, jsonReply, requestFor } from "../model-agent-bench.ts";
import { GRAMMARS } from "../vendor-replies.ts";
import { chat, ERROR_BODIES, gemini } from "./error-bodies.ts";

const options = { nowMs: 0, redact: (text: string) => text };
const classOf = (status: number | undefined, body: unknown) => classify(evidenceOf({ status, body }), options);

describe("classify", () => {
  it.each(ERROR_BODIES)("%s", (...[, status, body, failureClass, code]) => {
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
