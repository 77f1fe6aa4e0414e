// Reading JSON of unknown shape without believing it.

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a reply, whatever its status, holds an error instead of an answer. */
export function holdsError(value: unknown): boolean {
  return isRecord(value) && (isRecord(value.error) || typeof value.error === "string");
}

/** A count of tokens: an integer ≥ 0, whatever was there. */
export function countOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0;
}

/** The parsed value, or undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
