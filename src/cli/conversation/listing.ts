// Lists of conversations and of dead messages, for people.
import type { ConversationListDocument, DeadDocument } from "../../app/polylogue.ts";
import { formatUsd } from "../amounts.ts";
import type { Run } from "../context.ts";
import { dateText } from "../report/timeline.ts";
import { formatBlocks, formatTable } from "../table.ts";
import { cutText, plainLine } from "../terminal-text.ts";

const INDENT = "    ";

/** A line of facts for each, and its question below: a table of all would be wider than most terminals. */
export function listLines({ conversations }: ConversationListDocument, place: Run): string[] {
  if (conversations.length === 0) return [`No conversations yet. Start one with: ${place.invocation} demo`];
  const facts = formatBlocks(
    [
      { title: "ID", cell: (row) => row.id },
      { title: "STATUS", cell: (row) => row.status },
      { title: "CREATED (UTC)", cell: (row) => dateText(row.createdAt).slice(0, -3) },
      { title: "COST", align: "right", cell: (row) => formatUsd(row.costUsd) },
    ],
    conversations,
    { width: place.tableWidth, columnsKept: 2 },
  );
  const questions = conversations.map(({ question, simulated }) =>
    cutText(`${simulated ? "(simulated) " : ""}${plainLine(question)}`, place.width - INDENT.length),
  );
  const { bold } = place.palette;
  return facts.flatMap(([line = "", ...more], index) => {
    const question = questions[index - 1];
    return question === undefined ? [line] : [bold(line), ...more, `${INDENT}${question}`];
  });
}

export function deadLines({ dead }: DeadDocument): string[] {
  if (dead.length === 0) return ["No dead messages."];
  return formatTable(
    [
      { title: "CONVERSATION", cell: (row) => row.conversationId },
      { title: "MESSAGE", cell: (row) => row.messageId },
      { title: "RECIPIENT", cell: (row) => row.recipient },
      { title: "AT (UTC)", cell: (row) => dateText(row.at) },
      { title: "REASON", cell: (row) => `${row.code}: ${plainLine(row.reason)}` },
    ],
    dead,
  );
}
