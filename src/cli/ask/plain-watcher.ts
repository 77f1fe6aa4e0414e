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
import { DRAINING_TEXTS, type Watcher } from "./watcher.ts";

/** What a turn has said and cost so far; it is printed when the journal says that the turn is over. */
interface OpenTurn {
  text: string;
  costNanoUsd: number;
  startedMs: number;
}

interface TurnData {
  readonly agent: AgentId;
  readonly turnId: TurnId;
}

const SENTENCE_WIDTH_MIN = 30;

function createdText({ stream, data }: Extract<JournalEvent, { kind: "conversation.created" }>): string {
  const who = data.roster.map(({ id }) => id).join(", ");
  return `Conversation ${stream} is recorded: ${data.orchestration} of ${who}, seed ${data.seed}.`;
}

export function createPlainWatcher(io: Io): Watcher {
  const turns = new Map<TurnId, OpenTurn>();
  let roundsTold = 0;
  let nameWidth = 0;
  /** A turn that is over, and may have been a ballot: that follows at once, if it was one. */
  let untold: TurnData | undefined;
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

  function turnLine({ agent, turnId }: TurnData, said: string | undefined): void {
    const turn = turnOf(turnId);
    turns.delete(turnId);
    const figures = `${formatUsd(usdFromNano(turn.costNanoUsd))}, ${formatDuration(nowMs() - turn.startedMs)}`;
    const name = padText(agent, nameWidth);
    const room = Math.max(SENTENCE_WIDTH_MIN, io.stderr.columns - nameWidth - figures.length - 7);
    line(`  ${name}  ${said ?? firstSentence(turn.text, room)} (${figures})`);
  }

  function tellUntold(said?: string): void {
    if (untold !== undefined) turnLine(untold, said);
    untold = undefined;
  }

  function tellRound(round: number | undefined): void {
    if (round === undefined || round < roundsTold) return;
    roundsTold = round + 1;
    line(`Round ${roundsTold}`);
  }

  function onJournal(event: JournalEvent): void {
    if (event.kind === "ballot.cast" && event.data.turnId === untold?.turnId) {
      tellUntold(plainLine(ballotText(event.data.ballot).split("\n")[0] ?? ""));
      return;
    }
    tellUntold();
    switch (event.kind) {
      case "conversation.created":
        nameWidth = Math.max(0, ...event.data.roster.map((card) => card.id.length));
        line(createdText(event));
        break;
      case "handshake.refused":
        line(`Refused: ${event.data.agent} (${event.data.code}): ${plainLine(event.data.reason)}`);
        break;
      case "handshake.installed":
        line(`Handshake: ${handshakeText({ ...event.data, members: event.data.members.length })}.`);
        break;
      case "turn.started":
        tellRound(event.data.round);
        break;
      case "turn.completed":
        untold = event.data;
        break;
      case "turn.failed":
        turnLine(event.data, `failed: ${event.data.failure.code}: ${plainLine(event.data.failure.reason)}`);
        break;
      default:
    }
  }

  return {
    onProgress,
    onJournal,
    onDraining: (kind) => line(DRAINING_TEXTS[kind]),
    close: () => tellUntold(),
  };
}
