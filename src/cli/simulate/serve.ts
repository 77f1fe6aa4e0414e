// Serves the simulators until Ctrl-C, and says how to reach them.
import type { Run } from "../context.ts";
import type { SimulatorServer, SimulatorServerOptions } from "../services.ts";

export async function serveSimulators(run: Run, options: SimulatorServerOptions): Promise<void> {
  const { io } = run;
  const stopped = Promise.withResolvers<void>();
  const draining = io.interrupt.drain(() => {
    io.stderr.write("Stopping.\n");
    stopped.resolve();
  });
  const server = await run.services.startSimulators(options);
  try {
    run.show({ schema: "polylogue.simulate/1", seed: options.seed, vendors: server.vendors }, () =>
      serverLines(server),
    );
    await stopped.promise;
  } finally {
    draining.release();
    await server.close();
  }
}

/** Comments and exports, so that a shell can read all of it. */
function serverLines({ vendors }: SimulatorServer): string[] {
  const others = vendors.filter(({ environment }) => Object.keys(environment).length === 0);
  return [
    "# Simulators are running; Ctrl-C stops them. For the vendors' own SDKs in a shell:",
    ...vendors.flatMap(({ environment }) =>
      Object.entries(environment).map(([name, value]) => `export ${name}=${value}`),
    ),
    ...others.map(({ vendor, url }) => `# ${vendor}: ${url} (give it to a client as its base URL)`),
    "# Polylogue itself needs no server: give it --simulated.",
  ];
}
