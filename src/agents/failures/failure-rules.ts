// The table that tells failures apart, for all vendors at once. The first rule
// that fits decides, so the order is part of the data: what forbids a retry
// stands before what allows one.
import type { ErrorCode } from "../../domain/errors.ts";
import type { FailureClass } from "../../domain/failure.ts";

export interface FailureRule {
  readonly class: FailureClass;
  /** Where it says more than the class's own code. */
  readonly code?: ErrorCode;
  readonly statuses?: readonly number[];
  /** Any of them among the words of the body. */
  readonly words?: readonly string[];
  /** Fits any single word of the body. */
  readonly word?: RegExp;
  /** Fits the sentence of the body. */
  readonly message?: RegExp;
}

/** What a vendor says when the prompt is longer than the window. */
const OVERFLOW =
  /prompt is too long|exceeds? the context window|input token count .* exceeds|maximum prompt length is|reduce the length of the (messages|input)|too large for model with|prompt too long|exceeded model token limit|range of input length should be|maximum context length|context[ _]length[ _]exceeded|exceeds the available context size|input length and `?max_tokens`? exceed/i;

/** A rule fits when every condition it states is met; a status list and a word list are alternatives. */
export const FAILURE_RULES: readonly FailureRule[] = [
  {
    class: "budget",
    statuses: [402],
    words: [
      "insufficient_quota",
      "credit_balance_exhausted",
      "enforced_spend_limit_reached",
      "contract_spend_limit_reached",
      "billing_error",
      "billing_hard_limit_reached",
      "billing_not_active",
      "insufficient_balance",
      "payment_required",
      "1113",
      "1308",
    ],
  },
  { class: "budget", word: /perday/ },
  {
    class: "budget",
    message: /insufficient balance|credit balance is too low|reached your specified .*usage limits|spend(ing)? limit/i,
  },
  {
    class: "request",
    code: "CONTEXT_TOO_LARGE",
    statuses: [413],
    words: ["context_length_exceeded", "request_too_large", "1261"],
  },
  { class: "request", code: "CONTEXT_TOO_LARGE", message: OVERFLOW },
  {
    class: "auth",
    statuses: [401, 403],
    words: [
      "authentication_error",
      "permission_error",
      "invalid_api_key",
      "api_key_invalid",
      "unauthenticated",
      "permission_denied",
    ],
  },
  { class: "auth", message: /api key not (valid|found)|api key expired|(invalid|incorrect) api key/i },
  {
    class: "policy",
    words: [
      "content_filter",
      "content_policy_violation",
      "safety",
      "prohibited_content",
      "blocklist",
      "spii",
      "recitation",
      "image_safety",
      "refusal",
      "sensitive",
      "data_inspection_failed",
      "datainspectionfailed",
    ],
  },
  {
    class: "capacity",
    statuses: [503, 529],
    words: [
      "overloaded_error",
      "unavailable",
      "server_is_overloaded",
      "service_unavailable",
      "service_unavailable_error",
      "model_capacity_exhausted",
      "insufficient_system_resource",
      "capacity_exceeded",
    ],
  },
  {
    class: "rate",
    statuses: [429],
    words: [
      "rate_limit_error",
      "rate_limit_exceeded",
      "slow_down",
      "ramp_limit_exceeded",
      "resource_exhausted",
      "too_many_requests",
    ],
  },
  {
    class: "transient",
    statuses: [408, 425, 500, 502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530],
    words: [
      "api_error",
      "timeout_error",
      "server_error",
      "internal_error",
      "internal_server_error",
      "internal",
      "deadline_exceeded",
      "timeout",
    ],
  },
  {
    class: "request",
    statuses: [400, 404, 405, 409, 411, 414, 415, 422, 431, 501],
    words: [
      "invalid_request_error",
      "not_found_error",
      "invalid_argument",
      "failed_precondition",
      "not_found",
      "model_not_found",
      "bad_request",
    ],
  },
];

/** The code of a class, where no rule says more. */
export const CLASS_CODES: Readonly<Record<FailureClass, ErrorCode>> = {
  rate: "VENDOR_RATE",
  capacity: "VENDOR_CAPACITY",
  budget: "VENDOR_BUDGET",
  auth: "VENDOR_AUTH",
  request: "VENDOR_REQUEST",
  policy: "VENDOR_POLICY",
  transient: "VENDOR_TRANSIENT",
};

/** Vendors' own finish words that mean a failure, whatever the library made of them; lower-case. */
export const FINISH_FAILURES: Readonly<Record<string, FailureClass>> = {
  insufficient_system_resource: "capacity",
  malformed_function_call: "transient",
  malformed_response: "transient",
  unexpected_tool_call: "transient",
  too_many_tool_calls: "transient",
  network_error: "transient",
  error: "transient",
  language: "policy",
  sensitive: "policy",
  image_prohibited_content: "policy",
  image_recitation: "policy",
};
