// What a recorded call should come to, judged from its status and its body by
// a table of its own: the product's classifier has no say here.

/** What a recorded call should come to. */
export type Expectation =
  | { readonly kind: "error"; readonly classes: readonly string[] }
  /** The reply ends without an end: the connection was cut when it was recorded. */
  | { readonly kind: "cut" }
  | { readonly kind: "answer"; readonly hasUsage: boolean; readonly refuses: boolean };

/** By status; several where vendors use one status for several things. */
const CLASSES_BY_STATUS: Readonly<Record<number, readonly string[]>> = {
  400: ["request", "auth", "budget"],
  401: ["auth"],
  402: ["budget"],
  403: ["auth"],
  404: ["request"],
  408: ["transient"],
  409: ["request"],
  413: ["request"],
  422: ["request"],
  429: ["rate", "budget"],
  500: ["transient"],
  502: ["transient"],
  503: ["capacity"],
  504: ["transient"],
  529: ["capacity"],
};

/** Words of the body that leave one class only, whatever the status. */
const CLASS_BY_WORD: readonly (readonly [RegExp, string])[] = [
  [/insufficient_quota|credit_balance_exhausted|spend_limit|billing_error|insufficient balance|PerDay/i, "budget"],
  [/API_KEY_INVALID|invalid_api_key|authentication_error|api key not valid/i, "auth"],
  [/content_filter|content_policy_violation/i, "policy"],
  [/overloaded_error|"UNAVAILABLE"|server_is_overloaded|insufficient_system_resource/i, "capacity"],
  [/rate_limit_error|rate_limit_exceeded|"RESOURCE_EXHAUSTED"/i, "rate"],
];
const CLASSES_OF_OTHER_ERRORS = ["request", "transient"];

/** Where each format says why it ended, with a value; and where it counts. */
const END = /"(?:stop_reason|finish_reason|finishReason|blockReason)":\s*"([^"]+)"/g;
/** Ends that are failures by themselves. */
const FAILING_ENDS: readonly (readonly [RegExp, string])[] = [
  [
    /^(refusal|content_filter|sensitive|SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII|LANGUAGE|IMAGE_\w+|OTHER_BLOCK|JAILBREAK)$/,
    "policy",
  ],
  [/^(MALFORMED_\w+|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|network_error|error)$/, "transient"],
  [/^insufficient_system_resource$/, "capacity"],
];
/** OpenAI's field beside the content, filled. */
const REFUSAL = /"refusal":\s*"[^"]/;
const USAGE = /"(?:usageMetadata|usage)":\s*\{\s*"/;

export function expectationOf(status: number, text: string): Expectation {
  if (status >= 400) return { kind: "error", classes: classesOf(status, text) };
  const error = errorInside(text);
  if (error !== undefined) return { kind: "error", classes: classesOf(statusIn(error), error) };
  const end = [...text.matchAll(END)].at(-1)?.[1];
  if (end === undefined) return { kind: "cut" };
  const failing = FAILING_ENDS.find(([pattern]) => pattern.test(end));
  if (failing !== undefined) return { kind: "error", classes: [failing[1]] };
  return { kind: "answer", hasUsage: USAGE.test(text), refuses: REFUSAL.test(text) };
}

function classesOf(status: number | undefined, text: string): readonly string[] {
  const word = CLASS_BY_WORD.find(([pattern]) => pattern.test(text));
  if (word !== undefined) return [word[1]];
  return (status === undefined ? undefined : CLASSES_BY_STATUS[status]) ?? CLASSES_OF_OTHER_ERRORS;
}

/** The error object of a reply that began with status 200: a frame of a stream, or the whole body. */
function errorInside(text: string): string | undefined {
  const frames = [...text.matchAll(/^data:\s*(\{.*\})\s*$/gm)].map((match) => match[1] ?? "");
  return [text, ...frames].find((candidate) => {
    try {
      const value = JSON.parse(candidate) as { error?: unknown } | null;
      return typeof value === "object" && value !== null && typeof value.error === "object" && value.error !== null;
    } catch {
      return false;
    }
  });
}

function statusIn(error: string): number | undefined {
  const code = Number(/"(?:code|status_code)":\s*"?(\d{3})\b/.exec(error)?.[1]);
  return Number.isNaN(code) ? undefined : code;
}
