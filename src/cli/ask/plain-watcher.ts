// Without a terminal: one line on stderr for each thing that has happened.

import type { AgentId, TurnId } from "../../domain/ids.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import { usdFromNano } from "../../domain/money.ts";
import { textOf } from "../../domain/part.ts";
import type { Progress } from "../../mesh/mesh.ts";
import { formatDuration, formatUsd } from "../amounts.ts";
import type { Io } from "../io.ts";
import { firstSentence, padText, plainLine } from "../terminal-text.ts";
import { handshakeText } from "../view/columns.ts";
import { ballotText } from "../view/state.ts";
import { DRAINING_TEXT, type Watcher } from "./watcher.ts";

/** What a turn has said and cost so far; it is printed when the journal says that the turn is over. */
interface OpenTurn {
  text: string;
  costNanoUsd: number;
  startedMs: number;
}

const SENTENCE_WIDTH_MIN = 30;

export function createPlainWatcher(io: Io): Watcher {
  const turns = new Map<TurnId, OpenTurn>();
  let round = 0;
  let nameWidth = 0;
  const line = (text: string): void => io.stderr.write(`${text}\n`);
  const nowMs = (): number => io.clock.monotonicUs() / 1_000;

  function turnOf(turnId: TurnId): OpenTurn {
    const known = turns.get(turnId) ?? { text: "", costNanoUsd: 0, startedMs: nowMs() };
    turns.set(turnId, known);
    return known;
  }

  function onProgress(progress: Progress): void {
    if (progress.type === "journal") return;
    const turn = turnOf(progress.turnId);
    if (progress.type === "attempt-ended") turn.costNanoUsd += progress.costNanoUsd;
    if (progress.type === "attempt-event" && progress.event.type === "done") turn.text = textOf(progress.event.parts);
  }

  function turnLine(agent: AgentId, turnId: TurnId, said: string | undefined): void {
    const turn = turnOf(turnId);
    turns.delete(turnId);
    const figures = `${formatUsd(usdFromNano(turn.costNanoUsd))}, ${formatDuration(nowMs() - turn.startedMs)}`;
    const name = padText(agent, nameWidth);
    const room = Math.max(SENTENCE_WIDTH_MIN, io.stderr.columns - nameWidth - figures.length - 7);
    line(`  ${name}  ${said ?? firstSentence(turn.text, room)} (${figures})`);
  }

  function onJournal(event: JournalEvent): void {
    switch (event.kind) {
      case "conversation.created":
        nameWidth = Math.max(0, ...event.data.roster.map((card) => card.id.length));
        line(`Conversation ${event.stream} is recorded (${event.data.orchestration}, seed ${event.data.seed}).`);
        break;
      case "handshake.refused":
        line(`Refused: ${event.data.agent} (${event.data.code}): ${plainLine(event.data.reason)}`);
        break;
      case "handshake.installed":
        line(`Handshake: ${handshakeText({ ...event.data, members: event.data.members.length })}.`);
        break;
      case "turn.started":
        if (event.data.round !== undefined && event.data.round > round) {
          round = event.data.round;
          line(`Round ${round}`);
        }
        break;
      case "ballot.cast":
        turnOf(event.data.turnId).text = ballotText(event.data.ballot).replaceAll("\n", ": ");
        break;
      case "turn.completed":
        turnLine(event.data.agent, event.data.turnId, undefined);
        break;
      case "turn.failed":
        turnLine(
          event.data.agent,
          event.data.turnId,
          `failed: ${event.data.failure.code}: ${plainLine(event.data.failure.reason)}`,
        );
        break;
      default:
    }
  }

  return { onProgress, onJournal, onDraining: () => line(DRAINING_TEXT), close: () => undefined };
}
