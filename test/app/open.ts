// What the tests of the library share: a home of their own, and networks that
// answer like the vendors without being simulators in name.
import { onTestFinished } from "vitest";
import { createPolylogue } from "../../src/app/create-polylogue.ts";
import type { PolylogueOptions } from "../../src/app/options.ts";
import type { Polylogue } from "../../src/app/polylogue.ts";
import { createSystemClock } from "../../src/platform/clock.ts";
import { createSimulators, SIMULATED_HEADER } from "../../src/simulators/index.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Closed when the test ends. Without an environment, and without a home of the user's. */
export async function open(options: PolylogueOptions = {}): Promise<Polylogue> {
  const home = options.home ?? temporaryFolder();
  const polylogue = await createPolylogue({ environment: {}, folder: home, ...options, home });
  onTestFinished(() => polylogue.close());
  return polylogue;
}

export function openSimulated(options: PolylogueOptions = {}): Promise<Polylogue> {
  return open({ simulated: true, ...options });
}

export const KEYS = {
  ANTHROPIC_API_KEY: "planted-a-key",
  GEMINI_API_KEY: "planted-g-key",
  DEEPSEEK_API_KEY: "planted-d-key",
};

export interface Network {
  readonly fetch: typeof globalThis.fetch;
  /** Hosts that were called, in order. */
  readonly hosts: string[];
}

/** Replies as the vendors', so that conversations over it are real ones. */
export function vendorNetwork(seed = 1): Network {
  const simulators = createSimulators({ clock: createSystemClock(), seed });
  const hosts: string[] = [];
  return {
    hosts,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      hosts.push(new URL(request.url).host);
      const reply = await simulators.fetch(request);
      reply.headers.delete(SIMULATED_HEADER);
      return reply;
    },
  };
}

/** A network that must not be used. */
export const noNetwork: typeof globalThis.fetch = (input) => {
  throw new Error(`called ${new Request(input).url}`);
};
