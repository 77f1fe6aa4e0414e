// What createPolylogue can be told. Everything has a default; everything that
// touches the outside can be replaced.
import type { Orchestration } from "../conversations/orchestration.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../storage/store.ts";
import type { ConfigInput } from "./config/config.ts";
import type { Environment } from "./environment.ts";
import type { OwnAgent } from "./own-agents.ts";

/** How long simulated models take: `none` at once, `lively` good to watch, `realistic` like the vendors. */
export type SimulatedLatency = "none" | "lively" | "realistic";

export interface PolylogueOptions {
  /** Folder of the database; unless told POLYLOGUE_HOME, `.polylogue` beside polylogue.yaml, or the XDG data folder. */
  readonly home?: string;
  /** Used instead of the polylogue.yaml found upwards from `folder`. */
  readonly configFile?: string;
  /** What flags say: it wins over the environment and every file. */
  readonly config?: ConfigInput;
  /** The process's own unless told. */
  readonly environment?: Environment;
  /** Where the search for polylogue.yaml starts; the working folder unless told. */
  readonly folder?: string;
  /** New conversations run against simulators in this process: no key, no network, marked for ever. */
  readonly simulated?: boolean;
  /** Of the simulators, and of conversations that name none; always the same unless told. */
  readonly seed?: number;
  readonly simulatedLatency?: SimulatedLatency;
  /** Agents of the program's own, named in `with` by the ids of their cards. */
  readonly agents?: readonly OwnAgent[];
  /** Orchestrations of the program's own, beside those that come with Polylogue. */
  readonly orchestrations?: readonly Orchestration[];
  readonly clock?: Clock;
  /** Opens the database file, which exists and is closed to others; SQLite unless told. */
  readonly openStore?: (path: string) => Promise<Store>;
  /** The network of real vendors. */
  readonly fetch?: typeof globalThis.fetch;
  /** Silent unless told. */
  readonly log?: Log;
}
