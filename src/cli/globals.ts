// Options that every command takes, before its name or after it.
import type { Command } from "commander";

export interface Globals {
  readonly simulated: boolean;
  readonly home?: string;
  readonly config?: string;
  readonly json: boolean;
  readonly jsonl: boolean;
  readonly noColor: boolean;
  readonly debug: boolean;
}

interface GlobalFlags {
  readonly simulated?: boolean;
  readonly home?: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly jsonl?: boolean;
  readonly color?: boolean;
  readonly debug?: boolean;
}

const GROUP = "Options of every command:";

export function addGlobalOptions(command: Command): Command {
  return command
    .optionsGroup(GROUP)
    .option("--simulated", "run against simulators in this process: no key, no network, no cost")
    .option("--home <dir>", "folder of the database (else POLYLOGUE_HOME)")
    .option("--config <file>", "use this file instead of the nearest polylogue.yaml")
    .option("--json", "one JSON document on stdout, errors too")
    .option("--jsonl", "JSON lines on stdout while it runs; the last line is the document")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .option("--debug", "show the stack of an error")
    .helpOption("-h, --help", "show this help");
}

/** Of the command and all its parents; what stands nearer to the command wins. */
export function globalsOf(command: Command): Globals {
  const chain: GlobalFlags[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) chain.unshift(at.opts<GlobalFlags>());
  const merged: GlobalFlags = Object.assign({}, ...chain) as GlobalFlags;
  return {
    simulated: merged.simulated === true,
    ...(merged.home === undefined ? {} : { home: merged.home }),
    ...(merged.config === undefined ? {} : { config: merged.config }),
    json: merged.json === true,
    jsonl: merged.jsonl === true,
    noColor: chain.some((flags) => flags.color === false),
    debug: merged.debug === true,
  };
}
