// `polylogue doctor`: what is there, what is missing, how to mend it.
import type { Command } from "commander";
import type { DoctorDocument } from "../../app/polylogue.ts";
import { EXIT_CODES } from "../../domain/errors.ts";
import { type CommandContext, createRun, type Run } from "../context.ts";
import { examples } from "../examples.ts";
import { formatTable } from "../table.ts";
import { plainLine } from "../terminal-text.ts";

export function defineDoctor(command: Command, context: CommandContext): void {
  command
    .description(
      "Check what Polylogue needs, and say how to mend what is missing. Ends with 0 when nothing failed, else 1.",
    )
    .option("--online", "also test each vendor's key, by free calls only")
    .addHelpText("before", examples(["polylogue doctor", "polylogue doctor --online --json"]))
    .action(async (flags: { readonly online?: boolean }) => {
      const run = createRun(context, command);
      await run.withPolylogue(async (polylogue) => {
        const document = await polylogue.doctor(flags.online === true ? { online: true } : {});
        run.show(document, () => doctorLines(document, run));
        run.exit(document.ok ? EXIT_CODES.ok : EXIT_CODES.failure);
      });
    });
}

function doctorLines({ checks, ok }: DoctorDocument, { palette }: Run): string[] {
  const paint = { ok: palette.good, warn: palette.notice, fail: palette.bad };
  const mends = checks.filter((check) => check.mend !== null && check.state !== "ok");
  return [
    ...formatTable(
      [
        { title: "CHECK", cell: (check) => check.name },
        { title: "STATE", cell: (check) => paint[check.state](check.state) },
        { title: "DETAIL", cell: (check) => plainLine(check.detail) },
      ],
      checks,
    ),
    ...(mends.length === 0 ? [] : ["", "How to mend:"]),
    ...mends.map((check) => `  ${check.name}: ${check.mend}`),
    "",
    ok ? "Nothing that is needed is missing." : "Something that is needed is missing.",
  ];
}
