// `polylogue agents`: who can be asked, and whether they would answer.
import type { Command } from "commander";
import type { AgentsDocument } from "../../app/polylogue.ts";
import { EXIT_CODES } from "../../domain/errors.ts";
import { formatCount } from "../amounts.ts";
import { type CommandContext, createRun, type Run } from "../context.ts";
import { examples } from "../examples.ts";
import { exitCodeOfCauses } from "../exit-code.ts";
import { formatBlocks } from "../table.ts";
import { plainLine } from "../terminal-text.ts";

type AgentRow = AgentsDocument["agents"][number];

export function defineAgents(command: Command, context: CommandContext): void {
  command.description("List the configured agents, or test them by free calls.");
  const list = command
    .command("list")
    .alias("ls")
    .description("List the configured agents with model, price and state.");
  list.addHelpText("before", examples(["polylogue agents list"])).action(async () => {
    const run = createRun(context, list);
    await run.withPolylogue(async (polylogue) => {
      const document = await polylogue.agents.list();
      run.show(document, () => agentLines(document, run));
    });
  });
  const test = command
    .command("test")
    .argument("[agents...]", "whom to test; all unless told")
    .description(
      "Test keys, models and prices by free calls only. Ends with 8 when some failed, by cause when all did.",
    );
  test
    .addHelpText("before", examples(["polylogue agents test", "polylogue agents test claude gemini"]))
    .action(async (ids: string[]) => {
      const run = createRun(context, test);
      await run.withPolylogue(async (polylogue) => {
        const document = await polylogue.agents.test(ids.length === 0 ? undefined : ids);
        run.show(document, () => agentLines(document, run));
        run.exit(exitCodeOf(document.agents));
      });
    });
}

function exitCodeOf(agents: readonly AgentRow[]): number {
  const bad = agents.filter(isBad);
  if (bad.length === 0) return EXIT_CODES.ok;
  if (bad.length < agents.length) return EXIT_CODES.partial;
  return exitCodeOfCauses(bad.map(({ state, reason }) => (state === "no-key" ? "KEY_MISSING" : (reason ?? ""))));
}

function isBad(agent: AgentRow): boolean {
  return agent.state === "failed" || agent.state === "no-key";
}

function agentLines({ agents }: AgentsDocument, { palette, invocation, tableWidth }: Run): string[] {
  if (agents.length === 0) return [`No agents are configured. Start with: ${invocation} init`];
  const notes = notesOf(agents);
  return [
    ...formatBlocks<AgentRow>(
      [
        { title: "AGENT", cell: (agent) => agent.id },
        { title: "MODEL", cell: (agent) => `${agent.vendor}/${agent.model}` },
        { title: "STATE", cell: (agent) => (isBad(agent) ? palette.bad(agent.state) : palette.good(agent.state)) },
        { title: "$/M IN", align: "right", cell: (agent) => price(agent.inputUsdPerMillion) },
        { title: "$/M OUT", align: "right", cell: (agent) => price(agent.outputUsdPerMillion) },
        {
          title: "WINDOW",
          align: "right",
          cell: (agent) => (agent.contextTokensMax === null ? "?" : formatCount(agent.contextTokensMax)),
        },
        { title: "SKILLS", cell: (agent) => agent.skills.join(",") },
      ],
      agents,
      { width: tableWidth, columnsKept: 3 },
    ).flat(),
    ...(notes.length === 0 ? [] : [""]),
    ...notes,
  ];
}

/** What is wrong, once for all whom it holds for. */
function notesOf(agents: readonly AgentRow[]): string[] {
  const ids = new Map<string, string[]>();
  for (const { id, reason } of agents) if (reason !== null) ids.set(reason, [...(ids.get(reason) ?? []), id]);
  return [...ids].map(([reason, names]) => `${names.join(", ")}: ${plainLine(reason)}`);
}

function price(usd: number | null): string {
  return usd === null ? "?" : usd.toFixed(2);
}
