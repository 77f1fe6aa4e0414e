// All vendors behind one function that looks like `fetch`.
import { createAnthropicSimulator } from "./anthropic/simulator.ts";
import { createDeepSeekSimulator } from "./deepseek/simulator.ts";
import { createGoogleSimulator } from "./google/simulator.ts";
import { createOpenAiSimulator } from "./openai/simulator.ts";
import type { SimulatorOptions, Simulators, VendorSimulator } from "./simulator.ts";

export function createSimulators(options: SimulatorOptions): Simulators {
  const vendors = {
    anthropic: createAnthropicSimulator(options),
    google: createGoogleSimulator(options),
    deepseek: createDeepSeekSimulator(options),
    openai: createOpenAiSimulator(options),
  };
  const byHost = new Map<string, VendorSimulator>(
    Object.values(vendors).map((vendor) => [new URL(vendor.baseUrl).host, vendor]),
  );
  return {
    vendors,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const { host } = new URL(request.url);
      const vendor = byHost.get(host);
      if (vendor === undefined) {
        const cause = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
        throw new TypeError("fetch failed", { cause });
      }
      return vendor.handle(request);
    },
  };
}
