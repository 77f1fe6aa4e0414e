// One attempt: one request of one wire, as the agent contract's stream. Every
// end is an event; nothing is thrown, and nothing is left running.
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Failure } from "../../domain/failure.ts";
import { US_PER_MS } from "../../domain/time.ts";
import { NO_USAGE } from "../../domain/usage.ts";
import type { Clock } from "../../platform/clock.ts";
import type { FetchLike } from "../../platform/http-fetch.ts";
import { createRedactor } from "../../platform/redaction.ts";
import type { AgentEvent, AgentRequest } from "../agent.ts";
import { failureOf } from "../failures/classifier.ts";
import { neverSent } from "../failures/network-failure.ts";
import { rateLimitsOf } from "../failures/rate-limits.ts";
import { isOutputShown, type ModelPolicy } from "../policy.ts";
import { callIdSource } from "./call-id.ts";
import { callOptionsOf } from "./call-options.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { readModelParts } from "./model-parts.ts";
import { opaqueOf } from "./opaque.ts";
import { type ErrorContext, partFailure, thrownFailure } from "./part-error.ts";
import {
  createReplyReader,
  type FinishObserver,
  isProgress,
  type ReplyReader,
  type ReplyReaderOptions,
} from "./reply-reader.ts";
import { type CallTimeouts, createWatchdog, type Watchdog } from "./watchdog.ts";
import { createWatchedFetch, type WatchedFetch } from "./watched-fetch.ts";
import type { Wire, WireEndpoint } from "./wire.ts";

export interface AttemptOptions {
  readonly wire: Wire;
  /** Must have passed `validateRequest`. */
  readonly request: AgentRequest;
  readonly policy: ModelPolicy;
  readonly endpoint: Omit<WireEndpoint, "fetch" | "nextId">;
  readonly fetch: FetchLike;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeouts: CallTimeouts;
  readonly estimate: ReplyReaderOptions["estimate"];
  /** True marks every event, whatever the reply's headers say. */
  readonly simulated: boolean;
  readonly onFinish?: FinishObserver;
}

/** How the reply ended, or what cut it short. */
type Ending =
  | { readonly type: "end" }
  | { readonly type: "thrown"; readonly error: unknown }
  | { readonly type: "failure"; readonly failure: Failure };

interface Attempt {
  readonly options: AttemptOptions;
  readonly streamed: boolean;
  readonly mailbox: Mailbox<LanguageModelV4StreamPart, Ending>;
  readonly network: WatchedFetch;
  readonly reader: ReplyReader;
  readonly errors: () => ErrorContext;
}

/** All characters of one answer at most, reasoning and arguments too. */
const ANSWER_CHARS_MAX = 16 * 1024 * 1024;
const CANCELLED: Failure = { class: "transient", code: "CANCELLED", reason: "the call was cancelled" };

export async function* runAttempt(options: AttemptOptions): AsyncGenerator<AgentEvent> {
  const { signal, clock, timeouts } = options;
  const attempt = prepare(options);
  const { mailbox, streamed } = attempt;
  if (signal.aborted) {
    yield errorEvent(attempt, CANCELLED);
    return;
  }
  const stopper = new AbortController();
  const fail = (failure: Failure): void => mailbox.urge({ type: "failure", failure });
  const onAbort = (): void => fail(CANCELLED);
  signal.addEventListener("abort", onAbort, { once: true });
  const expire = ({ code, reason }: { code: Parameters<typeof failureOf>[2]; reason: string }): void =>
    fail(failureOf("transient", reason, code));
  const watchdog = createWatchdog({ clock, timeouts, streamed, expire });
  try {
    void pump(attempt, stopper.signal);
    yield* events(attempt, watchdog);
  } finally {
    watchdog.stop();
    signal.removeEventListener("abort", onAbort);
    mailbox.close();
    stopper.abort();
  }
}

function prepare(options: AttemptOptions): Attempt {
  const { wire, clock, endpoint, estimate, onFinish } = options;
  const streamed = options.request.stream ?? true;
  const mailbox: Attempt["mailbox"] = createMailbox();
  const network = createWatchedFetch({
    fetch: options.fetch,
    onByte: () => mailbox.mark(),
    replyToRepeat: () => wire.replyToRepeat(streamed),
  });
  const { redact } = createRedactor(endpoint.key === undefined ? [] : [endpoint.key]);
  const errors = (): ErrorContext => ({ wire, network: network.record(), nowMs: clock.nowUs() / US_PER_MS, redact });
  const failureOfPart = (error: unknown): Failure | undefined => partFailure(error, errors());
  const reader = createReplyReader({ wire, failureOf: failureOfPart, estimate, onFinish });
  return { options, streamed, mailbox, network, reader, errors };
}

/** Reads the reply to its end, one part ahead of nobody; never rejects. */
async function pump({ options, streamed, mailbox, network }: Attempt, abortSignal: AbortSignal): Promise<void> {
  const { wire, request, policy, endpoint } = options;
  try {
    const model = wire.createModel({ ...endpoint, fetch: network.fetch, nextId: callIdSource(request) }, policy);
    await readModelParts({
      model,
      options: { ...callOptionsOf(request, policy, wire), abortSignal },
      streamed,
      onPart: (part) => mailbox.put(part),
    });
    mailbox.urge({ type: "end" });
  } catch (error) {
    mailbox.urge({ type: "thrown", error });
  }
}

async function* events(attempt: Attempt, watchdog: Watchdog): AsyncGenerator<AgentEvent> {
  const { mailbox, reader } = attempt;
  while (true) {
    const mail = await mailbox.take();
    if (mail.type === "urgent") {
      yield lastEvent(attempt, mail.item);
      return;
    }
    if (mail.type === "mark") {
      yield { type: "byte" };
      continue;
    }
    if (isProgress(mail.part)) watchdog.content();
    const event = reader.read(mail.part);
    if (event !== undefined) yield event;
    if (reader.transcript.chars > ANSWER_CHARS_MAX) {
      yield errorEvent(attempt, failureOf("transient", `the answer is longer than ${ANSWER_CHARS_MAX} characters`));
      return;
    }
  }
}

function lastEvent(attempt: Attempt, ending: Ending): AgentEvent {
  const { reader, errors } = attempt;
  if (ending.type === "failure") return errorEvent(attempt, ending.failure);
  // A line that breaks after the vendor said it was done takes nothing away.
  if (ending.type === "thrown" && !reader.isEnded) return errorEvent(attempt, thrownFailure(ending.error, errors()));
  const verdict = reader.verdict();
  const { network } = errors();
  if (!reader.isEnded && network.error !== undefined)
    return errorEvent(attempt, thrownFailure(network.error, errors()));
  return verdict.ok ? doneEvent(attempt, verdict.finishReason) : errorEvent(attempt, verdict.failure);
}

function doneEvent(attempt: Attempt, finishReason: Extract<AgentEvent, { type: "done" }>["finishReason"]): AgentEvent {
  const { options, reader } = attempt;
  const { usage, estimated } = reader.usage();
  const opaque = opaqueOf(options.request.route, reader.transcript.blocks());
  const raw = reader.finishReasonRaw;
  return {
    type: "done",
    finishReason,
    parts: reader.transcript.parts(),
    usage,
    usageEstimated: estimated,
    ...networkMarks(attempt),
    ...(raw === undefined ? {} : { finishReasonRaw: raw }),
    ...(opaque === undefined ? {} : { opaque }),
  };
}

function errorEvent(attempt: Attempt, failure: Failure): AgentEvent {
  return {
    type: "error",
    failure,
    partial: attempt.reader.transcript.parts(),
    ...billOf(attempt, failure),
    ...networkMarks(attempt),
  };
}

/**
 * A vendor bills what it began to answer. A refusal costs nothing, also one
 * inside a reply of status 200; a request without a reply, or whose reply broke
 * off, may be billed. How much is known only where all output is streamed as it
 * comes, or where the vendor counted it to its end.
 */
function billOf({ options, network, reader, streamed }: Attempt, failure: Failure): Bill {
  const { requests, status, error } = network.record();
  if (requests === 0) return { usage: NO_USAGE };
  if (status === undefined) return error !== undefined && neverSent(error) ? {} : { outcomeUnknown: true };
  const isRefusal = failure.class !== "transient" && failure.class !== "policy";
  if (status >= 400 || (isRefusal && !reader.hasBegun)) return {};
  const { usage, estimated } = reader.usage();
  if (!estimated) return { usage };
  const isAllSeen = streamed && isOutputShown(options.policy);
  return { usage, usageEstimated: true, ...(isAllSeen ? {} : { outcomeUnknown: true }) };
}

type Bill = Pick<Extract<AgentEvent, { type: "error" }>, "usage" | "usageEstimated" | "outcomeUnknown">;

function networkMarks({ options, network }: Attempt) {
  const { headers, simulated } = network.record();
  const rateLimits = rateLimitsOf(headers, options.clock.nowUs() / US_PER_MS);
  return {
    simulated: simulated || options.simulated,
    ...(rateLimits === undefined ? {} : { rateLimits }),
  };
}
