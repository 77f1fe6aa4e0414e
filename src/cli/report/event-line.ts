// One journal event as one line, for `conversation tail`.
import type { JournalEvent } from "../../domain/journal-event.ts";
import { usdFromNano } from "../../domain/money.ts";
import { isoFromUs } from "../../domain/time.ts";
import { formatTokens, formatUsd } from "../amounts.ts";
import { padText, plainLine } from "../terminal-text.ts";
import { handshakeText } from "../view/columns.ts";
import { ballotText } from "../view/state.ts";

const KIND_WIDTH = 29;

/** `   12  14:03:07  turn.completed    claude`. */
export function eventLine(event: JournalEvent): string {
  const time = isoFromUs(event.atUs).slice(11, 19);
  const line = `${String(event.seq).padStart(5)}  ${time}  ${padText(event.kind, KIND_WIDTH)}  ${plainLine(detail(event))}`;
  return line.trimEnd();
}

function detail(event: JournalEvent): string {
  switch (event.kind) {
    case "conversation.created":
      return `${event.data.orchestration} of ${event.data.roster.map((card) => card.id).join(", ")}`;
    case "conversation.cancel-requested":
      return event.data.reason;
    case "conversation.ended":
      return `${event.data.outcome.status}: ${event.data.outcome.stopReasons.join(", ")}`;
    case "handshake.installed":
      return handshakeText({ ...event.data, members: event.data.members.length });
    case "message.accepted":
      return `${event.data.envelope.from} → ${event.data.envelope.recipients.join(", ")} (${event.data.envelope.intent})`;
    case "attempt.started":
      return `${event.data.agent} asks ${event.data.route.vendor}/${event.data.route.model}, ${formatUsd(usdFromNano(event.data.reservedNanoUsd))} reserved`;
    case "attempt.settled":
      return `${event.data.agent} ${event.data.outcome}, ${formatTokens(event.data.usage)}, ${formatUsd(usdFromNano(event.data.costNanoUsd))}`;
    case "turn.failed":
      return `${event.data.agent}: ${event.data.failure.code}: ${event.data.failure.reason}`;
    case "ballot.cast":
      return `${event.data.ballot.agent}: ${ballotText(event.data.ballot)}`;
    case "budget.refused":
      return `${event.data.agent}: ${event.data.budget} has ${formatUsd(usdFromNano(event.data.leftNanoUsd))} left, ${formatUsd(usdFromNano(event.data.askedNanoUsd))} asked`;
    case "orchestration.stepped":
      return event.data.type;
    default:
      return plainDetail(event.data);
  }
}

/** Whom it is about and why, for kinds that have no words of their own. */
function plainDetail(data: object): string {
  const fields = data as Readonly<Record<string, unknown>>;
  return ["agent", "recipient", "by", "from", "to", "epoch", "code", "reason"]
    .flatMap((name) => {
      const value = fields[name];
      return typeof value === "string" || typeof value === "number" ? [String(value)] : [];
    })
    .join(" ");
}
