// Which messages one recipient may be shown with one request.
import type { AgentId } from "../../domain/ids.ts";
import { COORDINATOR, USER } from "../../domain/ids.ts";
import type { Visibility } from "../orchestration.ts";
import type { CanonicalMessage, CanonicalRecord } from "./canonical.ts";

export interface Viewing {
  readonly viewer: AgentId;
  readonly visibility: Visibility;
  /** Only what was accepted before this seq, so that a repeated request shows the same. */
  readonly beforeSeq: number;
}

/**
 * Messages of others, in order. What the user says later is shown in every
 * view, for it is part of the question; ballots are secret in every view.
 */
export function visibleMessages(record: CanonicalRecord, viewing: Viewing): readonly CanonicalMessage[] {
  return record.messages.filter((message) => {
    if (message.seq >= viewing.beforeSeq || message.from === viewing.viewer || message.from === COORDINATOR)
      return false;
    if (message.from === USER) return message.recipients.includes(viewing.viewer);
    return isOpenTo(record, viewing, message);
  });
}

function isOpenTo(record: CanonicalRecord, { viewer, visibility }: Viewing, message: CanonicalMessage): boolean {
  if (visibility.kind === "blind" || visibility.kind === "anonymous") return false;
  const ask = message.turnId === undefined ? undefined : record.asksByTurn.get(message.turnId);
  // Beside the orchestration, a message is for those it is addressed to.
  if (ask === undefined || message.intent !== "reply") return message.recipients.includes(viewer);
  if (ask.ballot !== undefined) return false;
  return visibility.kind === "all" || visibility.rounds.includes(ask.round);
}
