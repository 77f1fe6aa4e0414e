// `polylogue demo`: `--simulated ask` with a question and a document that come with it.
import type { Command } from "commander";
import { type AskFlags, addAskOptions } from "../ask/ask-options.ts";
import { runAsk } from "../ask/run-ask.ts";
import { type CommandContext, createRun } from "../context.ts";
import { DEMO_DOCUMENT, DEMO_DOCUMENT_NAME } from "../demo/document.ts";
import { DEMO_MEMBERS, DEMO_QUESTION, DEMO_QUESTION_OWN_FILE, DEMO_SEED } from "../demo/question.ts";
import { examples } from "../examples.ts";

export function defineDemo(command: Command, context: CommandContext): void {
  addAskOptions(command.argument("[question]", "your own question; one about the built-in design note unless told"))
    .description(
      "Watch Claude, Gemini and DeepSeek, simulated over their real wire formats, shake hands, debate a design note and vote. No vendor is called and no key is needed. Takes every option of ask.",
    )
    .addHelpText(
      "before",
      examples([
        "polylogue demo",
        'polylogue demo "Should this design use one writer thread?" --attach docs/architecture.md',
      ]),
    )
    .action(async (question: string | undefined, flags: AskFlags) => {
      const hasOwnMaterial = question !== undefined || flags.attach !== undefined || flags.continue !== undefined;
      await runAsk(createRun(context, command), {
        question: question ?? (hasOwnMaterial ? DEMO_QUESTION_OWN_FILE : DEMO_QUESTION),
        flags: { with: DEMO_MEMBERS, ...(hasOwnMaterial ? {} : { seed: DEMO_SEED }), ...flags },
        attachments: hasOwnMaterial
          ? []
          : [{ name: DEMO_DOCUMENT_NAME, mediaType: "text/markdown", text: DEMO_DOCUMENT }],
        simulated: true,
      });
    });
}
