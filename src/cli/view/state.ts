// What a person who watches is shown, as a pure function of what has happened:
// volatile progress for the words, the journal for the facts.
import type { Ballot } from "../../domain/decision.ts";
import type { AgentId, AttemptId, TurnId } from "../../domain/ids.ts";
import type { JournalEvent } from "../../domain/journal-event.ts";
import { promptTokens } from "../../domain/usage.ts";
import type { Progress } from "../../mesh/mesh.ts";

/** `waiting` for its turn · `asked`, nothing came yet · `failed` and `left` out say why. */
export type LaneState = "waiting" | "asked" | "thinking" | "writing" | "done" | "retrying" | "failed" | "refused";

export interface Lane {
  readonly agent: AgentId;
  readonly vendor: string;
  readonly model: string;
  readonly state: LaneState;
  /** Why it failed, was refused or tries again. */
  readonly reason: string;
  /** Of the present attempt only; another attempt starts from nothing. */
  readonly text: string;
  readonly attemptId: AttemptId | null;
  readonly turnId: TurnId | null;
  readonly round: number | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNanoUsd: number;
  /** Time spent in attempts that have ended. */
  readonly spentMs: number;
  readonly attemptStartedMs: number | null;
}

interface Handshake {
  readonly epoch: number;
  readonly digest: string;
  readonly members: number;
}

export interface ViewState {
  readonly question: string;
  /** Empty until the record says which one was chosen. */
  readonly orchestration: string;
  readonly simulated: boolean;
  readonly startedMs: number;
  readonly handshake: Handshake | null;
  /** The highest so far, from 0; null before the first. */
  readonly round: number | null;
  readonly lanes: readonly Lane[];
  readonly isDraining: boolean;
}

export type ViewInput =
  | { readonly kind: "progress"; readonly progress: Progress; readonly atMs: number }
  | { readonly kind: "journal"; readonly event: JournalEvent; readonly atMs: number }
  | { readonly kind: "draining" };

/** Older text of one attempt is dropped: no terminal shows more. */
const TEXT_CHARS_MAX = 16_000;

export function startView(setup: Pick<ViewState, "question" | "orchestration" | "simulated" | "startedMs">): ViewState {
  return { ...setup, handshake: null, round: null, lanes: [], isDraining: false };
}

export function nextView(state: ViewState, input: ViewInput): ViewState {
  switch (input.kind) {
    case "draining":
      return { ...state, isDraining: true };
    case "journal":
      return afterJournal(state, input.event);
    case "progress":
      return afterProgress(state, input.progress, input.atMs);
  }
}

/** All lanes together. */
export function totalOf(state: ViewState): { readonly costNanoUsd: number; readonly tokens: number } {
  return {
    costNanoUsd: state.lanes.reduce((sum, lane) => sum + lane.costNanoUsd, 0),
    tokens: state.lanes.reduce((sum, lane) => sum + lane.inputTokens + lane.outputTokens, 0),
  };
}

function afterJournal(state: ViewState, event: JournalEvent): ViewState {
  switch (event.kind) {
    case "conversation.created":
      return event.data.roster.reduce<ViewState>(
        (next, card) => {
          const own = card.routes[0];
          return withLane(next, card.id, { vendor: own?.vendor ?? "", model: own?.model ?? "" });
        },
        { ...state, orchestration: event.data.orchestration },
      );
    case "handshake.refused":
      return withLane(state, event.data.agent, { state: "refused", reason: event.data.reason });
    case "handshake.installed":
      return {
        ...state,
        handshake: { epoch: event.data.epoch, digest: event.data.digest, members: event.data.members.length },
      };
    case "turn.started":
      return roundAtLeast(state, event.data.round);
    case "turn.failed":
      return isPresent(state, event.data)
        ? withLane(state, event.data.agent, { state: "failed", reason: event.data.failure.reason })
        : state;
    case "ballot.cast": {
      const { ballot, turnId } = event.data;
      return isPresent(state, { agent: ballot.agent, turnId })
        ? withLane(state, ballot.agent, { text: ballotText(ballot) })
        : state;
    }
    default:
      return state;
  }
}

/** The journal is read a moment late: what it says of an earlier turn must not paint over the present one. */
function isPresent(state: ViewState, turn: { readonly agent: AgentId; readonly turnId: TurnId }): boolean {
  const present = laneOf(state, turn.agent).turnId;
  return present === null || present === turn.turnId;
}

/** A ballot as a sentence; while it is written it is only JSON. */
export function ballotText(ballot: Ballot): string {
  const reason = ballot.reason === undefined || ballot.reason === "" ? "" : `\n${ballot.reason}`;
  if (ballot.abstained === true) return `Abstains.${reason}`;
  const choice = ballot.ranking === undefined ? (ballot.choice ?? "") : ballot.ranking.join(" > ");
  return `Votes: ${choice}${reason}`;
}

function afterProgress(state: ViewState, progress: Progress, atMs: number): ViewState {
  switch (progress.type) {
    case "attempt-started":
      return withLane(roundAtLeast(state, progress.round), progress.agent, {
        vendor: progress.route.vendor,
        model: progress.route.model,
        state: "asked",
        reason: "",
        text: "",
        attemptId: progress.attemptId,
        turnId: progress.turnId,
        attemptStartedMs: atMs,
        ...(progress.round === undefined ? {} : { round: progress.round }),
      });
    case "attempt-event":
      return afterAttemptEvent(state, progress);
    case "attempt-ended": {
      const lane = laneOf(state, progress.agent);
      return withLane(state, progress.agent, {
        costNanoUsd: lane.costNanoUsd + progress.costNanoUsd,
        spentMs: lane.spentMs + (lane.attemptStartedMs === null ? 0 : atMs - lane.attemptStartedMs),
        attemptStartedMs: null,
        ...(progress.outcome === "succeeded" ? { state: "done" as const } : { state: "retrying" as const }),
      });
    }
    case "journal":
      return state;
  }
}

function afterAttemptEvent(state: ViewState, progress: Extract<Progress, { type: "attempt-event" }>): ViewState {
  const lane = laneOf(state, progress.agent);
  // A late word of an attempt that was given up must not show up in the next one.
  if (lane.attemptId !== progress.attemptId) return state;
  const { event } = progress;
  switch (event.type) {
    case "reasoning-delta":
      return lane.state === "asked" ? withLane(state, lane.agent, { state: "thinking" }) : state;
    case "text-delta":
      return withLane(state, lane.agent, {
        state: "writing",
        text: (lane.text + event.text).slice(-TEXT_CHARS_MAX),
      });
    case "done":
      return withLane(state, lane.agent, {
        inputTokens: lane.inputTokens + promptTokens(event.usage),
        outputTokens: lane.outputTokens + event.usage.output,
      });
    case "error":
      return withLane(state, lane.agent, { reason: event.failure.reason });
    default:
      return state;
  }
}

const EMPTY_LANE: Omit<Lane, "agent"> = {
  vendor: "",
  model: "",
  state: "waiting",
  reason: "",
  text: "",
  attemptId: null,
  turnId: null,
  round: null,
  inputTokens: 0,
  outputTokens: 0,
  costNanoUsd: 0,
  spentMs: 0,
  attemptStartedMs: null,
};

function laneOf(state: ViewState, agent: AgentId): Lane {
  return state.lanes.find((lane) => lane.agent === agent) ?? { agent, ...EMPTY_LANE };
}

function withLane(state: ViewState, agent: AgentId, change: Partial<Lane>): ViewState {
  const changed = { ...laneOf(state, agent), ...change };
  const isKnown = state.lanes.some((lane) => lane.agent === agent);
  return {
    ...state,
    lanes: isKnown ? state.lanes.map((lane) => (lane.agent === agent ? changed : lane)) : [...state.lanes, changed],
  };
}

function roundAtLeast(state: ViewState, round: number | undefined): ViewState {
  return round === undefined || round <= (state.round ?? -1) ? state : { ...state, round };
}
