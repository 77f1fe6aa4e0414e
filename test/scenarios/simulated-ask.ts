// What scenarios share: a home of their own and a Polylogue over the simulators.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createPolylogue } from "../../src/app/create-polylogue.ts";
import type { PolylogueOptions } from "../../src/app/options.ts";
import type { Polylogue } from "../../src/app/polylogue.ts";

/** Gives a new folder and removes it, whatever happens. */
export async function inNewHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(path.join(tmpdir(), "polylogue-"));
  try {
    return await work(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Opens a simulated Polylogue without any environment, and closes it. */
export async function withSimulated<T>(
  options: PolylogueOptions,
  work: (polylogue: Polylogue) => Promise<T>,
): Promise<T> {
  const polylogue = await createPolylogue({
    simulated: true,
    simulatedLatency: "none",
    environment: {},
    folder: options.home ?? tmpdir(),
    ...options,
  });
  try {
    return await work(polylogue);
  } finally {
    await polylogue.close();
  }
}
