// What every command is given, and how it opens and closes what it needs.
import type { Command } from "commander";
import type { PolylogueOptions } from "../app/options.ts";
import type { Polylogue } from "../app/polylogue.ts";
import { PolylogueError } from "../domain/errors.ts";
import { type Globals, globalsOf } from "./globals.ts";
import { invocationOf } from "./invocation.ts";
import type { Io } from "./io.ts";
import { writeDocument, writeLines } from "./output.ts";
import { createPalette, hasColor, type Palette } from "./palette.ts";
import type { Services } from "./services.ts";

export interface CommandContext {
  readonly io: Io;
  readonly services: Services;
  /** Tells the shell how it ended; 0 unless told. */
  exit(code: number): void;
  /** The tree of all commands with all their options, for completion. */
  wholeProgram(): Promise<Command>;
}

/** One use of a command: its context and its global options. */
export interface Run extends CommandContext {
  readonly globals: Globals;
  readonly palette: Palette;
  /** Width of text on stdout. */
  readonly width: number;
  /** Width of tables on stdout: a pipe takes them as they are. */
  readonly tableWidth: number;
  /** How this user calls the command, for hints. */
  readonly invocation: string;
  options(more?: PolylogueOptions): PolylogueOptions;
  /** Opens a Polylogue for `work`, and closes it whatever happens. */
  withPolylogue<T>(work: (polylogue: Polylogue) => Promise<T>, more?: PolylogueOptions): Promise<T>;
  /** Under `--json` the document, else the lines for people. */
  show(document: object, lines: () => readonly string[]): void;
}

const WIDTH_MAX = 100;

export function createRun(context: CommandContext, command: Command): Run {
  const { io, services } = context;
  const globals = globalsOf(command);
  assertOneForm(globals);
  const options = (more: PolylogueOptions = {}): PolylogueOptions => ({
    ...(globals.home === undefined ? {} : { home: globals.home }),
    ...(globals.config === undefined ? {} : { configFile: globals.config }),
    ...(globals.simulated ? { simulated: true } : {}),
    environment: io.env,
    folder: io.folder,
    ...more,
  });
  return {
    ...context,
    globals,
    palette: createPalette(hasColor(io.stdout, io.env, globals.noColor)),
    width: Math.min(io.stdout.columns, WIDTH_MAX),
    tableWidth: io.stdout.isTTY ? io.stdout.columns : Number.POSITIVE_INFINITY,
    invocation: invocationOf(io.env, globals),
    options,
    withPolylogue: async (work, more) => {
      const polylogue = await services.createPolylogue(options(more));
      try {
        return await work(polylogue);
      } finally {
        await polylogue.close();
      }
    },
    show: (document, lines) => {
      if (globals.json || globals.jsonl) writeDocument(io, document, globals);
      else writeLines(io.stdout, lines());
    },
  };
}

function assertOneForm({ json, jsonl }: Globals): void {
  if (!json || !jsonl) return;
  throw new PolylogueError("USAGE", {
    message: "Both --json and --jsonl were given, and stdout can be only one of them.",
    mend: "Give --json for one document, or --jsonl for lines while it runs.",
  });
}
