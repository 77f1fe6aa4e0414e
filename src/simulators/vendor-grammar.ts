// What a vendor's simulator must know; `vendor-runtime.ts` plays it. One
// implementation per vendor, in the vendor's folder.
import type { JsonValue } from "../domain/json.ts";
import type { FaultKind } from "./fault-plan.ts";
import type { Frame } from "./fault-script.ts";
import type { CacheReading, CacheSegment } from "./prompt-cache.ts";
import type { BucketReading, Dimension, RefusedReading } from "./rate-bucket.ts";
import type { Signer } from "./signature.ts";
import type { SimulatedVendor } from "./simulator.ts";

/** Makes ids that follow from seed, vendor and call index. */
export interface IdMaker {
  /** `length` characters of the given alphabet (default: digits and letters). */
  token(length: number, alphabet?: string): string;
  uuid(): string;
}

/** A request after routing, as a grammar sees it. */
export interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The parsed body; `undefined` when it is not JSON. */
  readonly body: JsonValue | undefined;
  readonly bodyBytes: number;
  /** The key the call came with; it owns buckets and caches. */
  readonly key: string;
  readonly nowUs: number;
  readonly seed: string;
  readonly ids: IdMaker;
  readonly signer: Signer;
  /** Whether the fault plan wants this answer to be empty, or refused by the content policy. */
  readonly twist: "emptyAnswer" | "refusal" | undefined;
  cache(model: string, segments: readonly CacheSegment[], tokensMin: number): CacheReading;
}

/** A complete reply that needs no clock. `body` is JSON unless it is text. */
export interface PlainReply {
  readonly status: number;
  readonly body: JsonValue | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A reply that a model wrote. One frame when it is not streamed. */
export interface Generation {
  readonly model: string;
  /** Models of one family share their buckets. */
  readonly family: string;
  readonly take: Readonly<Record<Dimension, number>>;
  readonly concurrentCallsMax?: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly frames: readonly Frame[];
  /** Sent while the model has not begun, where the vendor sends such comments. */
  readonly keepAlive?: string;
}

export type Answer =
  | { readonly kind: "plain"; readonly reply: PlainReply }
  | { readonly kind: "generation"; readonly generation: Generation };

/** Failures that need no request to be understood. */
const STATUS_FAULTS = [
  "rate429",
  "rate429Silent",
  "spendLimit",
  "capacity",
  "server500",
  "server502",
  "server504",
  "server520",
  "server524",
  "htmlBody",
] as const satisfies readonly FaultKind[];
export type StatusFault = (typeof STATUS_FAULTS)[number];

export function isStatusFault(fault: FaultKind): fault is StatusFault {
  return (STATUS_FAULTS as readonly FaultKind[]).includes(fault);
}

export interface FailureFacts {
  readonly retryAfterMs: number;
  readonly model: string;
  readonly ids: IdMaker;
}

export interface UnauthorisedFacts {
  readonly path: string;
  readonly ids: IdMaker;
}

export interface VendorGrammar {
  readonly name: SimulatedVendor;
  readonly baseUrl: string;
  /** The key of a call, from whichever header or parameter the vendor reads. */
  keyOf(headers: Headers, query: URLSearchParams): string | undefined;
  unauthorised(key: string | undefined, facts: UnauthorisedFacts): PlainReply;
  /** Whether the call makes a model write, and so is subject to faults and limits. */
  isGenerating(method: string, path: string): boolean;
  answer(incoming: Incoming): Answer;
  failure(fault: StatusFault, facts: FailureFacts, path: string): PlainReply;
  rateLimited(reading: RefusedReading, facts: FailureFacts, path: string): PlainReply;
  /** Headers about the state of the buckets; the vendors that say nothing return none. */
  rateHeaders(reading: BucketReading, nowUs: number): Readonly<Record<string, string>>;
  /** Headers of every reply. */
  replyHeaders(ids: IdMaker): Readonly<Record<string, string>>;
  /** The exact text of the event for an error in the middle of a stream. */
  errorFrame(path: string, ids: IdMaker): string;
}
