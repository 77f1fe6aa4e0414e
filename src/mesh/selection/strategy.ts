// A strategy ranks agents that can all be asked now. What must not be asked was
// left out before: hard limits are not a matter of preference.
import type { Random } from "../../platform/random.ts";
import type { PortHandle } from "../turn-runner.ts";
import type { TargetLoad } from "./target.ts";

export interface Candidate {
  readonly port: PortHandle;
  readonly load: TargetLoad;
}

interface Strategy {
  /** All of them, best first. */
  order(candidates: readonly Candidate[]): Candidate[];
}

export type CreateStrategy = (options: { readonly random: Random }) => Strategy;
