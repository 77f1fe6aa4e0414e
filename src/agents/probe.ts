// Finds out by free calls whether a route would work: key, model, window and
// price. What is broken is known before the first cent is spent.
import type { AgentCard, Route } from "../domain/agent-card.ts";
import { isPolylogueError } from "../domain/errors.ts";
import { US_PER_MS } from "../domain/time.ts";
import type { Clock } from "../platform/clock.ts";
import { createRedactor } from "../platform/redaction.ts";
import { type AgentProbe, PROBE_TIMEOUT_MS } from "./agent.ts";
import { classify } from "./failures/classifier.ts";
import { evidenceOf } from "./failures/evidence.ts";
import { networkFailure } from "./failures/network-failure.ts";
import { isRecord, parseJson } from "./json-shape.ts";
import { policyOf } from "./policy.ts";
import type { PriceTable } from "./prices/price-table.ts";
import type { RouteTarget } from "./route-target.ts";
import type { ModelListing } from "./vendors/vendor.ts";
import { createWatchedFetch, type NetworkRecord } from "./wire/watched-fetch.ts";
import { refuseRepeat } from "./wire/wire.ts";

export interface ProbeOptions {
  readonly card: AgentCard;
  readonly clock: Clock;
  readonly prices: PriceTable;
  readonly signal: AbortSignal;
  /** Throws where the route leads nowhere. */
  readonly target: () => RouteTarget;
  readonly simulated?: boolean;
}

type ProbeFailure = AgentProbe["failures"][number];

/** What a listing says of the model; `found` is undefined where it could not be read. */
interface Listed {
  readonly found: boolean | undefined;
  readonly contextTokensMax?: number;
  readonly failure?: ProbeFailure;
  readonly simulated: boolean;
}

const NAMES_SHOWN_MAX = 8;

/** Never throws. */
export async function probeRoute(route: Route, options: ProbeOptions): Promise<AgentProbe> {
  const { simulated = false } = options;
  const target = targetOrFailure(options);
  if ("code" in target) return { ok: false, failures: [target], simulated };
  const listed = await withTimeout(options, (signal) => listedModel(route, target, { ...options, signal }));
  const policy = policyOf(target.vendor.policies, route.model);
  const contextTokensMax = listed.contextTokensMax ?? policy.contextTokensMax;
  const failures = [
    ...(listed.failure === undefined ? [] : [listed.failure]),
    ...windowFailures(options.card, contextTokensMax),
    ...priceFailures(route, target, options),
  ];
  return {
    ok: failures.length === 0,
    failures,
    simulated: simulated || listed.simulated,
    ...(contextTokensMax === undefined ? {} : { contextTokensMax }),
  };
}

function targetOrFailure({ target }: ProbeOptions): RouteTarget | ProbeFailure {
  try {
    return target();
  } catch (error) {
    if (!isPolylogueError(error)) return { code: "UNREACHABLE", reason: String(error) };
    const reason = error.mend === undefined ? error.message : `${error.message}; ${error.mend}`;
    return { code: error.code === "KEY_MISSING" ? "AUTH" : "UNREACHABLE", reason };
  }
}

function windowFailures(card: AgentCard, contextTokensMax: number | undefined): ProbeFailure[] {
  const needed = card.contextTokensMax ?? card.outputTokensMax;
  if (contextTokensMax === undefined || contextTokensMax >= needed) return [];
  return [{ code: "WINDOW", reason: `the window holds ${contextTokensMax} tokens, the agent needs ${needed}` }];
}

function priceFailures(route: Route, { vendor }: RouteTarget, { prices, clock }: ProbeOptions): ProbeFailure[] {
  if (vendor.pricedAs === undefined || prices.find(vendor.pricedAs, route.model, clock.nowUs()) !== undefined)
    return [];
  return [
    {
      code: "PRICE",
      reason: `the price of ${route.model} at ${vendor.title} is not known; give it in the configuration`,
    },
  ];
}

async function withTimeout(options: ProbeOptions, run: (signal: AbortSignal) => Promise<Listed>): Promise<Listed> {
  const stopper = new AbortController();
  const cancel = options.clock.setTimer(PROBE_TIMEOUT_MS, () =>
    stopper.abort(new Error(`no reply within ${PROBE_TIMEOUT_MS} ms`)),
  );
  try {
    return await run(AbortSignal.any([options.signal, stopper.signal]));
  } catch (error) {
    const reason = networkFailure(
      stopper.signal.aborted ? stopper.signal.reason : error,
      createRedactor().redact,
    ).reason;
    return { found: undefined, simulated: false, failure: { code: "UNREACHABLE", reason } };
  } finally {
    cancel();
  }
}

async function listedModel(route: Route, target: RouteTarget, options: ProbeOptions): Promise<Listed> {
  const { models } = target.vendor;
  const list = await getJson(target, models.path, { ...options, query: models.query ?? {} });
  if (!isOk(list))
    return { found: undefined, simulated: list.network.simulated, failure: refusalOf(list, target, options) };
  const entries = entriesOf(list.body, models);
  const entry = entries.find((candidate) => idOf(candidate, models) === route.model);
  if (entry !== undefined) return { found: true, simulated: list.network.simulated, ...windowOf(entry, models) };
  if (models.unlisted?.includes(route.model) === true) return { found: true, simulated: list.network.simulated };
  if (!models.byId) return absent(route, entries, { target, simulated: list.network.simulated });
  const item = await getJson(target, `${models.path}/${encodeURIComponent(route.model)}`, { ...options, query: {} });
  if (isOk(item))
    return {
      found: true,
      simulated: item.network.simulated,
      ...(isRecord(item.body) ? windowOf(item.body, models) : {}),
    };
  if (item.status === 404 || item.status === 400)
    return absent(route, entries, { target, simulated: item.network.simulated });
  return { found: undefined, simulated: item.network.simulated, failure: refusalOf(item, target, options) };
}

function absent(
  route: Route,
  entries: readonly Entry[],
  { target, simulated }: { readonly target: RouteTarget; readonly simulated: boolean },
): Listed {
  const names = entries.map((entry) => idOf(entry, target.vendor.models));
  const known =
    names.length === 0
      ? ""
      : `; known are ${names.slice(0, NAMES_SHOWN_MAX).join(", ")}${names.length > NAMES_SHOWN_MAX ? " …" : ""}`;
  return {
    found: false,
    simulated,
    failure: { code: "MODEL", reason: `${target.vendor.title} has no model ${route.model}${known}` },
  };
}

type Entry = Readonly<Record<string, unknown>>;

function entriesOf(body: unknown, { listField }: ModelListing): Entry[] {
  const list = isRecord(body) ? body[listField] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function idOf(entry: Entry, { idField, idPrefix = "" }: ModelListing): string {
  const id = String(entry[idField]);
  return id.startsWith(idPrefix) ? id.slice(idPrefix.length) : id;
}

function windowOf(entry: Entry, { windowField }: ModelListing): { readonly contextTokensMax?: number } {
  const value = windowField === undefined ? undefined : entry[windowField];
  return typeof value === "number" && value > 0 ? { contextTokensMax: value } : {};
}

function isOk({ status }: JsonReply): boolean {
  return status >= 200 && status < 300;
}

interface JsonReply {
  readonly text: string;
  readonly body: unknown;
  readonly status: number;
  readonly network: NetworkRecord;
}

async function getJson(
  { vendor, baseUrl, key, fetch }: RouteTarget,
  path: string,
  { signal, query }: { readonly signal: AbortSignal; readonly query: Readonly<Record<string, string>> },
): Promise<JsonReply> {
  const url = new URL(`${baseUrl}${path}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const auth = key === undefined ? {} : { [vendor.auth.header]: `${vendor.auth.prefix}${key}` };
  const network = createWatchedFetch({ fetch, onByte: () => undefined, replyToRepeat: refuseRepeat });
  const response = await network.fetch(url.href, {
    headers: { accept: "application/json", ...vendor.headers, ...auth },
    signal,
  });
  const text = await response.text();
  const record = network.record();
  if (record.error !== undefined) throw record.error;
  return { text, body: parseJson(text), status: response.status, network: record };
}

/** A server that answers at all and refuses for any other reason than the key cannot be used now. */
function refusalOf({ status, text, network }: JsonReply, { key }: RouteTarget, { clock }: ProbeOptions): ProbeFailure {
  const { redact } = createRedactor(key === undefined ? [] : [key]);
  const failure = classify(evidenceOf({ status, headers: network.headers, body: text }), {
    nowMs: clock.nowUs() / US_PER_MS,
    redact,
  });
  return { code: failure.class === "auth" ? "AUTH" : "UNREACHABLE", reason: failure.reason };
}
