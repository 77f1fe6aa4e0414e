// Plays a vendor's grammar: keys, faults, buckets, latency, the log of calls.
import type { JsonValue } from "../domain/json.ts";
import { type Clock, sleep } from "../platform/clock.ts";
import { createSeededRandom, type Random } from "../platform/random.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { createFaultPicker, type FaultKind, type FaultPicker } from "./fault-plan.ts";
import { scriptOf } from "./fault-script.ts";
import { createIdMaker } from "./id-maker.ts";
import { createPromptCache, type PromptCache } from "./prompt-cache.ts";
import { createRateBuckets, type RateBuckets } from "./rate-bucket.ts";
import { connectionRefused, playScript } from "./reply-stream.ts";
import { createSigner, type Signer } from "./signature.ts";
import {
  LATENCY_PROFILES,
  type LatencyProfile,
  type RateLimits,
  SIMULATED_HEADER,
  type SimulatedCall,
  type SimulatorOptions,
  type VendorSimulator,
} from "./simulator.ts";
import {
  type FailureFacts,
  type Generation,
  type IdMaker,
  type Incoming,
  isStatusFault,
  type PlainReply,
  type StatusFault,
  type VendorGrammar,
} from "./vendor-grammar.ts";

/** Generous: nobody meets them by accident. Concurrency is DeepSeek's published figure. */
export const DEFAULT_RATE_LIMITS: RateLimits = {
  requestsPerMinute: 100_000,
  inputTokensPerMinute: 1_000_000_000,
  outputTokensPerMinute: 10_000_000_000,
  concurrentCallsMax: 2_500,
};

const REQUEST_LOG_MAX = 1_000;

interface Runtime {
  readonly grammar: VendorGrammar;
  readonly clock: Clock;
  readonly seed: string;
  readonly root: Random;
  readonly limits: RateLimits;
  readonly latency: LatencyProfile;
  readonly apiKeys: readonly string[] | undefined;
  readonly faults: FaultPicker;
  readonly buckets: RateBuckets;
  readonly cache: PromptCache;
  readonly signer: Signer;
  readonly log: CallLog;
}

/** Everything one call needs on its way. */
interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly random: Random;
  readonly ids: IdMaker;
  readonly index: number | undefined;
  readonly fault: FaultKind | undefined;
  readonly body: JsonValue | undefined;
  readonly bodyBytes: number;
}

export function createVendorRuntime(grammar: VendorGrammar, options: SimulatorOptions): VendorSimulator {
  const { clock } = options;
  const seed = String(options.seed);
  const root = createSeededRandom(`${seed}/${grammar.name}`);
  const limits = { ...DEFAULT_RATE_LIMITS, ...options.limits };
  const runtime: Runtime = {
    grammar,
    clock,
    seed,
    root,
    limits,
    latency: options.latency ?? LATENCY_PROFILES.none,
    apiKeys: options.apiKeys,
    faults: createFaultPicker(options.faults ?? {}, grammar.name, root),
    buckets: createRateBuckets(clock, limits),
    cache: createPromptCache(clock),
    signer: createSigner(`${seed}/signatures`),
    log: createCallLog(options.requestLogMax ?? REQUEST_LOG_MAX),
  };
  let arrivals = 0;
  let generating = 0;
  const handle = async (request: Request): Promise<Response> => {
    request.signal.throwIfAborted();
    const arrival = arrivals++;
    const index = grammar.isGenerating(request.method, new URL(request.url).pathname) ? generating++ : undefined;
    return handleCall(runtime, request, { arrival, index });
  };
  return { name: grammar.name, baseUrl: grammar.baseUrl, handle, requests: runtime.log.calls };
}

interface Turn {
  readonly arrival: number;
  readonly index: number | undefined;
}

/** What the log remembers of a call is filled in while it is answered. */
type Note = { -readonly [K in keyof SimulatedCall]: SimulatedCall[K] };

async function handleCall(runtime: Runtime, request: Request, { arrival, index }: Turn): Promise<Response> {
  const { faults, root, log, clock } = runtime;
  const url = new URL(request.url);
  const picked = index === undefined ? undefined : faults.pick(index);
  const fault = faults.down ? "down" : picked;
  const note: Note = {
    method: request.method,
    path: url.pathname + url.search,
    status: 0,
    ...(index === undefined ? {} : { index }),
    ...(fault === undefined ? {} : { fault }),
  };
  log.add(note);
  if (fault === "down") throw connectionRefused(url.host);
  const text = await request.text();
  request.signal.throwIfAborted();
  const body = parsed(text);
  if (body !== undefined) note.body = body;
  const model = modelOf(body);
  if (model !== undefined) note.model = model;
  const random = root.fork(`call/${arrival}`);
  const ids = createIdMaker(random.fork("ids"));
  const { response, delayMs } = answer(runtime, {
    request,
    url,
    random,
    ids,
    index,
    fault,
    body,
    bodyBytes: text.length,
  });
  note.status = response.status;
  if (delayMs > 0) await sleep(clock, delayMs, request.signal);
  return response;
}

interface TimedResponse {
  readonly response: Response;
  /** Before the headers are sent. */
  readonly delayMs: number;
}

function answer(runtime: Runtime, call: Call): TimedResponse {
  const { grammar, faults } = runtime;
  const { pathname: path, searchParams } = call.url;
  const key = grammar.keyOf(call.request.headers, searchParams);
  if (key === undefined || !isAccepted(key, runtime.apiKeys)) {
    return respond(runtime, call, grammar.unauthorised(key, { path, ids: call.ids }));
  }
  const fault = statusFaultOf(call);
  if (fault !== undefined) {
    const facts = { retryAfterMs: faults.timings.retryAfterMs, model: modelOf(call.body) ?? "", ids: call.ids };
    return respond(runtime, call, grammar.failure(fault, facts, path));
  }
  const outcome = grammar.answer(incomingOf(runtime, call, key));
  if (outcome.kind === "plain") return respond(runtime, call, outcome.reply);
  return admit(runtime, call, { generation: outcome.generation, key });
}

function incomingOf(runtime: Runtime, call: Call, key: string): Incoming {
  return {
    method: call.request.method,
    path: call.url.pathname,
    query: call.url.searchParams,
    headers: call.request.headers,
    body: call.body,
    bodyBytes: call.bodyBytes,
    key,
    nowUs: runtime.clock.nowUs(),
    seed: runtime.seed,
    ids: call.ids,
    signer: runtime.signer,
    twist: call.fault === "emptyAnswer" || call.fault === "refusal" ? call.fault : undefined,
    cache: (model, segments, tokensMin) => runtime.cache.visit(`${key}/${model}`, segments, tokensMin),
  };
}

/** Concurrency first, then the buckets: a call refused by either has taken nothing. */
function admit(runtime: Runtime, call: Call, owned: { generation: Generation; key: string }): TimedResponse {
  const { grammar, limits, log, buckets, clock } = runtime;
  const { generation, key } = owned;
  const { pathname: path } = call.url;
  const facts: FailureFacts = { retryAfterMs: 0, model: generation.model, ids: call.ids };
  const concurrentMax = Math.min(limits.concurrentCallsMax, generation.concurrentCallsMax ?? limits.concurrentCallsMax);
  if (log.inFlight() >= concurrentMax) {
    return respond(runtime, call, grammar.failure("rate429Silent", facts, path));
  }
  const reading = buckets.take(`${key}/${generation.family}`, generation.take);
  const headers = grammar.rateHeaders(reading, clock.nowUs());
  if (reading.refusedBy === undefined) return stream(runtime, call, { generation, headers });
  const { refusedBy } = reading;
  const reply = grammar.rateLimited({ ...reading, refusedBy }, { ...facts, retryAfterMs: reading.retryAfterMs }, path);
  return respond(runtime, call, { ...reply, headers: { ...headers, ...reply.headers } });
}

function respond({ grammar }: Runtime, call: Call, { status, body, headers }: PlainReply): TimedResponse {
  const isText = typeof body === "string";
  const response = new Response(isText ? body : JSON.stringify(body), {
    status,
    headers: {
      "content-type": isText ? "text/html" : "application/json",
      ...grammar.replyHeaders(call.ids),
      ...headers,
      [SIMULATED_HEADER]: "true",
    },
  });
  return { response, delayMs: 0 };
}

interface Admitted {
  readonly generation: Generation;
  readonly headers: Readonly<Record<string, string>>;
}

function stream({ grammar, clock, log, latency, faults }: Runtime, call: Call, admitted: Admitted): TimedResponse {
  const { generation, headers } = admitted;
  const { delayMs, ...script } = scriptOf({
    frames: generation.frames,
    keepAlive: generation.keepAlive,
    fault: call.fault,
    latency,
    timings: faults.timings,
    random: call.random.fork("stream"),
    errorFrame: grammar.errorFrame(call.url.pathname, call.ids),
  });
  log.replyBegan();
  const response = new Response(playScript(script, { clock, signal: call.request.signal, onEnd: log.replyEnded }), {
    status: 200,
    headers: {
      "content-type": generation.contentType,
      ...grammar.replyHeaders(call.ids),
      ...headers,
      ...generation.headers,
      [SIMULATED_HEADER]: "true",
    },
  });
  return { response, delayMs };
}

/** A fault in the middle of a stream strikes a reply that is not streamed as the status it stands for. */
function statusFaultOf({ fault, url, body }: Call): StatusFault | undefined {
  if (fault === undefined || isStatusFault(fault)) return fault;
  const isMidStream = fault === "errorAfter200" || fault === "firstEventError";
  return isMidStream && !isStreaming(url, body) ? "capacity" : undefined;
}

function isAccepted(key: string, apiKeys: readonly string[] | undefined): boolean {
  return apiKeys === undefined ? key !== "" && !key.startsWith("invalid") : apiKeys.includes(key);
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function modelOf(body: JsonValue | undefined): string | undefined {
  const model = (body as { readonly model?: unknown } | null | undefined)?.model;
  return typeof model === "string" ? model : undefined;
}

function isStreaming(url: URL, body: JsonValue | undefined): boolean {
  return url.pathname.endsWith(":streamGenerateContent") || (body as { stream?: unknown } | null)?.stream === true;
}
