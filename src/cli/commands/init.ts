// `polylogue init`: a commented polylogue.yaml to start from.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { PolylogueError } from "../../domain/errors.ts";
import { type CommandContext, createRun } from "../context.ts";
import { examples } from "../examples.ts";
import { CONFIG_TEMPLATE } from "./init-template.ts";

const FILE_NAME = "polylogue.yaml";

export function defineInit(command: Command, context: CommandContext): void {
  command
    .description(
      `Write a commented ${FILE_NAME} into the working folder (or to --config). Asks nothing, and keeps a file that is there.`,
    )
    .option("--force", "replace a file that is there")
    .addHelpText("before", examples(["polylogue init", "polylogue init --config team/polylogue.yaml"]))
    .action(async (flags: { readonly force?: boolean }) => {
      const run = createRun(context, command);
      const file = path.resolve(run.io.folder, run.globals.config ?? FILE_NAME);
      await write(file, flags.force === true);
      run.show({ schema: "polylogue.init/1", file }, () => [
        `Wrote ${file}.`,
        `Next: export the keys of the vendors you use, then: ${run.invocation} doctor`,
      ]);
    });
}

async function write(file: string, isForced: boolean): Promise<void> {
  try {
    await writeFile(file, CONFIG_TEMPLATE, { flag: isForced ? "w" : "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new PolylogueError("USAGE", {
        message: `${file} exists already, and was not changed.`,
        mend: "Edit it, or replace it by: polylogue init --force",
        cause: error,
      });
    }
    throw new PolylogueError("CONFIG_UNREADABLE", {
      message: `${file} cannot be written: ${(error as Error).message}.`,
      mend: "Run it in a folder that exists and that you may write to.",
      cause: error,
    });
  }
}
