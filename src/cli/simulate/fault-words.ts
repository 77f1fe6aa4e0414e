// The words after --faults as a fault plan: `0.3` is the share of calls that
// fail, `stall` or `stall=3` a kind with its weight, `google:down` a vendor
// that refuses connections.
import { PolylogueError } from "../../domain/errors.ts";
import { FAULT_KINDS, type FaultKind, type FaultPlan } from "../../simulators/fault-plan.ts";
import { SIMULATED_VENDORS, type SimulatedVendor } from "../../simulators/simulator.ts";

/** Where kinds are named without a share. */
const SHARE_DEFAULT = 0.3;

/** Undefined without any word. Throws `USAGE` naming the word that is none of these. */
export function faultPlanOf(words: readonly string[]): FaultPlan | undefined {
  if (words.length === 0) return undefined;
  let share: number | undefined;
  const weights: Partial<Record<FaultKind, number>> = {};
  const down: Partial<Record<SimulatedVendor, { readonly down: true }>> = {};
  for (const word of words) {
    const vendor = /^(.+):down$/.exec(word)?.[1];
    const [kind = "", weight = "1"] = word.split("=");
    if (/^(0|1|0?\.\d+|1\.0+)$/.test(word)) share = Number(word);
    else if (isVendor(vendor)) down[vendor] = { down: true };
    else if (isKind(kind) && /^\d+(\.\d+)?$/.test(weight)) weights[kind] = Number(weight);
    else throw unknownWord(word);
  }
  const hasKinds = Object.keys(weights).length > 0;
  return {
    ...(share === undefined && !hasKinds ? {} : { probability: share ?? SHARE_DEFAULT }),
    ...(hasKinds ? { weights } : {}),
    ...(Object.keys(down).length > 0 ? { vendors: down } : {}),
  };
}

function isVendor(text: string | undefined): text is SimulatedVendor {
  return (SIMULATED_VENDORS as readonly (string | undefined)[]).includes(text);
}

function isKind(text: string): text is FaultKind {
  return (FAULT_KINDS as readonly string[]).includes(text);
}

function unknownWord(word: string): PolylogueError {
  return new PolylogueError("USAGE", {
    message: `--faults does not know "${word}".`,
    mend: `Give a share from 0 to 1, kinds (${FAULT_KINDS.slice(0, 3).join(", ")} …, see --help) or VENDOR:down (${SIMULATED_VENDORS.join(", ")}).`,
  });
}
