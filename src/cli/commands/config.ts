// `polylogue config`: every setting with the place it comes from, and the user's
// trust in a file that decides about keys.
import type { Command } from "commander";
import type { ConfigDocument, TrustDocument } from "../../app/config/config.ts";
import { type CommandContext, createRun } from "../context.ts";
import { examples } from "../examples.ts";
import { formatTable } from "../table.ts";
import { plainLine } from "../terminal-text.ts";

export function defineConfig(command: Command, context: CommandContext): void {
  command.description("Say where every setting comes from; trust a file that decides about keys.");
  defineExplain(command, context);
  defineTrust(command, context);
}

function defineExplain(command: Command, context: CommandContext): void {
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

function defineTrust(command: Command, context: CommandContext): void {
  const trust = command
    .command("trust")
    .argument("[file]", "the file; the nearest polylogue.yaml unless told")
    .description(
      "Agree that this configuration file, as it is now, decides which keys are used and where they are sent. Read it first; a changed file must be trusted again.",
    );
  trust
    .addHelpText("before", examples(["polylogue config trust", "polylogue config trust team/polylogue.yaml"]))
    .action(async (file: string | undefined) => {
      const run = createRun(context, trust);
      const document = await run.services.trustConfig({
        ...run.options(),
        ...(file === undefined ? {} : { file }),
      });
      run.show(document, () => trustLines(document));
    });
}

function trustLines({ file, settings }: TrustDocument): string[] {
  if (settings.length === 0) return [`Trusted ${file} as it is now. It says nothing about keys.`];
  return [
    `Trusted ${file} as it is now. It decides about keys:`,
    ...settings.map(({ path, value, where }) => `  ${path}: ${plainLine(value)} (${where})`),
  ];
}

function withPath(document: ConfigDocument, path: string | undefined): ConfigDocument {
  if (path === undefined) return document;
  return {
    ...document,
    values: document.values.filter((entry) => entry.path === path || entry.path.startsWith(`${path}.`)),
  };
}

function configLines({ home, files, untrusted, values, secrets }: ConfigDocument): string[] {
  return [
    `Data: ${home.path} (${origin(home.origin)})`,
    `Files: ${files.length === 0 ? "none" : files.join(", ")}`,
    ...(untrusted === null
      ? []
      : [
          `Not trusted: ${untrusted.settings.map(({ path }) => path).join(", ")}. No key is used before: polylogue config trust ${untrusted.file}`,
        ]),
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
