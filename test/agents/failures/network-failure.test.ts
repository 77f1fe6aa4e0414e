// Finish words that are failures, and calls that got no reply.
import { describe, expect, it } from "vitest";
import { failureOf, finishFailure } from "../../../src/agents/failures/classifier.ts";
import { networkFailure } from "../../../src/agents/failures/network-failure.ts";
import { createBench, requestFor } from "../model-agent-bench.ts";
import { GRAMMARS } from "../vendor-replies.ts";

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
