// What all services stand on. Each part is made when it is first wanted, so that
// a quick question costs no more than it needs.

import type { Orchestration } from "../conversations/orchestration.ts";
import { PolylogueError } from "../domain/errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Targets } from "../mesh/selection/targets.ts";
import { type Clock, createSystemClock } from "../platform/clock.ts";
import { createIdSource, type IdSource } from "../platform/ids.ts";
import { createRedactedLog, createSilentLog, type Log } from "../platform/log.ts";
import { createSystemRandom, type Random } from "../platform/random.ts";
import { createRedactor, type Redactor } from "../platform/redaction.ts";
import type { Store } from "../storage/store.ts";
import type { AgentFactory, AgentFactoryOptions } from "./agent-factory.ts";
import type { LoadedConfig } from "./config/config.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { ensureHome, findHome, type Home } from "./home.ts";
import { type Memo, memo } from "./memo.ts";
import type { Network } from "./network.ts";
import type { PolylogueOptions } from "./options.ts";
import { createSides, type SideName, type Sides } from "./sides.ts";

const SEED_DEFAULT = 7;

export interface Context {
  readonly options: PolylogueOptions;
  readonly environment: Environment;
  readonly folder: string;
  readonly simulated: boolean;
  readonly seed: number;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly sides: Sides;
  config(): Promise<LoadedConfig>;
  home(): Promise<Home>;
  store(): Promise<Store>;
  journal(): Promise<Journal>;
  orchestrations(): Promise<readonly Orchestration[]>;
  /** Of agents over the network, or over the simulators of this seed. */
  factory(name: SideName): Promise<AgentFactory>;
  close(): Promise<void>;
}

interface Parts {
  readonly config: Memo<LoadedConfig>;
  readonly home: Memo<Home>;
  readonly store: Memo<Store>;
  readonly journal: Memo<Journal>;
  readonly network: Memo<Network>;
  readonly targets: Memo<Targets>;
}

interface Base extends Pick<Context, "options" | "environment" | "folder" | "clock" | "ids" | "redactor" | "log"> {
  readonly random: Random;
}

export function createContext(options: PolylogueOptions): Context {
  const base = createBase(options);
  const simulated = options.simulated ?? false;
  const seed = options.seed ?? SEED_DEFAULT;
  const parts = createParts(base);
  const network = memo(() => createFactory(base, parts, { simulated: false, seed }));
  const factory = (name: SideName): Promise<AgentFactory> =>
    name.simulated ? createFactory(base, parts, name) : network.get();
  const orchestrations = (): Promise<readonly Orchestration[]> => allOrchestrations(options);
  const sides = createSides({ kept: { simulated, seed }, create: (name) => openSide(base, parts, { name, factory }) });
  let closed: Promise<void> | undefined;
  const unlessClosed = <T>(part: Memo<T>): Promise<T> =>
    closed === undefined ? part.get() : Promise.reject(isClosed());
  return {
    ...base,
    simulated,
    seed,
    sides,
    factory,
    config: parts.config.get,
    home: parts.home.get,
    store: () => unlessClosed(parts.store),
    journal: () => unlessClosed(parts.journal),
    orchestrations,
    close: () => {
      closed ??= closeParts(sides, parts);
      return closed;
    },
  };
}

function createBase(options: PolylogueOptions): Base {
  const clock = options.clock ?? createSystemClock();
  const random = createSystemRandom();
  const redactor = createRedactor();
  return {
    options,
    environment: options.environment ?? readEnvironment(),
    folder: options.folder ?? process.cwd(),
    clock,
    random,
    ids: createIdSource(clock, random),
    redactor,
    log: options.log === undefined ? createSilentLog() : createRedactedLog(options.log, redactor),
  };
}

function createParts(base: Base): Parts {
  const { options, environment, folder, clock } = base;
  const config = memo(async () => {
    const { loadConfig } = await import("./config/load-config.ts");
    return loadConfig({ ...options, environment, folder });
  });
  const home = memo(() => findHome({ ...options, environment, folder }));
  const store = memo(async () => openStore(base, await home.get()));
  const journal = memo(async () => openJournal(base, await store.get()));
  const network = memo(async () => {
    const [{ createNetwork }, { vendorRecords }] = await Promise.all([
      import("./network.ts"),
      import("./vendor-records.ts"),
    ]);
    const loaded = await config.get();
    return createNetwork(vendorRecords(loaded.config), loaded.config, environment);
  });
  const targets = memo(async () => {
    const { createTargets } = await import("../mesh/selection/targets.ts");
    return createTargets({ clock, random: base.random });
  });
  return { config, home, store, journal, network, targets };
}

async function openStore({ options, clock }: Base, home: Home): Promise<Store> {
  await ensureHome(home);
  const { createProcessLeases } = await import("./process-leases.ts");
  if (options.openStore !== undefined) return createProcessLeases(await options.openStore(home.database));
  const { createSqliteStore } = await import("../storage/sqlite/sqlite-store.ts");
  return createProcessLeases(await createSqliteStore({ path: home.database, clock }));
}

async function openJournal({ ids, clock }: Base, store: Store): Promise<Journal> {
  const [{ createJournal }, { PROJECTIONS }] = await Promise.all([
    import("../journal/create-journal.ts"),
    import("./projections.ts"),
  ]);
  return createJournal({ store, ids, clock, projections: PROJECTIONS });
}

async function createFactory(base: Base, parts: Parts, name: SideName): Promise<AgentFactory> {
  const { simulated } = name;
  const loaded = await parts.config.get();
  if (!simulated) (await import("./config/trust.ts")).assertTrusted(loaded);
  const { config } = loaded;
  const [{ createAgentFactory }, { withOwnAgents }, fetches] = await Promise.all([
    import("./agent-factory.ts"),
    import("./own-agents.ts"),
    fetchesOf(base, parts, name),
  ]);
  const factory = createAgentFactory({ ...base, ...fetches, config, simulated });
  return withOwnAgents(factory, base.options.agents ?? [], { redactor: base.redactor, simulated });
}

async function fetchesOf(
  { options, clock }: Base,
  { network }: Parts,
  { simulated, seed }: SideName,
): Promise<Pick<AgentFactoryOptions, "fetch" | "fetchByVendor">> {
  if (!simulated) return options.fetch === undefined ? network.get() : { fetch: options.fetch };
  const { createSimulatedFetch } = await import("./simulated-fetch.ts");
  return { fetch: createSimulatedFetch({ clock, seed, latency: options.simulatedLatency ?? "none" }) };
}

async function openSide(
  base: Base,
  parts: Parts,
  { name, factory }: { readonly name: SideName; readonly factory: (name: SideName) => Promise<AgentFactory> },
) {
  const [{ createSide }, { config }, store, journal, targets, made, orchestrations] = await Promise.all([
    import("./side.ts"),
    parts.config.get(),
    parts.store.get(),
    parts.journal.get(),
    parts.targets.get(),
    factory(name),
    allOrchestrations(base.options),
  ]);
  // Simulated vendors have their own health: a fault tried out says nothing of the real ones.
  const own = name.simulated ? (await import("../mesh/selection/targets.ts")).createTargets(base) : targets;
  return createSide({
    ...base,
    config,
    store,
    journal,
    targets: own,
    factory: made,
    orchestrations,
    simulated: name.simulated,
  });
}

async function allOrchestrations({ orchestrations = [] }: PolylogueOptions): Promise<readonly Orchestration[]> {
  const [{ ORCHESTRATIONS }, { handshakeOnly }] = await Promise.all([
    import("../conversations/orchestrations/list.ts"),
    import("./handshake-only.ts"),
  ]);
  return [...ORCHESTRATIONS, ...orchestrations, handshakeOnly as Orchestration];
}

async function closeParts(sides: Sides, parts: Parts): Promise<void> {
  await sides.close();
  await (await parts.network.made())?.close();
  await (await parts.store.made())?.close();
}

function isClosed(): PolylogueError {
  return new PolylogueError("STORE_CLOSED", {
    message: "This Polylogue was closed.",
    mend: "Make another one with createPolylogue.",
  });
}
