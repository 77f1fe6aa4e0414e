// All commands, in the order of the help. A command is a file and a line here.
import type { Command } from "commander";
import type { CommandContext } from "../context.ts";

type DefineCommand = (command: Command, context: CommandContext) => void | Promise<void>;

export interface CommandEntry {
  readonly name: string;
  readonly aliases: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** The rest, loaded when the command is called. */
  load(): Promise<DefineCommand>;
}

export const COMMANDS: readonly CommandEntry[] = [
  entry("demo", "watch three simulated vendors debate a design and vote; needs no key", async () => {
    return (await import("./demo.ts")).defineDemo;
  }),
  entry("ask", "put a question to several models and get one reasoned decision", async () => {
    return (await import("./ask.ts")).defineAsk;
  }),
  entry("init", "write a commented polylogue.yaml", async () => (await import("./init.ts")).defineInit),
  entry("doctor", "check what Polylogue needs, and say how to mend it", async () => {
    return (await import("./doctor.ts")).defineDoctor;
  }),
  entry("agents", "list the configured agents, or test them by free calls", async () => {
    return (await import("./agents.ts")).defineAgents;
  }),
  entry("handshake", "let agents agree on one roster, and prove every link", async () => {
    return (await import("./handshake.ts")).defineHandshake;
  }),
  {
    ...entry("conversation", "list, show, follow, resume, cancel and export conversations", async () => {
      return (await import("./conversation.ts")).defineConversation;
    }),
    aliases: ["conversations", "conv"],
  },
  {
    ...entry("costs", "what was spent, and on what", async () => (await import("./costs.ts")).defineCosts),
    aliases: ["cost"],
  },
  entry(
    "config",
    "say where every setting comes from; trust a found file",
    async () => (await import("./config.ts")).defineConfig,
  ),
  entry("simulate", "serve the vendors' simulators over HTTP", async () => {
    return (await import("./simulate.ts")).defineSimulate;
  }),
  entry("completion", "print a completion script for bash, zsh or fish", async () => {
    return (await import("./completion.ts")).defineCompletion;
  }),
];

function entry(name: string, summary: string, load: () => Promise<DefineCommand>): CommandEntry {
  return { name, aliases: [], summary, load };
}
