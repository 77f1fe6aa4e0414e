// Vendors quote parts of a refused key in their error messages.

/** Long enough that no word of a sentence looks like one. */
const KEY_LIKE = /\b(?:sk|pk|rk|gsk|xai)[-_][\w*.-]{6,}|\bAIza[\w*-]{10,}|\bBearer\s+[\w.*~+/-]{8,}|\*{3,}[\w]+/g;

/** Known secrets in full, and whatever looks like a key. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets
    .filter((secret) => secret.length >= 4)
    .reduce((rest, secret) => rest.replaceAll(secret, "[key]"), text);
  return known.replace(KEY_LIKE, "[key]");
}
