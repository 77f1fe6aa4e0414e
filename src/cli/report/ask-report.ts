// The end of a conversation, for people: what was decided, why, who disagreed,
// who took part, what it cost, and how to look further.
import type { AskDocument } from "../../app/polylogue.ts";
import type { Ballot } from "../../domain/decision.ts";
import { counted, formatDuration, formatTokens, formatUsd } from "../amounts.ts";
import { padText, plainLine, widthOf } from "../terminal-text.ts";
import { ballotText } from "../view/state.ts";
import { paragraph, type ReportPlace, section, textWidth } from "./layout.ts";
import { stopReasonText } from "./stop-reason.ts";

const HEADINGS: Readonly<Record<AskDocument["status"], string>> = {
  decided: "Decided",
  degraded: "Degraded",
  no_decision: "Undecided",
  cancelled: "Cancelled",
  budget_exhausted: "Budget",
  failed: "Failed",
};

const STATUS_TEXTS: Readonly<Record<AskDocument["status"], string>> = {
  decided: "",
  degraded: "A result with fewer or other voices than asked for.",
  no_decision: "The members did not come to a decision.",
  cancelled: "The conversation was cancelled before its end.",
  budget_exhausted: "What was left of the budget could not cover the next call.",
  failed: "There is no result.",
};

const BAR_CELLS_MAX = 24;
/** Longer ones are answers, not options. */
const OPTION_CELLS_MAX = 60;

export function askReport(document: AskDocument, place: ReportPlace): string[] {
  const { decision, dissent, quorum } = document;
  const sections = [
    section(HEADINGS[document.status], headline(document, place), place),
    section("Answer", answerLines(document, place), place),
    section(
      "Reasons",
      decision.reasons.flatMap((reason) => paragraph(reason, place, "- ")),
      place,
    ),
    section("Evidence", evidenceLines(decision.evidence, place), place),
    section("Tallies", tallyLines(document, place), place),
    section(
      "Ballots",
      document.ballots.flatMap((ballot) => ballotLines(ballot, document, place)),
      place,
    ),
    section(
      "Dissent",
      dissent.flatMap(({ agent, position, reason }) => paragraph(`${agent}: ${position}. ${reason}`, place)),
      place,
    ),
    section("Quorum", quorumLines(quorum, place), place),
    section("Spent", spentLines(document, place), place),
    section("Next", nextLines(document, place), place),
  ];
  return ["", ...sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, ""])].slice(0, -1);
}

/** What is over cannot be resumed: a new conversation may go on from it. */
function nextLines({ conversationId, simulated, status }: AskDocument, { invocation }: ReportPlace): string[] {
  const show = `${invocation} conversation show ${conversationId}`;
  const ask = `${invocation} ask "…" --continue ${conversationId}${simulated ? " --simulated" : ""}`;
  return status === "cancelled" ? [show, ask] : [show];
}

function headline(document: AskDocument, place: ReportPlace): string[] {
  const { status, stopReasons } = document;
  const won = wonText(document);
  const reasons = status === "decided" ? [] : stopReasons.map((reason) => plainLine(stopReasonText(reason)));
  const text = [STATUS_TEXTS[status], ...(reasons.length === 0 ? [] : [`It stopped: ${reasons.join("; ")}.`])].join(
    " ",
  );
  const lines = [
    ...(won === null ? [] : paragraph(won, place).map(place.palette.good)),
    ...(text === "" ? [] : paragraph(text, place).map(place.palette.notice)),
  ];
  return lines.length > 0 ? lines : ["The conversation ran to its end."];
}

/** What won and by which rule, in one line; the text of an answer stands in its own section. */
function wonText(document: AskDocument): string | null {
  const { answer, decision, quorum } = document;
  const { rule, winner } = decision;
  if (rule === "synthesis") return answer === null ? null : "The chair's synthesis of all answers";
  if (winner === null) return null;
  // Answers stand to be chosen under their authors' names.
  if (quorum.asked.includes(winner))
    return rule === "last" ? `${winner}'s answer, the last` : `${winner}'s answer, by ${rule}`;
  return isLongWinner(document) ? `One answer for all, by ${rule}` : `${winner}, by ${rule}`;
}

/** Where all agree, the whole answer is what won: too much for a headline, a tally or a ballot. */
function isLongWinner({ answer, decision }: AskDocument): boolean {
  return answer !== null && answer === decision.winner && (answer.includes("\n") || widthOf(answer) > OPTION_CELLS_MAX);
}

/** A short winner alone says it all where the answer is the same text. */
function answerLines(document: AskDocument, place: ReportPlace): string[] {
  const { answer, decision } = document;
  if (answer === null || (answer === decision.winner && !isLongWinner(document))) return [];
  return paragraph(answer, place);
}

/** An option as tallies and ballots name it. */
function optionName(option: string, document: AskDocument): string {
  return option === document.answer && isLongWinner(document) ? "this answer" : plainLine(option);
}

/** Each quotation once, with all who rely on it. */
function evidenceLines(evidence: AskDocument["decision"]["evidence"], place: ReportPlace): string[] {
  const citing = new Map<string, { readonly quote: string; readonly source: string; readonly agents: Set<string> }>();
  for (const { agent, quote, source } of evidence) {
    const key = `${source}\n${quote}`;
    const known = citing.get(key) ?? { quote, source, agents: new Set() };
    known.agents.add(agent);
    citing.set(key, known);
  }
  return [...citing.values()].flatMap(({ quote, source, agents }) => [
    ...paragraph(`“${plainLine(quote)}”`, place),
    ...paragraph(`${plainLine(source)}, cited by ${[...agents].join(", ")}`, place, "  ").map(place.palette.dim),
  ]);
}

function tallyLines(document: AskDocument, place: ReportPlace): string[] {
  const rows = Object.entries(document.decision.tallies)
    .map(([option, points]) => ({ option: optionName(option, document), points }))
    .sort((a, b) => b.points - a.points);
  // Nobody voted: zeros would look like a vote.
  if (document.ballots.length === 0 && rows.every(({ points }) => points === 0)) return [];
  const most = Math.max(0, ...rows.map(({ points }) => points));
  const digits = rows.every(({ points }) => Number.isInteger(points)) ? 0 : 2;
  const nameWidth = Math.max(0, ...rows.map(({ option }) => widthOf(option)));
  const cells = Math.min(BAR_CELLS_MAX, textWidth(place) - nameWidth - 10);
  return rows.flatMap(({ option, points }) => {
    const figure = points.toFixed(digits);
    // Options that are whole sentences leave no room for a bar.
    if (cells < 4) return paragraph(`${figure}  ${option}`, place);
    const bar = most > 0 ? "█".repeat(Math.round((points / most) * cells)) : "";
    return [`${padText(option, nameWidth)}  ${padText(figure, 4, "left")} ${bar}`.trimEnd()];
  });
}

function ballotLines(ballot: Ballot, document: AskDocument, place: ReportPlace): string[] {
  const { choice } = ballot;
  const text = ballotText(choice === undefined ? ballot : { ...ballot, choice: optionName(choice, document) })
    .replace(/^Votes: /, "")
    .replace(/\.?\n/, ". ");
  return paragraph(`${ballot.agent}: ${text}`, place);
}

function quorumLines({ asked, answered, failed }: AskDocument["quorum"], place: ReportPlace): string[] {
  const summary = `${counted(asked.length, "agent")} asked, ${answered.length} answered: ${answered.join(", ") || "nobody"}`;
  return [
    ...paragraph(summary, place),
    ...failed.flatMap(({ agent, code, reason }) =>
      paragraph(`${agent} failed (${code}): ${plainLine(reason)}`, place).map((line) => place.palette.bad(line)),
    ),
  ];
}

function spentLines(document: AskDocument, place: ReportPlace): string[] {
  const { costUsd, latencyMs, rounds, simulated, tokens, turns } = document;
  const spent = `${formatUsd(costUsd)}, ${formatTokens(tokens)}, ${counted(rounds, "round")}, ${counted(turns, "turn")}, ${formatDuration(latencyMs)}`;
  return [
    ...paragraph(spent, place),
    ...(simulated ? paragraph("Simulated: no vendor was called; the price is what it would have cost.", place) : []),
  ];
}
