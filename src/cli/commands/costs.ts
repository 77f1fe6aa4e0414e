// `polylogue costs`: what was spent, and on what.
import type { Command } from "commander";
import { Option } from "commander";
import type { CostsDocument } from "../../app/polylogue.ts";
import { promptTokens } from "../../domain/usage.ts";
import { formatCount, formatUsd } from "../amounts.ts";
import { type CommandContext, createRun, type Run } from "../context.ts";
import { examples } from "../examples.ts";
import { formatTable } from "../table.ts";
import { plainLine } from "../terminal-text.ts";

interface CostsFlags {
  readonly by: CostsDocument["by"];
  readonly includeSimulated?: boolean;
}

export function defineCosts(command: Command, context: CommandContext): void {
  command
    .description("Show what was spent, and on what. Simulated spend is left out unless asked for.")
    .addOption(
      new Option("--by <what>", "one row for each")
        .choices(["agent", "vendor", "model", "conversation", "day"])
        .default("agent"),
    )
    .option("--include-simulated", "with what simulated calls would have cost (so does --simulated)")
    .addHelpText("before", examples(["polylogue costs", "polylogue costs --by day --json"]))
    .action(async (flags: CostsFlags) => {
      const run = createRun(context, command);
      const simulated = flags.includeSimulated === true || run.globals.simulated;
      await run.withPolylogue(async (polylogue) => {
        const document = await polylogue.costs({ by: flags.by, simulated });
        run.show(document, () => costLines(document, run));
      });
    });
}

function costLines(document: CostsDocument, { invocation }: Run): string[] {
  const { rows, includesSimulated, totalUsd, reservedUsd, by } = document;
  if (rows.length === 0) {
    return [
      "Nothing was spent.",
      ...(includesSimulated
        ? []
        : [`Simulated spend is left out; see it with: ${invocation} costs --by ${by} --include-simulated`]),
    ];
  }
  return [
    ...formatTable(
      [
        { title: by.toUpperCase(), cell: (row) => `${plainLine(row.key)}${row.simulated ? " (simulated)" : ""}` },
        { title: "CALLS", align: "right", cell: (row) => formatCount(row.calls) },
        { title: "TOKENS IN", align: "right", cell: (row) => formatCount(promptTokens(row.tokens)) },
        { title: "TOKENS OUT", align: "right", cell: (row) => formatCount(row.tokens.output) },
        { title: "COST", align: "right", cell: (row) => formatUsd(row.costUsd) },
      ],
      rows,
    ),
    "",
    `Total ${formatUsd(totalUsd)}${reservedUsd > 0 ? `, and ${formatUsd(reservedUsd)} reserved by running calls` : ""}.`,
  ];
}
