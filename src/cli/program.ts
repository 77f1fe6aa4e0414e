// The tree of commands as commander knows it. Only the file of the command that
// is wanted is loaded; the others are a name and a line of help.
import { Command } from "commander";
import { COMMANDS, type CommandEntry } from "./commands/list.ts";
import type { CommandContext } from "./context.ts";
import { examples } from "./examples.ts";
import { addGlobalOptions } from "./globals.ts";
import type { Io } from "./io.ts";

/** `wanted`: the command whose file is loaded; `all` for completion, which needs every option. */
export async function buildProgram(options: {
  readonly context: CommandContext;
  readonly version: string;
  readonly wanted: string | undefined | "all";
}): Promise<Command> {
  const { context, version, wanted } = options;
  const program = configure(new Command("polylogue"), context.io);
  program
    .description("Models of different vendors hold one durable conversation.")
    .usage("[options] <command> [arguments]")
    .version(version, "-v, --version", "show version, commit and platform")
    .addHelpText(
      "before",
      examples([
        "polylogue demo",
        'polylogue ask "Should we shard this table?" --attach design.md --budget 1.00',
        "polylogue conversation list",
      ]),
    )
    .addHelpText("after", '\n"polylogue <command> --help" says more. Start with "polylogue demo": it needs no key.');
  addGlobalOptions(program);
  for (const entry of COMMANDS) {
    const command = configure(program.command(entry.name), context.io)
      .summary(entry.summary)
      .description(entry.summary);
    for (const alias of entry.aliases) command.alias(alias);
    if (wanted === "all" || isCalled(entry, wanted)) await (await entry.load())(command, context);
    addToAll(command, context.io);
  }
  return program;
}

function configure(command: Command, io: Io): Command {
  return command
    .exitOverride()
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false, subcommandTerm: (sub) => sub.name() })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // What is wrong is told once, by reportError.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(io.stdout.columns, 100),
      getErrHelpWidth: () => Math.min(io.stderr.columns, 100),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Global options and output settings, for the command and its sub-commands. */
function addToAll(command: Command, io: Io): void {
  addGlobalOptions(configure(command, io));
  for (const sub of command.commands) addToAll(sub, io);
}

function isCalled(entry: CommandEntry, name: string | undefined): boolean {
  return name === entry.name || entry.aliases.includes(name ?? "");
}
