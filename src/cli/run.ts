// One run of the command line, from arguments to exit code. Only the file of the
// command that is called is loaded.
import { CommanderError } from "commander";
import { EXIT_CODES, PolylogueError } from "../domain/errors.ts";
import { COMMANDS } from "./commands/list.ts";
import type { CommandContext } from "./context.ts";
import type { Io } from "./io.ts";
import { type ErrorGlobals, reportError } from "./output.ts";
import { buildProgram } from "./program.ts";
import type { Services } from "./services.ts";

export interface RunRequest {
  /** Without `node` and the script. */
  readonly args: readonly string[];
  readonly io: Io;
  readonly services: Services;
  readonly version: string;
}

/** Never throws; what went wrong is on stderr, and under `--json` on stdout. */
export async function runCli({ args, io, services, version }: RunRequest): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const context: CommandContext = {
    io,
    services,
    exit: (code) => {
      exitCode = code;
    },
    wholeProgram: () => buildProgram({ context, version, wanted: "all" }),
  };
  try {
    assertHelpTopic(args);
    const program = await buildProgram({ context, version, wanted: commandName(args) });
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync([...args], { from: "user" });
    return stoppedBy(io, exitCode);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.ok;
    return stoppedBy(
      io,
      reportError(error instanceof CommanderError ? usageError(error) : error, io, outputFlags(args)),
    );
  }
}

/** What stopped short says by which signal; what came to its end meanwhile has its own code. */
function stoppedBy({ interrupt }: Io, exitCode: number): number {
  return exitCode === EXIT_CODES.interrupted ? interrupt.exitCode : exitCode;
}

/** The first word that is no option and no value of `--home` or `--config`; for `help X` it is X. */
function commandName(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? "";
    if (word === "--home" || word === "--config") index += 1;
    else if (!word.startsWith("-") && word !== "help") return word;
  }
  return undefined;
}

/** Commander shows the whole help for a topic that is none. */
function assertHelpTopic(args: readonly string[]): void {
  const topic = commandName(args);
  if (args.find((word) => !word.startsWith("-")) !== "help" || topic === undefined) return;
  if (COMMANDS.some(({ name, aliases }) => name === topic || aliases.includes(topic))) return;
  throw new PolylogueError("USAGE", {
    message: `There is no command '${topic}' to give help for.`,
    mend: '"polylogue --help" lists all commands.',
  });
}

/** Read by eye, because this is needed most when the arguments could not be parsed. */
function outputFlags(args: readonly string[]): ErrorGlobals {
  const end = args.indexOf("--");
  const options = end === -1 ? args : args.slice(0, end);
  const home = givenTo(options, "--home");
  const config = givenTo(options, "--config");
  return {
    ...(home === undefined ? {} : { home }),
    ...(config === undefined ? {} : { config }),
    json: options.includes("--json"),
    jsonl: options.includes("--jsonl"),
    debug: options.includes("--debug"),
  };
}

/** Of `--name value` and `--name=value`. */
function givenTo(options: readonly string[], name: string): string | undefined {
  const index = options.indexOf(name);
  if (index !== -1) return options[index + 1];
  return options.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
}

function usageError(error: CommanderError): PolylogueError {
  // Commander has shown the help of the group whose command is missing.
  const isMissing = error.code === "commander.help";
  const message = isMissing ? "no command was given" : error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return new PolylogueError("USAGE", {
    message: `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.)!?]$/.test(message) ? "" : "."}`,
    mend: 'Run the command with --help to see what it takes; "polylogue --help" lists all commands.',
    cause: error,
  });
}
