// Buckets, caches, signatures and token counts.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../src/platform/virtual-clock.ts";
import { createPromptCache } from "../../src/simulators/prompt-cache.ts";
import { createRateBuckets } from "../../src/simulators/rate-bucket.ts";
import { createSigner } from "../../src/simulators/signature.ts";
import { countTokens, cutToTokens, tokenPieces } from "../../src/simulators/tokens.ts";
import { verifies } from "../requirements.ts";

describe("rate buckets", () => {
  const limits = {
    requestsPerMinute: 10,
    inputTokensPerMinute: 1_000,
    outputTokensPerMinute: 1_000,
    concurrentCallsMax: 1,
  };
  const one = { requests: 1, inputTokens: 0, outputTokens: 0 };

  it("never admit more than the limit and its refill, and refill evenly", async () => {
    verifies("R7.4");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 40 }), async (pauses) => {
        const clock = createVirtualClock();
        const buckets = createRateBuckets(clock, limits);
        let admitted = 0;
        for (const pause of pauses) {
          await clock.advance(pause);
          if (buckets.take("a", one).refusedBy === undefined) admitted += 1;
        }
        expect(admitted).toBeLessThanOrEqual(10 + Math.ceil((clock.monotonicUs() / 60_000_000) * 10));
      }),
      { numRuns: 30 },
    );
  });

  it("take nothing when one dimension refuses, and say when it would fit", async () => {
    const clock = createVirtualClock();
    const buckets = createRateBuckets(clock, limits);
    buckets.take("a", { requests: 1, inputTokens: 900, outputTokens: 0 });
    const refused = buckets.take("a", { requests: 1, inputTokens: 500, outputTokens: 0 });
    expect(refused).toMatchObject({
      refusedBy: "inputTokens",
      retryAfterMs: 24_000,
      state: { requests: { remaining: 9 } },
    });
    await clock.advance(24_000);
    expect(buckets.take("a", { requests: 1, inputTokens: 500, outputTokens: 0 }).refusedBy).toBeUndefined();
    expect(buckets.take("b", one).state.requests.remaining).toBe(9);
  });

  it("forget the owner unused for longest beyond a thousand", () => {
    const buckets = createRateBuckets(createVirtualClock(), limits);
    for (let owner = 0; owner <= 1_000; owner++) buckets.take(String(owner), one);
    expect(buckets.take("1000", one).state.requests.remaining).toBe(8);
    expect(buckets.take("0", one).state.requests.remaining).toBe(9);
  });
});

describe("a prompt cache", () => {
  it("reads the longest known prefix and forgets the oldest beyond its limit", () => {
    const cache = createPromptCache(createVirtualClock());
    const segments = ["a", "b", "c"].map((text) => ({ text, tokens: 10, keepMs: 1_000 }));
    expect(cache.visit("k", segments, 15)).toEqual({ readTokens: 0, written: new Map([[1_000, 30]]) });
    expect(cache.visit("k", segments.slice(0, 2), 15).readTokens).toBe(20);
    expect(cache.visit("other", segments, 15).readTokens).toBe(0);
    for (let index = 0; index < 20_000; index++) cache.visit(`k${index}`, segments.slice(0, 1), 0);
    expect(cache.visit("k", segments, 15).readTokens).toBe(0);
  });
});

describe("a signature", () => {
  const signer = createSigner("seed");
  const signed = { vendor: "v", model: "m", prefix: "p", content: "c" };

  it("tells its own from every other", () => {
    verifies("R7.2");
    const signature = signer.sign(signed);
    expect(signer.verify(signature, signed)).toBe("own");
    expect(signer.verify(signature, { ...signed, content: "other" })).toBe("edited");
    expect(signer.verify(signature, { ...signed, model: "other" })).toBe("otherModel");
    expect(signer.verify(signature, { ...signed, prefix: "other" })).toBe("otherPrefix");
    expect(signer.verify(signature, { ...signed, vendor: "other" })).toBe("unreadable");
    expect(createSigner("other").verify(signature, signed)).toBe("edited");
    expect(signer.verify(signature.replaceAll("+", "-").replaceAll("/", "_"), signed)).toBe("own");
  });

  it("of the real vendor is recognised by its form only", () => {
    const real = (tag: number, length: number): string =>
      Buffer.from([tag, ...new Array<number>(length).fill(9)]).toString("base64");
    expect(signer.verify(real(0x12, 90), signed)).toBe("vendorMade");
    expect(signer.verify(real(0x08, 90), signed)).toBe("vendorMade");
    expect(signer.verify(real(0x12, 9), signed)).toBe("unreadable");
    expect(signer.verify(real(0xff, 90), signed)).toBe("unreadable");
    expect(signer.verify("nothing?", signed)).toBe("unreadable");
  });

  it("has its length as a variable number, like the vendors'", () => {
    const bytes = Buffer.from(signer.sign({ ...signed, model: "m".repeat(200) }), "base64");
    expect([bytes[0], (bytes[1] ?? 0) > 0x7f]).toEqual([0x12, true]);
    expect(bytes[2]).toBeGreaterThan(0);
  });
});

describe("tokens", () => {
  it("are pieces that join to the text, counted and cut consistently", () => {
    verifies("R7.4");
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.integer({ min: 0, max: 50 }),
        fc.double({ min: 1, max: 2, noNaN: true }),
        (text, tokensMax, factor) => {
          expect(tokenPieces(text).join("")).toBe(text);
          const { text: kept, cut } = cutToTokens(text, tokensMax, factor);
          expect(text.startsWith(kept)).toBe(true);
          expect(cut).toBe(kept !== text);
          if (cut) expect(countTokens(kept, factor)).toBeLessThanOrEqual(tokensMax);
        },
      ),
    );
  });
});
