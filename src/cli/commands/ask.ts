// `polylogue ask`: one question, several models, one reasoned decision.
import type { Command } from "commander";
import { type AskFlags, addAskOptions, questionFrom } from "../ask/ask-options.ts";
import { runAsk } from "../ask/run-ask.ts";
import { type CommandContext, createRun } from "../context.ts";
import { examples } from "../examples.ts";
import { padText } from "../terminal-text.ts";

export async function defineAsk(command: Command, context: CommandContext): Promise<void> {
  const orchestrations = await context.services.orchestrations();
  const nameWidth = Math.max(0, ...orchestrations.map(({ name }) => name.length));
  addAskOptions(command.argument("[question]", "what to decide; read from stdin when it is left out"))
    .description("Put a question to several models and get one reasoned decision, with its dissent and its cost.")
    .addHelpText(
      "before",
      examples([
        'polylogue ask "Should we shard this table?" --attach design.md --budget 1.00',
        'polylogue ask "Which of the two fixes is safer?" --with claude,deepseek --as vote --attach fix-a.ts fix-b.ts',
        'polylogue ask "And if traffic doubles?" --continue 0190c3f2-8a41 --estimate',
      ]),
    )
    .addHelpText(
      "after",
      [
        "\nOrchestrations (--as):",
        ...orchestrations.map(({ name, summary }) => `  ${padText(name, nameWidth)}  ${summary}`),
        ENDS,
      ].join("\n"),
    )
    .action(async (question: string | undefined, flags: AskFlags) => {
      const run = createRun(context, command);
      await runAsk(run, { question: await questionFrom(question, run.io), flags, simulated: run.globals.simulated });
    });
}

const ENDS = `
Exit code:
  0  decided                      4  a key is missing or refused
  8  degraded, or no decision     5  a vendor or the network failed
  6  the budget was spent         7  it took too long
  130  cancelled                  1  another failure
  2  wrong use                    9  not possible in this state
  3  the configuration is wrong
Ctrl-C once lets the running turns end and cancels the conversation (--continue
goes on from it); twice ends at once. SIGTERM (143), SIGHUP (129) and a closed
pipe (141) leave it instead: polylogue conversation resume. Nothing that was
recorded is lost.`;
