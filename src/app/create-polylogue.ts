// The composition root: the only place that constructs concrete classes.
import { PolylogueError } from "../domain/errors.ts";
import type { PolylogueOptions } from "./options.ts";
import type { Polylogue } from "./polylogue.ts";

/**
 * A Polylogue over the home folder. Nothing heavy is loaded, and no key is
 * needed, before the first call that wants it.
 */
export function createPolylogue(_options: PolylogueOptions = {}): Promise<Polylogue> {
  return Promise.reject(
    new PolylogueError("INTERNAL", { message: "The parts that createPolylogue puts together are not here yet." }),
  );
}
