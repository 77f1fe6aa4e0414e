// A conversation as Markdown, to be read by people and put beside a decision.
import type { AskDocument, ConversationDocument, MessageDocument } from "./documents.ts";

export function exportMarkdown(conversation: ConversationDocument): string {
  const { result } = conversation;
  const sections = [head(conversation), ...(result === null ? [] : resultSections(result)), transcript(conversation)];
  return `${sections.join("\n\n")}\n`;
}

function head({ question, attachments, ...conversation }: ConversationDocument): string {
  const { id, orchestration, status, createdAt, endedAt, seed, simulated, costUsd, tokens } = conversation;
  const facts = [
    `- Conversation: \`${id}\``,
    `- Orchestration: ${orchestration}, seed ${seed}`,
    `- Status: ${status}${simulated ? " (simulated)" : ""}`,
    `- Time: ${createdAt} to ${endedAt ?? "now"}`,
    `- Cost: $${costUsd.toFixed(6)}, ${tokens.input + tokens.cacheRead + tokens.cacheWrite} tokens in, ${tokens.output} out`,
    ...attachments.map(({ name, bytes }) => `- Attachment: ${inline(name)} (${bytes} bytes)`),
  ];
  return `# ${inline(question)}\n\n${facts.join("\n")}`;
}

function resultSections({ answer, decision, ballots, dissent, quorum, stopReasons }: AskDocument): string[] {
  const voters = ballots.map(({ agent, ranking, choice, abstained, reason }) => {
    const vote = abstained === true ? "abstained" : (ranking?.join(" > ") ?? choice ?? "");
    return `- **${agent}**: ${inline(vote)}${reason === undefined ? "" : `. ${inline(reason)}`}`;
  });
  const tallies = Object.entries(decision.tallies).map(([option, points]) => `- ${inline(option)}: ${points}`);
  const failed = quorum.failed.map(({ agent, code, reason }) => `- **${agent}** failed (${code}): ${inline(reason)}`);
  return [
    `## Answer\n\n${answer ?? "No answer."}`,
    section("Decision", [
      `Rule: ${decision.rule}. Winner: ${decision.winner === null ? "none" : inline(decision.winner)}.`,
      ...tallies,
      ...decision.reasons.map((reason) => `- Reason: ${inline(reason)}`),
    ]),
    section("Ballots", voters),
    section(
      "Dissent",
      dissent.map(({ agent, position, reason }) => `- **${agent}**: ${inline(position)}. ${inline(reason)}`),
    ),
    section(
      "Evidence",
      decision.evidence.map(({ agent, source, quote }) => `- ${agent}, ${inline(source)}: “${inline(quote)}”`),
    ),
    section("Quorum", [`${quorum.answered.length} of ${quorum.asked.length} answered.`, ...failed]),
    section(
      "Why it stopped",
      stopReasons.map((reason) => `- ${inline(reason)}`),
    ),
  ].filter((text) => text !== "");
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `## ${title}\n\n${lines.join("\n")}`;
}

function transcript({ messages }: ConversationDocument): string {
  const spoken = messages.filter(({ intent }) => intent !== "probe").map(messageText);
  return section("Transcript", [spoken.join("\n\n")]);
}

function messageText({ sender, recipients, intent, round, at, text, answeredBy }: MessageDocument): string {
  const place = round === null ? "" : `, round ${round + 1}`;
  const stand = answeredBy === undefined ? "" : ` (answered by ${answeredBy.vendor}/${answeredBy.model})`;
  const to = recipients.length === 0 ? "" : ` to ${recipients.join(", ")}`;
  return `### ${sender}${to}: ${intent}${place}${stand}\n\n${at}\n\n${quoted(text)}`;
}

/** Quoted line by line, so that headings of an answer do not become ours. */
function quoted(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
}

function inline(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
