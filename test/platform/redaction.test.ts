// Redaction: what was planted never comes out, whatever stands around it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor, looksLikeSecret, REDACTED, SECRET_CHARS_MIN } from "../../src/platform/redaction.ts";

const characters = (alphabet: string) => fc.constantFrom(...alphabet);
const text = (alphabet: string, minLength: number, maxLength = minLength + 20) =>
  fc.string({ unit: characters(alphabet), minLength, maxLength });
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const WORD = `${UPPER}${UPPER.toLowerCase()}${DIGITS}`;

/** Secrets nobody told the redactor about; each in the shape its vendor publishes. */
const shaped = fc.oneof(
  text(`${WORD}-_`, 12).map((tail) => `sk-${tail}`),
  text(`${WORD}-_`, 24).map((tail) => `sk-ant-api03-${tail}`),
  text(`${WORD}-_`, 35, 35).map((tail) => `AIza${tail}`),
  text(`${UPPER}${DIGITS}`, 16, 16).map((tail) => `AKIA${tail}`),
  text(WORD, 36, 36).map((tail) => `ghp_${tail}`),
  text(WORD, 22, 60).map((tail) => `github_pat_${tail}`),
  fc.tuple(text(WORD, 10), text(WORD, 10), text(WORD, 10)).map(([a, b, c]) => `eyJ${a}.eyJ${b}.${c}`),
  text(`${WORD}\n+/`, 40, 200).map((body) => `-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----`),
);
/** What stands around a secret in an error body: quotes, brackets, prose. */
const around = fc.constantFrom(" ", '"', "'", "(", ")", ", ", ": ", "\n", "=", "<", ">", "…");

describe("redaction", () => {
  it("lets no shaped secret through, wherever it stands", () => {
    fc.assert(
      fc.property(fc.tuple(fc.lorem(), around, shaped, around, fc.lorem()), ([before, left, secret, right, after]) => {
        const result = createRedactor().redact(`${before}${left}${secret}${right}${after}`);
        expect(result).not.toContain(secret);
        expect(result).toContain(REDACTED);
        expect(result.startsWith(before)).toBe(true);
        expect(result.endsWith(after)).toBe(true);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it("lets no known secret through: plain, in a URL, in JSON, in base64", () => {
    const anySecret = fc
      .string({ unit: "grapheme-ascii", minLength: SECRET_CHARS_MIN, maxLength: 60 })
      .filter((value) => value.trim().length >= SECRET_CHARS_MIN && !REDACTED.includes(value.trim()));
    fc.assert(
      fc.property(anySecret, fc.lorem(), (secret, prose) => {
        const value = secret.trim();
        const redactor = createRedactor([secret]);
        const forms = [
          value,
          encodeURIComponent(value),
          JSON.stringify(value).slice(1, -1),
          Buffer.from(value, "utf8").toString("base64"),
        ];
        for (const form of forms) expect(redactor.redact(`${prose} "${form}" ${prose}`)).not.toContain(form);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it("redacting twice changes nothing more", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(shaped, fc.lorem()), { maxLength: 6 }), (pieces) => {
        const redactor = createRedactor();
        const once = redactor.redact(pieces.join(" "));
        expect(redactor.redact(once)).toBe(once);
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  it("takes a secret that contains another one as a whole", () => {
    const redactor = createRedactor(["password-one"]);
    redactor.add("password-one-longer");
    expect(redactor.redact("x password-one-longer y password-one z")).toBe(`x ${REDACTED} y ${REDACTED} z`);
  });

  it("ignores values too short to be told from words", () => {
    expect(createRedactor(["short", " "]).redact("a short word")).toBe("a short word");
  });

  it("hides the credentials of headers and URLs, and keeps what tells them apart", () => {
    const redactor = createRedactor();
    expect(redactor.redact("Authorization: Bearer abcdefgh.ijk-lmn=")).toBe(`Authorization: Bearer ${REDACTED}`);
    expect(redactor.redact("authorization: bearer abcdefghijkl")).toBe(`authorization: bearer ${REDACTED}`);
    expect(redactor.redact("AUTHORIZATION: BEARER abcdefghijkl")).toBe(`AUTHORIZATION: BEARER ${REDACTED}`);
    expect(redactor.redact("via http://anna:geheim@proxy.example:3128/")).toBe(
      `via http://anna:${REDACTED}@proxy.example:3128/`,
    );
  });

  it("leaves ordinary text alone", () => {
    const prose = "The bearer of news asked sk- and AIza; see https://example.org:8080/a@b and task-force-42.";
    expect(createRedactor().redact(prose)).toBe(prose);
    expect(looksLikeSecret(prose)).toBe(false);
    expect(looksLikeSecret("sk-ant-api03-0123456789abcdef")).toBe(true);
  });

  it("hides a private key that is cut off before its end", () => {
    const cut = "before -----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg";
    expect(createRedactor().redact(cut)).toBe(`before ${REDACTED}`);
  });
});
