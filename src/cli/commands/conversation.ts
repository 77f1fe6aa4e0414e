// `polylogue conversation`: what is recorded, and what can still be done about it.
import type { Command } from "commander";
import { Option } from "commander";
import type { Polylogue } from "../../app/polylogue.ts";
import { type CommandContext, createRun, type Run } from "../context.ts";
import { deadLines, listLines } from "../conversation/listing.ts";
import { resumeConversations } from "../conversation/resume.ts";
import { tailConversation } from "../conversation/tail.ts";
import { examples } from "../examples.ts";
import { writeDocument } from "../output.ts";
import { timeline } from "../report/timeline.ts";
import { harmlessText } from "../terminal-text.ts";
import { agentNames, integerBetween } from "../values.ts";

const LIST_MAX = 10_000;
const LIST_DEFAULT = 50;
const SEQ_MAX = 1_000_000_000;

interface Sub {
  /** Name and arguments, as commander writes them. */
  readonly usage: string;
  readonly description: string;
  readonly examples: readonly string[];
}

export function defineConversation(command: Command, context: CommandContext): void {
  command.description(
    "List, show, follow, resume, cancel and export conversations. An id may be cut short as long as it is unique.",
  );
  defineReading(command, context);
  defineActing(command, context);
}

function defineReading(parent: Command, context: CommandContext): void {
  const list = sub(parent, {
    usage: "list",
    description: "List conversations, the newest first.",
    examples: ["polylogue conversation list --limit 5"],
  });
  list
    .alias("ls")
    .option("-n, --limit <number>", "at most so many", integerBetween(1, LIST_MAX), LIST_DEFAULT)
    .action((flags: { readonly limit: number }) =>
      withPolylogue(list, context, async (polylogue, run) => {
        const document = await polylogue.conversations.list({ limit: flags.limit });
        run.show(document, () => listLines(document, run));
      }),
    );
  const show = sub(parent, {
    usage: "show <id>",
    description: "Show every message with its deliveries and attempts, and the result.",
    examples: ["polylogue conversation show 0190c3f2-8a41", "polylogue conversation show 0190c3f2-8a41 --json"],
  });
  show.action((id: string) =>
    withPolylogue(show, context, async (polylogue, run) => {
      const document = await polylogue.conversations.show(id);
      run.show(document, () => timeline(document, run));
    }),
  );
  const tail = sub(parent, {
    usage: "tail <id>",
    description: "Follow the events of a conversation until it has ended. With --jsonl one JSON line for each.",
    examples: [
      "polylogue conversation tail 0190c3f2-8a41",
      "polylogue conversation tail 0190c3f2-8a41 --after 120 --jsonl",
    ],
  });
  tail
    .option("--after <seq>", "only events after this one", integerBetween(0, SEQ_MAX), 0)
    .action((id: string, flags: { readonly after: number }) =>
      withPolylogue(tail, context, (polylogue, run) => tailConversation(run, polylogue, { id, after: flags.after })),
    );
  const dead = sub(parent, {
    usage: "dead [id]",
    description: "List messages that could not be delivered, with the reason.",
    examples: ["polylogue conversation dead"],
  });
  dead.action((id: string | undefined) =>
    withPolylogue(dead, context, async (polylogue, run) => {
      const document = await polylogue.conversations.dead(id);
      run.show(document, () => deadLines(document));
    }),
  );
  defineExport(parent, context);
}

function defineExport(parent: Command, context: CommandContext): void {
  const command = sub(parent, {
    usage: "export <id>",
    description: "Write a conversation to stdout, as Markdown for people or as JSON for programs.",
    examples: [
      "polylogue conversation export 0190c3f2-8a41 > decision.md",
      "polylogue conversation export 0190c3f2-8a41 --format json",
    ],
  });
  command
    .addOption(new Option("--format <format>", "what it is written as; json under --json").choices(["md", "json"]))
    .action((id: string, flags: { readonly format?: "md" | "json" }) =>
      withPolylogue(command, context, async (polylogue, run) => {
        const format = flags.format ?? (run.globals.json || run.globals.jsonl ? "json" : "md");
        // Markdown is for people, whose terminal obeys what a model wrote; JSON is the record as it is.
        if (format === "md") run.io.stdout.write(harmlessText(await polylogue.conversations.exportMarkdown(id)));
        else writeDocument(run.io, await polylogue.conversations.show(id), run.globals);
      }),
    );
}

function defineActing(parent: Command, context: CommandContext): void {
  const resume = sub(parent, {
    usage: "resume [ids...]",
    description:
      "Go on with conversations that a crash or a stop left open. Ends with 0 when each of them reached an end.",
    examples: ["polylogue conversation resume 0190c3f2-8a41", "polylogue conversation resume --all"],
  });
  resume
    .option("--all", "all that are open")
    .action((ids: string[], flags: { readonly all?: boolean }) =>
      withPolylogue(resume, context, (polylogue, run) =>
        resumeConversations(run, polylogue, { ids, all: flags.all === true }),
      ),
    );
  const cancel = sub(parent, {
    usage: "cancel <id>",
    description: "Cancel a running conversation, whichever process drives it.",
    examples: ['polylogue conversation cancel 0190c3f2-8a41 --reason "wrong file"'],
  });
  cancel
    .option("--reason <text>", "recorded with the request", "cancelled on the command line")
    .action((id: string, flags: { readonly reason: string }) =>
      withPolylogue(cancel, context, async (polylogue, run) => {
        await polylogue.conversations.cancel(id, flags.reason);
        run.show({ schema: "polylogue.cancel/1", id, reason: flags.reason }, () => [`Asked ${id} to stop.`]);
      }),
    );
  const send = sub(parent, {
    usage: "send <id> <text>",
    description: "Say something in a running conversation, whichever process drives it.",
    examples: ['polylogue conversation send 0190c3f2-8a41 "Mind the budget." --to claude,gemini'],
  });
  send
    .option("--to <agents>", "only to these; to all unless told", agentNames)
    .action((id: string, text: string, flags: { readonly to?: readonly string[] }) =>
      withPolylogue(send, context, async (polylogue, run) => {
        const { messageId } = await polylogue.conversations.send(id, text, flags.to);
        run.show({ schema: "polylogue.send/1", id, messageId }, () => [`Sent as message ${messageId}.`]);
      }),
    );
}

function sub(parent: Command, { usage, description, examples: lines }: Sub): Command {
  return parent.command(usage).description(description).addHelpText("before", examples(lines));
}

function withPolylogue(
  command: Command,
  context: CommandContext,
  work: (polylogue: Polylogue, run: Run) => Promise<void>,
): Promise<void> {
  const run = createRun(context, command);
  return run.withPolylogue((polylogue) => work(polylogue, run));
}
