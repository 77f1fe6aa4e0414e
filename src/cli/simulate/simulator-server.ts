// The simulators on one port of 127.0.0.1, and what a shell exports to use them.
import { BUILT_IN_VENDORS } from "../../app/vendor-records.ts";
import { PolylogueError } from "../../domain/errors.ts";
import { createSystemClock } from "../../platform/clock.ts";
import {
  createSimulators,
  LATENCY_PROFILES,
  type ServedSimulators,
  SIMULATED_VENDORS,
  type SimulatedVendor,
  serveSimulators,
} from "../../simulators/index.ts";
import type { SimulatorServer, SimulatorServerOptions } from "../services.ts";

/** What the vendors' own SDKs read, and the path that they expect in it. */
const SDK_VARIABLES: Readonly<Partial<Record<SimulatedVendor, readonly [name: string, path: string]>>> = {
  anthropic: ["ANTHROPIC_BASE_URL", ""],
  google: ["GOOGLE_GEMINI_BASE_URL", ""],
  openai: ["OPENAI_BASE_URL", "/v1"],
};
/** Any key will do that does not start with `invalid`. */
const KEY = "simulated";

/** Throws `USAGE` when the port cannot be had. */
export async function startSimulators(options: SimulatorServerOptions): Promise<SimulatorServer> {
  const simulators = createSimulators({
    clock: createSystemClock(),
    seed: options.seed,
    latency: LATENCY_PROFILES[options.latency],
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const served = await listen(() => serveSimulators(simulators, { port: options.port }), options.port);
  return {
    vendors: SIMULATED_VENDORS.map((vendor) => ({
      vendor,
      url: served.urls[vendor],
      environment: environmentOf(vendor, served.urls[vendor]),
    })),
    close: () => served.close(),
  };
}

async function listen(serve: () => Promise<ServedSimulators>, port: number): Promise<ServedSimulators> {
  try {
    return await serve();
  } catch (error) {
    throw new PolylogueError("USAGE", {
      message: `Port ${port} cannot be had: ${(error as Error).message}.`,
      mend: "Give another port, or 0 for a free one.",
      cause: error,
    });
  }
}

/** Nothing for a vendor whose SDK reads no base URL from the environment. */
function environmentOf(vendor: SimulatedVendor, url: string): Record<string, string> {
  const sdk = SDK_VARIABLES[vendor];
  if (sdk === undefined) return {};
  const keyName = BUILT_IN_VENDORS.get(vendor)?.keyEnv[0];
  return { [sdk[0]]: `${url}${sdk[1]}`, ...(keyName === undefined ? {} : { [keyName]: KEY }) };
}
