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
  const round = message.round === null ? "" : `, round ${message.round + 1}`;
  const by =
    message.answeredBy === undefined ? "" : `, answered by ${message.answeredBy.vendor}/${message.answeredBy.model}`;
  const room = Math.max(20, width - INDENT.length);
  const text = wrapText(plainText(message.text).trim(), room);
  return [
    `${palette.dim(timeText(message.at))}  ${palette.bold(`${message.sender} → ${to}`)}  ${message.intent}, ${message.mode}${round}${by}`,
    ...text.map((line) => `${INDENT}${line}`.trimEnd()),
    ...message.deliveries.flatMap((delivery) => noteLines(deliveryText(delivery), room, palette)),
    ...message.attempts.flatMap((attempt) => noteLines(attemptText(attempt), room, palette)),
  ];
}

interface Note {
  readonly text: string;
  readonly isBad: boolean;
}

/** What happened to a message, smaller than what it says. */
function noteLines({ text, isBad }: Note, room: number, palette: Palette): string[] {
  const paint = isBad ? palette.bad : palette.dim;
  return wrapText(text, room - 2).map((line, index) => `${INDENT}${paint(index === 0 ? `· ${line}` : `  ${line}`)}`);
}

function deliveryText({ recipient, state, times, code, reason }: DeliveryDocument): Note {
  const at = times[state];
  const why = code === undefined ? "" : ` (${code}: ${plainLine(reason ?? "")})`;
  return {
    text: `${recipient}: ${state}${at === undefined ? "" : ` ${timeText(at)}`}${why}`,
    isBad: code !== undefined,
  };
}

function attemptText(attempt: AttemptDocument): Note {
  const { failure, firstContentMs, totalMs } = attempt;
  const time = totalMs === null ? "" : `, ${formatDuration(totalMs)}`;
  const first = firstContentMs === null ? "" : ` (first content after ${formatDuration(firstContentMs)})`;
  const why = failure === undefined ? "" : `: ${failure.code}: ${plainLine(failure.reason)}`;
  const spent = `${formatTokens(attempt.tokens)}, ${formatUsd(attempt.costUsd)}${time}${first}`;
  return {
    text: `attempt at ${attempt.vendor}/${attempt.model} ${attempt.outcome}, ${spent}${why}`,
    isBad: failure !== undefined,
  };
}

/** `2026-11-22 14:03:07`, of ISO text in UTC. */
export function dateText(iso: string): string {
  return `${iso.slice(0, 10)} ${timeText(iso)}`;
}

function timeText(iso: string): string {
  return iso.slice(11, 19);
}
