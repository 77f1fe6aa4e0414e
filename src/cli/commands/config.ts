// `polylogue config explain`: every setting with the place it comes from.
import type { Command } from "commander";
import type { ConfigDocument } from "../../app/config/config.ts";
import { type CommandContext, createRun } from "../context.ts";
import { examples } from "../examples.ts";
import { formatTable } from "../table.ts";
import { plainLine } from "../terminal-text.ts";

export function defineConfig(command: Command, context: CommandContext): void {
  command.description("Say where every setting comes from.");
  const explain = command
    .command("explain")
    .argument("[path]", "only settings that start so, for example agents.claude")
    .description(
      "Show every setting with the flag, variable, file and line, or default it comes from. Secrets are never shown.",
    );
  explain
    .addHelpText("before", examples(["polylogue config explain", "polylogue config explain budgets"]))
    .action(async (path: string | undefined) => {
      const run = createRun(context, explain);
      const document = withPath(await run.services.explainConfig(run.options()), path);
      run.show(document, () => configLines(document));
    });
}

function withPath(document: ConfigDocument, path: string | undefined): ConfigDocument {
  if (path === undefined) return document;
  return {
    ...document,
    values: document.values.filter((entry) => entry.path === path || entry.path.startsWith(`${path}.`)),
  };
}

function configLines({ home, files, values, secrets }: ConfigDocument): string[] {
  return [
    `Data: ${home.path} (${origin(home.origin)})`,
    `Files: ${files.length === 0 ? "none" : files.join(", ")}`,
    "",
    ...formatTable(
      [
        { title: "SETTING", cell: (entry) => entry.path },
        {
          title: "VALUE",
          cell: (entry) => plainLine(Array.isArray(entry.value) ? entry.value.join(",") : String(entry.value)),
        },
        { title: "FROM", cell: (entry) => origin(entry.origin) },
      ],
      values,
    ),
    "",
    ...formatTable(
      [
        { title: "SECRET", cell: (secret) => secret.name },
        { title: "STATE", cell: (secret) => secret.state },
        { title: "FROM", cell: (secret) => origin(secret.origin) },
      ],
      secrets,
    ),
  ];
}

function origin({ source, where }: ConfigDocument["home"]["origin"]): string {
  return where === null ? source : `${source}: ${where}`;
}
