// A recorded conversation as a timeline, for people.
import type { AttemptDocument, ConversationDocument, DeliveryDocument, MessageDocument } from "../../app/polylogue.ts";
import { formatDuration, formatTokens, formatUsd } from "../amounts.ts";
import type { Palette } from "../palette.ts";
import { plainLine, plainText, wrapText } from "../terminal-text.ts";
import { askReport } from "./ask-report.ts";
import type { ReportPlace } from "./layout.ts";

const INDENT = "    ";

export function timeline(document: ConversationDocument, place: ReportPlace): string[] {
  return [
    ...headLines(document, place),
    ...document.messages.flatMap((message) => ["", ...messageLines(message, place)]),
    ...(document.result === null ? ["", `Still ${document.status}.`] : askReport(document.result, place)),
  ];
}

function headLines(document: ConversationDocument, { palette, width }: ReportPlace): string[] {
  const { epochs } = document;
  const mark = document.simulated ? ", simulated" : "";
  return [
    ...wrapText(plainLine(document.question), width).map((line) => palette.bold(line)),
    `${document.id}: ${document.status}, ${document.orchestration}, seed ${document.seed}${mark}`,
    `${dateText(document.createdAt)}${document.endedAt === null ? "" : ` to ${timeText(document.endedAt)}`} UTC, ${formatUsd(document.costUsd)}, ${formatTokens(document.tokens)}`,
    ...document.attachments.map(
      ({ name, bytes, mediaType }) => `Attached: ${plainLine(name)} (${mediaType}, ${bytes} bytes)`,
    ),
    ...epochs.map(
      ({ epoch, digest, members }) => `Epoch ${epoch}: ${members.join(", ")} (digest ${digest.slice(0, 12)})`,
    ),
  ];
}

function messageLines(message: MessageDocument, { palette, width }: ReportPlace): string[] {
  const to = message.mode === "broadcast" ? "all" : message.recipients.join(", ");
  const round = message.round === null ? "" : `, round ${message.round}`;
  const by =
    message.answeredBy === undefined ? "" : `, answered by ${message.answeredBy.vendor}/${message.answeredBy.model}`;
  const text = wrapText(plainText(message.text).trim(), Math.max(20, width - INDENT.length));
  return [
    `${palette.dim(timeText(message.at))}  ${palette.bold(`${message.sender} → ${to}`)}  ${message.intent}, ${message.mode}${round}${by}`,
    ...text.map((line) => `${INDENT}${line}`.trimEnd()),
    ...message.deliveries.map((delivery) => `${INDENT}${deliveryText(delivery, palette)}`),
    ...message.attempts.map((attempt) => `${INDENT}${attemptText(attempt, palette)}`),
  ];
}

function deliveryText(delivery: DeliveryDocument, palette: Palette): string {
  const at = delivery.times[delivery.state];
  const why = delivery.code === undefined ? "" : ` (${delivery.code}: ${plainLine(delivery.reason ?? "")})`;
  const text = `· ${delivery.recipient}: ${delivery.state}${at === undefined ? "" : ` ${timeText(at)}`}${why}`;
  return delivery.code === undefined ? palette.dim(text) : palette.bad(text);
}

function attemptText(attempt: AttemptDocument, palette: Palette): string {
  const time = attempt.totalMs === null ? "" : `, ${formatDuration(attempt.totalMs)}`;
  const first =
    attempt.firstContentMs === null ? "" : ` (first content after ${formatDuration(attempt.firstContentMs)})`;
  const why = attempt.failure === undefined ? "" : ` ${attempt.failure.code}: ${plainLine(attempt.failure.reason)}`;
  const text = `· attempt at ${attempt.vendor}/${attempt.model}: ${attempt.outcome}, ${formatTokens(attempt.tokens)}, ${formatUsd(attempt.costUsd)}${time}${first}${why}`;
  return attempt.failure === undefined ? palette.dim(text) : palette.bad(text);
}

/** `2026-11-22 14:03:07`, of ISO text in UTC. */
export function dateText(iso: string): string {
  return `${iso.slice(0, 10)} ${timeText(iso)}`;
}

function timeText(iso: string): string {
  return iso.slice(11, 19);
}
