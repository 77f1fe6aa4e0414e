// `polylogue handshake`: agents agree on one roster; every link can be proved.
import type { Command } from "commander";
import type { HandshakeDocument, ViewChange } from "../../app/polylogue.ts";
import { EXIT_CODES } from "../../domain/errors.ts";
import { counted } from "../amounts.ts";
import { type CommandContext, createRun, type Run } from "../context.ts";
import { examples } from "../examples.ts";
import { exitCodeOfCauses } from "../exit-code.ts";
import { formatTable } from "../table.ts";
import { padText, plainLine } from "../terminal-text.ts";
import { agentName, agentNames, integerBetween } from "../values.ts";
import { handshakeText } from "../view/columns.ts";

const MEMBERS_MAX = 64;

interface HandshakeFlags {
  readonly with?: readonly string[];
  readonly agents?: number;
  readonly verifyLinks?: boolean;
}

const EXAMPLES = [
  "polylogue handshake",
  "polylogue --simulated handshake --agents 7 --verify-links",
  "polylogue --simulated handshake --agents 3 --then-join openai --then-leave gemini",
];

export function defineHandshake(command: Command, context: CommandContext): void {
  // In the order in which they are given.
  const changes: ViewChange[] = [];
  command
    .description("Let agents agree on one roster, by free calls only. Ends with 8 when some were refused.")
    .option("-w, --with <agents>", "who takes part, for example claude,gemini,deepseek", agentNames)
    .option("-n, --agents <number>", "so many of the configured and built-in agents", integerBetween(1, MEMBERS_MAX))
    .option("--verify-links", "prove each directed link by a message through the real delivery path")
    .option("--then-join <agent>", "let one more join at run time; repeatable", (agent: string) => {
      changes.push({ join: agentName(agent) });
    })
    .option("--then-leave <agent>", "let one leave at run time; repeatable", (agent: string) => {
      changes.push({ leave: agentName(agent) });
    })
    .addHelpText("before", examples(EXAMPLES))
    .action(async (flags: HandshakeFlags) => {
      const run = createRun(context, command);
      await run.withPolylogue(async (polylogue) => {
        const document = await polylogue.handshake({
          ...(flags.with === undefined ? {} : { with: flags.with }),
          ...(flags.agents === undefined ? {} : { agents: flags.agents }),
          ...(flags.verifyLinks === undefined ? {} : { verifyLinks: flags.verifyLinks }),
          ...(changes.length === 0 ? {} : { changes }),
        });
        run.show(document, () => handshakeLines(document, run));
        run.exit(exitCodeOf(document));
      });
    });
}

function exitCodeOf({ members, refused }: HandshakeDocument): number {
  if (refused.length === 0) return EXIT_CODES.ok;
  return members.length > 0 ? EXIT_CODES.partial : exitCodeOfCauses(refused.map(({ code }) => code));
}

function handshakeLines(document: HandshakeDocument, { palette }: Run): string[] {
  const { members, refused, epochs } = document;
  const refusals = refused.map(({ agent, code, reason }) =>
    palette.bad(`Refused: ${agent} (${code}): ${plainLine(reason)}`),
  );
  const hadMembers = epochs.some((epoch) => epoch.members.length > 0);
  if (members.length === 0 && !hadMembers) return ["Nobody could take part.", ...refusals];
  return [
    `Handshake: ${handshakeText({ ...document, members: members.length })}.`,
    ...(epochs.length < 2 ? [] : epochs.map(epochLine)),
    "",
    ...formatTable(
      [
        { title: "AGENT", cell: (member) => member.agent },
        { title: "MODEL", cell: (member) => `${member.vendor}/${member.model}` },
        { title: "INCARNATION", align: "right", cell: (member) => String(member.incarnation) },
      ],
      members,
    ),
    ...(members.length < 2 ? [] : ["", ...linkLines(document)]),
    ...refusals,
  ];
}

function epochLine({ epoch, digest, members, heldBy }: HandshakeDocument["epochs"][number]): string {
  return `  epoch ${epoch}, digest ${digest.slice(0, 12)}, held by ${heldBy.length} of ${counted(members.length, "member")}: ${members.join(", ")}`;
}

/** A matrix of directed links: from the row to the column. */
function linkLines({ links, members }: HandshakeDocument): string[] {
  const names = members.map(({ agent }) => agent);
  const proved = links.filter(({ rttMs }) => rttMs !== null).length;
  const open = links.filter((link) => link.open).length;
  const cell = (from: string, to: string): string => {
    const link = links.find((candidate) => candidate.from === from && candidate.to === to);
    if (from === to) return "·";
    if (link?.open !== true) return "closed";
    return link.rttMs === null ? "open" : `${link.rttMs.toFixed(1)} ms`;
  };
  return [
    `${open} of ${links.length} directed links open${proved === 0 ? "; prove them with --verify-links" : `, ${proved} proved by a message and its answer`}.`,
    ...formatTable(
      [
        { title: padText("FROM \\ TO", 9), cell: (from: string) => from },
        ...names.map((to) => ({ title: to, align: "right" as const, cell: (from: string) => cell(from, to) })),
      ],
      names,
    ),
  ];
}
