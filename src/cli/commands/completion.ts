// `polylogue completion`: a script for the user's shell, made from the commands
// themselves, so that it cannot lag behind them.
import { Argument, type Command } from "commander";
import { type CompletionNode, completionScript, SHELLS, type Shell } from "../completion-script.ts";
import type { CommandContext } from "../context.ts";
import { examples } from "../examples.ts";

export function defineCompletion(command: Command, context: CommandContext): void {
  command
    .addArgument(new Argument("<shell>", "which shell it is for").choices(SHELLS))
    .description("Print a completion script. Load it from the file that your shell reads at its start.")
    .addHelpText(
      "before",
      examples([
        'eval "$(polylogue completion bash)"     # in ~/.bashrc',
        'eval "$(polylogue completion zsh)"      # in ~/.zshrc',
        "polylogue completion fish | source      # in ~/.config/fish/config.fish",
      ]),
    )
    .action(async (shell: Shell) => {
      context.io.stdout.write(completionScript(shell, nodesOf(await context.wholeProgram(), [])));
    });
}

/** The command and all below it, by the words that lead there. */
function nodesOf(command: Command, words: readonly string[]): CompletionNode[] {
  const subs = command.commands.filter((sub) => sub.name() !== "help");
  const node: CompletionNode = {
    words,
    commands: subs.map((sub) => ({ name: sub.name(), summary: sub.summary() || sub.description() })),
    options: command.options.flatMap((option) =>
      option.long === null || option.long === undefined ? [] : [{ name: option.long, summary: option.description }],
    ),
  };
  return [node, ...subs.flatMap((sub) => nodesOf(sub, [...words, sub.name()]))];
}
