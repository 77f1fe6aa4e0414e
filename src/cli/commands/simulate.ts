// `polylogue simulate`: the vendors' simulators as HTTP servers, for any client.
import type { Command } from "commander";
import { Option } from "commander";
import { FAULT_KINDS } from "../../simulators/fault-plan.ts";
import { LATENCY_PROFILES } from "../../simulators/simulator.ts";
import { type CommandContext, createRun } from "../context.ts";
import { examples } from "../examples.ts";
import { faultPlanOf } from "../simulate/fault-words.ts";
import { serveSimulators } from "../simulate/serve.ts";
import { wrapText } from "../terminal-text.ts";
import { portNumber, seedNumber } from "../values.ts";

export interface SimulateFlags {
  readonly port: number;
  readonly seed: number;
  readonly latency: keyof typeof LATENCY_PROFILES;
  readonly faults?: readonly string[];
}

export function defineSimulate(command: Command, context: CommandContext): void {
  command
    .description("Serve simulators of the vendors' HTTP APIs on 127.0.0.1, until Ctrl-C. They never call out.")
    .option("--port <number>", "port to listen on; 0 takes a free one", portNumber, 0)
    .option("--seed <number>", "the same seed gives the same replies and faults", seedNumber, 1)
    .addOption(
      new Option("--latency <profile>", "how long replies take")
        .choices(Object.keys(LATENCY_PROFILES))
        .default("lively"),
    )
    .option("--faults <fault...>", "share of calls that fail (0.3), kinds (rate429, stall=3) or vendor:down")
    .addHelpText(
      "before",
      examples([
        "polylogue simulate",
        "polylogue simulate --port 9400 --faults 0.3 rate429 stall",
        "polylogue simulate --faults google:down",
      ]),
    )
    .addHelpText(
      "after",
      ["\nKinds of faults:", ...wrapText(FAULT_KINDS.join(", "), 76).map((line) => `  ${line}`)].join("\n"),
    )
    .action(async (flags: SimulateFlags) => {
      const run = createRun(context, command);
      const faults = faultPlanOf(flags.faults ?? []);
      await serveSimulators(run, {
        port: flags.port,
        seed: flags.seed,
        latency: flags.latency,
        ...(faults === undefined ? {} : { faults }),
      });
    });
}
