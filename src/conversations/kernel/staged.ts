// The staged engine: turns a preset into an orchestration. Pure: a state and an
// event give the next state and the commands.
import { NANO_PER_USD } from "../../domain/money.ts";
import type {
  Consumption,
  Orchestration,
  OrchestrationCommand,
  OrchestrationEvent,
  OrchestrationSetup,
  OrchestrationStep,
} from "../orchestration.ts";
import { type Cut, outcomeOf } from "./outcome.ts";
import type { Preset } from "./preset.ts";
import {
  closedRound,
  deadlineCloses,
  dueIn,
  givenUp,
  type OpenRound,
  openRound,
  pendingSeats,
  withAnswer,
  withFailure,
} from "./round.ts";
import { COMMON_SETTINGS, readSettings, type Settings } from "./settings.ts";
import type { PlannedAsk, Table, TableAnswer, TableRound } from "./table.ts";
import { type Condition, held, holds } from "./termination.ts";

export interface StagedState {
  readonly setup: OrchestrationSetup;
  readonly rounds: readonly TableRound[];
  readonly open?: OpenRound;
  /** Conditions that hold, in the order in which they came to hold. */
  readonly held: readonly string[];
  /** The discussion is over; it never starts again. */
  readonly isStopped: boolean;
  readonly cut?: Cut;
  /** A round closed below its minimum of answers: whatever else ended the conversation, nothing was won. */
  readonly quorumMissed?: string;
  /** Why nobody else is to be asked; with somebody left to ask, that is a cancellation. */
  readonly interruption?: string;
  readonly turns: number;
  readonly used: Consumption;
  readonly isEnded: boolean;
}

const NOTHING_USED: Consumption = { elapsedUs: 0, costNanoUsd: 0, tokens: 0, turns: 0 };

export function createStaged(preset: Preset): Orchestration<StagedState> {
  const specs = { ...COMMON_SETTINGS, ...preset.settings };
  const settingsOf = (setup: OrchestrationSetup): Settings => readSettings(setup.settings, specs);
  return {
    name: preset.name,
    summary: preset.summary,
    membersMin: preset.membersMin,
    membersMax: preset.membersMax,
    settings: specs,
    turnsMax: (setup) => preset.turnsMax(setup, settingsOf(setup)),
    start: (setup) => {
      const engine = { preset, settings: settingsOf(setup) };
      const base = { setup, rounds: [], held: [], turns: 0, used: NOTHING_USED };
      return advance(engine, { ...base, isStopped: false, isEnded: false }, []);
    },
    next: (state, event, used) => {
      if (state.isEnded) return { state, commands: [] };
      const engine = { preset, settings: settingsOf(state.setup) };
      return advance(engine, received({ ...state, used }, event), []);
    },
  };
}

interface Engine {
  readonly preset: Preset;
  readonly settings: Settings;
}

function received(state: StagedState, event: OrchestrationEvent): StagedState {
  if (event.type === "signal") return signalled(state, event);
  const { open } = state;
  if (open === undefined || event.round !== open.round) return state;
  if (event.type === "round-deadline") {
    if (!deadlineCloses(open, event.hard)) return state;
    return { ...state, open: givenUp(open, "DEADLINE", `no answer before round ${open.round} closed`) };
  }
  const ask = open.plan.asks.find(({ agent }) => agent === event.agent);
  if (ask === undefined || !pendingSeats(open).includes(event.agent)) return state;
  if (event.type === "failed") {
    return { ...state, open: withFailure(open, { agent: event.agent, code: event.code, reason: event.reason }) };
  }
  if (event.text.trim() === "" && event.ballot === undefined) {
    return {
      ...state,
      open: withFailure(open, { agent: event.agent, code: "ANSWER_EMPTY", reason: "the answer was empty" }),
    };
  }
  return { ...state, open: withAnswer(open, answerOf(ask, event)) };
}

/** The first cut stays; only a cancellation goes before a budget that is being drained. */
function signalled(
  state: StagedState,
  { signal, reason }: Extract<OrchestrationEvent, { type: "signal" }>,
): StagedState {
  if (signal === "interrupted") return { ...state, interruption: reason };
  if (state.cut !== undefined && signal === "budget-exhausted") return state;
  const cut: Cut = { kind: signal, reason };
  if (signal === "budget-exhausted" || state.open === undefined) return { ...state, cut };
  const code = signal === "cancelled" ? "CANCELLED" : "DEADLINE";
  return { ...state, cut, open: givenUp(state.open, code, reason) };
}

/** A ballot in labels becomes a ballot in options. */
function answerOf(ask: PlannedAsk, event: Extract<OrchestrationEvent, { type: "answered" }>): TableAnswer {
  const optionOf = (label: string): string => ask.options?.[label] ?? label;
  const { agent, turnId, messageId, text, ballot, critiques, degraded } = event;
  return {
    agent,
    turnId,
    messageId,
    text,
    degraded,
    ...(ballot === undefined
      ? {}
      : {
          ballot: {
            ...ballot,
            ...(ballot.ranking === undefined ? {} : { ranking: ballot.ranking.map(optionOf) }),
            ...(ballot.choice === undefined ? {} : { choice: optionOf(ballot.choice) }),
            ...(ballot.reason === undefined ? {} : { reason: withAuthors(ballot.reason, ask.options) }),
          },
        }),
    ...(critiques === undefined
      ? {}
      : { critiques: Object.fromEntries(Object.entries(critiques).map(([label, said]) => [optionOf(label), said])) }),
  };
}

/**
 * Every voter was shown its own labels, so that "Response B" means another answer
 * in each reason; readers of the outcome get the authors' names instead.
 */
function withAuthors(reason: string, options: PlannedAsk["options"]): string {
  // The longest first: "Response A" begins "Response AA".
  const labels = Object.entries(options ?? {}).sort(([a], [b]) => b.length - a.length);
  return labels.reduce((text, [label, author]) => text.replaceAll(label, `${author}'s answer`), reason);
}

/** Asks whoever is due, closes what is over, plans what comes next, until there is somebody to wait for. */
function advance(
  engine: Engine,
  before: StagedState,
  commands: readonly OrchestrationCommand[],
): OrchestrationStep<StagedState> {
  const state = interrupted(engine, watched(engine, before));
  const { open } = state;
  if (open !== undefined) {
    const due = isCutShort(state, open) ? [] : dueIn(open);
    const asked = due.map((agent) => askCommand(open, agent));
    const asking = { ...open, asked: [...open.asked, ...due] };
    const next = { ...state, open: asking, turns: state.turns + due.length };
    if (pendingSeats(asking).length > 0) return { state: next, commands: [...commands, ...asked] };
    return close(engine, { ...next, open: asking }, [...commands, ...asked]);
  }
  const plan = state.cut === undefined ? engine.preset.plan(tableOf(engine, state)) : undefined;
  if (plan === undefined) return conclude(engine, state, commands);
  return advance(engine, { ...state, open: openRound(state.rounds.length, plan) }, commands);
}

/** An interruption that leaves somebody to be asked cuts the conversation; one that comes when all is said does not. */
function interrupted(engine: Engine, state: StagedState): StagedState {
  const { interruption, cut, open } = state;
  if (interruption === undefined || cut !== undefined) return state;
  const isShort =
    open === undefined
      ? engine.preset.plan(tableOf(engine, state)) !== undefined
      : !isCutShort(state, open) && dueIn(open).length > 0;
  return isShort ? { ...state, cut: { kind: "cancelled", reason: interruption } } : state;
}

function isCutShort(state: StagedState, open: OpenRound): boolean {
  return state.cut !== undefined || (state.isStopped && open.plan.isDiscussion);
}

function close(
  engine: Engine,
  state: StagedState & { readonly open: OpenRound },
  commands: readonly OrchestrationCommand[],
): OrchestrationStep<StagedState> {
  const { open, ...rest } = state;
  const round = closedRound(open);
  const answersMin = answersOwed(state, round);
  const isMissed = round.answers.length < answersMin;
  const reason = isMissed ? `${round.answers.length} of at least ${answersMin} answered` : "all asked have ended";
  const next: StagedState = {
    ...rest,
    rounds: [...state.rounds, round],
    ...(isMissed ? { quorumMissed: reason, cut: state.cut ?? { kind: "quorum", reason } } : {}),
  };
  return advance(engine, next, [...commands, { type: "close-round", round: round.round, reason }]);
}

/**
 * A round that did not come to ask everybody owes only the answers of those it
 * asked, where the discussion reached its limits, or where a whole round of its
 * kind stands before it. One that a deadline or a cancellation cut short without
 * that owes them all: few early answers are not the table's.
 */
function answersOwed({ cut, rounds }: StagedState, { plan, asked }: TableRound): number {
  if (asked.length === plan.asks.length) return plan.answersMin;
  const hasWhole = rounds.some((before) => before.plan.stage === plan.stage);
  return cut === undefined || hasWhole ? Math.min(plan.answersMin, asked.length) : plan.answersMin;
}

function conclude(
  engine: Engine,
  state: StagedState,
  commands: readonly OrchestrationCommand[],
): OrchestrationStep<StagedState> {
  const table = tableOf(engine, state);
  const { cut, quorumMissed, turns } = state;
  const missed = quorumMissed === undefined ? [] : [`quorum: ${quorumMissed}`];
  const ends = cut === undefined || cut.kind === "quorum" ? missed : [`${cut.kind}: ${cut.reason}`, ...missed];
  const outcome = outcomeOf({
    table,
    conclusion: engine.preset.conclude(table),
    turns,
    stopReasons: [...ends, ...state.held],
    ...(cut === undefined ? {} : { cut }),
    ...(quorumMissed === undefined ? {} : { quorumMissed }),
  });
  return { state: { ...state, isEnded: true }, commands: [...commands, { type: "end", outcome }] };
}

/** Notes which conditions hold now; those that held before keep their place. */
function watched(engine: Engine, state: StagedState): StagedState {
  const condition = terminationOf(engine, state.setup);
  const progress = { rounds: state.rounds.filter(({ plan }) => plan.isDiscussion), used: state.used };
  const now = [...new Set(held(condition, progress))];
  const names = [
    ...state.held.filter((name) => now.includes(name)),
    ...now.filter((name) => !state.held.includes(name)),
  ];
  return { ...state, held: names, isStopped: state.isStopped || holds(condition, progress) };
}

function terminationOf({ preset, settings }: Engine, setup: OrchestrationSetup): Condition {
  return {
    kind: "any",
    of: [
      preset.termination(setup, settings),
      { kind: "turns", limit: settings.number("turnsMax") },
      { kind: "tokens", limit: settings.number("tokensMax") },
      { kind: "costNanoUsd", limit: Math.round(settings.number("costUsdMax") * NANO_PER_USD) },
      { kind: "timeMs", limit: settings.number("timeMsMax") },
    ],
  };
}

function tableOf({ settings }: Engine, state: StagedState): Table {
  const failed = new Set(state.rounds.flatMap((round) => round.failures.map(({ agent }) => agent)));
  return {
    setup: state.setup,
    settings,
    rounds: state.rounds,
    seats: state.setup.participants.filter(({ agent }) => !failed.has(agent)),
    isStopped: state.isStopped,
    used: state.used,
  };
}

function askCommand(open: OpenRound, agent: string): OrchestrationCommand {
  const ask = open.plan.asks.find((planned) => planned.agent === agent) as PlannedAsk;
  const { instruction, visibility, ballot } = ask;
  return {
    type: "ask",
    agent,
    round: open.round,
    instruction,
    visibility,
    ...(ballot === undefined ? {} : { ballot }),
  };
}
