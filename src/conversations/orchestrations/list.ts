// Every orchestration that comes with Polylogue. Adding one is adding a file and a line here.
import { PolylogueError } from "../../domain/errors.ts";
import type { Orchestration } from "../orchestration.ts";
import { ask } from "./ask.ts";
import { council } from "./council.ts";
import { debate } from "./debate.ts";
import { gather } from "./gather.ts";
import { roundRobin } from "./round-robin.ts";
import { vote } from "./vote.ts";

/** States are opaque outside their own orchestration. */
export const ORCHESTRATIONS: readonly Orchestration[] = [
  ask as Orchestration,
  gather as Orchestration,
  roundRobin as Orchestration,
  debate as Orchestration,
  council as Orchestration,
  vote as Orchestration,
];

/** Throws `ORCHESTRATION_UNKNOWN`, naming those there are. */
export function findOrchestration(name: string, among: readonly Orchestration[] = ORCHESTRATIONS): Orchestration {
  const found = among.find((orchestration) => orchestration.name === name);
  if (found !== undefined) return found;
  throw new PolylogueError("ORCHESTRATION_UNKNOWN", {
    message: `There is no orchestration ${JSON.stringify(name)}.`,
    mend: `Use one of: ${among.map((orchestration) => orchestration.name).join(", ")}.`,
  });
}
