// The real services. Each import happens at the first call: `--help` and
// `--version` load none of them.
import type { Services } from "./services.ts";

export function createAppServices(): Services {
  return {
    createPolylogue: async (options) => (await import("../app/create-polylogue.ts")).createPolylogue(options),
    readAttachments: async (paths) =>
      paths.length === 0 ? [] : (await import("../app/attachments.ts")).readAttachments(paths),
    explainConfig: async (options) => (await import("../app/config/explain.ts")).explainConfig(options),
    trustConfig: async (options) => (await import("../app/config/trust-config.ts")).trustConfig(options),
    orchestrations: async () => (await import("../conversations/orchestrations/list.ts")).ORCHESTRATIONS,
    startSimulators: async (options) => (await import("./simulate/simulator-server.ts")).startSimulators(options),
  };
}
