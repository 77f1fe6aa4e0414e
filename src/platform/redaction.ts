// Redaction: no secret leaves the process in a log line, an error or the
// journal. Known secrets go by their exact value, in any encoding they are seen
// in; unknown ones by the shapes that vendors publish for them.

export const REDACTED = "[redacted]";

/** Shorter values are not treated as secrets by value: they would blot out ordinary words. */
export const SECRET_CHARS_MIN = 8;

/** Shapes of secrets, each with a marker text that must occur for the pattern to be tried at all. */
const SHAPES: readonly { readonly marker: string; readonly pattern: RegExp; readonly replacement: string }[] = [
  {
    marker: "PRIVATE KEY-----",
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replacement: REDACTED,
  },
  // Anthropic, OpenAI, DeepSeek and many servers of their format.
  { marker: "sk-", pattern: /\bsk-[A-Za-z0-9_-]{12,}/g, replacement: REDACTED },
  // Google API keys are 39 characters; a longer run is not cut in the middle.
  { marker: "AIza", pattern: /AIza[A-Za-z0-9_-]{30,}/g, replacement: REDACTED },
  // AWS access key ids, long-term and temporary.
  { marker: "AKIA", pattern: /\bAKIA[A-Z0-9]{16}\b/g, replacement: REDACTED },
  { marker: "ASIA", pattern: /\bASIA[A-Z0-9]{16}\b/g, replacement: REDACTED },
  // GitHub's five token prefixes and its fine-grained tokens.
  { marker: "gh", pattern: /\bgh[pousr]_[A-Za-z0-9]{20,}/g, replacement: REDACTED },
  { marker: "github_pat_", pattern: /\bgithub_pat_[A-Za-z0-9_]{20,}/g, replacement: REDACTED },
  // JSON Web Tokens: header and payload are base64url of `{"…`.
  { marker: "eyJ", pattern: /\beyJ[A-Za-z0-9_-]{5,}\.eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g, replacement: REDACTED },
  // The credentials of an Authorization header, and of a URL.
  { marker: "earer ", pattern: /\b([Bb]earer) +[A-Za-z0-9._~+/-]{8,}=*/g, replacement: `$1 ${REDACTED}` },
  { marker: "EARER ", pattern: /\b(BEARER) +[A-Za-z0-9._~+/-]{8,}=*/g, replacement: `$1 ${REDACTED}` },
  { marker: "://", pattern: /(:\/\/[^\s/:@"']*):[^\s/@"']+@/g, replacement: `$1:${REDACTED}@` },
];

export interface Redactor {
  /** From now on this value is never let through. Values under {@link SECRET_CHARS_MIN} characters are ignored. */
  add(secret: string): void;
  redact(text: string): string;
}

export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const known = new Set<string>();
  let ordered: readonly string[] = [];
  const add = (secret: string): void => {
    const value = secret.trim();
    if (value.length < SECRET_CHARS_MIN) return;
    for (const form of formsOf(value)) known.add(form);
    // The longest first, so that a secret that contains another one leaves no rest.
    ordered = [...known].sort((a, b) => b.length - a.length);
  };
  for (const secret of secrets) add(secret);
  return {
    add,
    redact: (text) => {
      let result = text;
      for (const secret of ordered) result = result.replaceAll(secret, REDACTED);
      for (const { marker, pattern, replacement } of SHAPES) {
        if (result.includes(marker)) result = result.replace(pattern, replacement);
      }
      return result;
    },
  };
}

/** Whether a text has the shape of a secret; for refusing one where a name is wanted. */
export function looksLikeSecret(text: string): boolean {
  return SHAPES.some(({ marker, pattern }) => text.includes(marker) && text.search(pattern) >= 0);
}

/** As itself, in a URL, inside JSON, and in base64: the ways an error body echoes a key. */
function formsOf(value: string): string[] {
  const base64 = Buffer.from(value, "utf8").toString("base64");
  return [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), base64, base64.replace(/=+$/, "")];
}
