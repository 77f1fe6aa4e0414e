// Lists of conversations and of dead messages, for people.
import type { ConversationListDocument, DeadDocument } from "../../app/polylogue.ts";
import { formatUsd } from "../amounts.ts";
import type { ReportPlace } from "../report/layout.ts";
import { dateText } from "../report/timeline.ts";
import { formatTable } from "../table.ts";
import { cutText, plainLine } from "../terminal-text.ts";

/** What id, status, time and cost take up beside the question. */
const OTHER_COLUMNS_WIDTH = 90;
const QUESTION_WIDTH_MIN = 24;

export function listLines({ conversations }: ConversationListDocument, place: ReportPlace): string[] {
  if (conversations.length === 0) return [`No conversations yet. Start one with: ${place.invocation} demo`];
  const questionWidth = Math.max(QUESTION_WIDTH_MIN, place.width - OTHER_COLUMNS_WIDTH);
  return formatTable(
    [
      { title: "ID", cell: (row) => row.id },
      { title: "STATUS", cell: (row) => `${row.status}${row.simulated ? " (simulated)" : ""}` },
      { title: "CREATED (UTC)", cell: (row) => dateText(row.createdAt) },
      { title: "COST", align: "right", cell: (row) => formatUsd(row.costUsd) },
      { title: "QUESTION", cell: (row) => cutText(plainLine(row.question), questionWidth) },
    ],
    conversations,
  );
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
