// The table: everything an orchestration knows while it runs, as plain data.
import type { Ballot } from "../../domain/decision.ts";
import type { AgentId, MessageId, TurnId } from "../../domain/ids.ts";
import type { BallotForm, Consumption, OrchestrationSetup, Participant, Visibility } from "../orchestration.ts";
import type { Settings } from "./settings.ts";
import type { TurnOrder } from "./turn-order.ts";

/** One question to one seat. */
export interface PlannedAsk {
  readonly agent: AgentId;
  readonly instruction: string;
  readonly visibility: Visibility;
  readonly ballot?: BallotForm;
  /** Which option each shown label stands for; needed where labels hide the options. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface RoundPlan {
  /** What the round is for, for example `debate` or `ballot`. */
  readonly stage: string;
  /** Whether the termination condition may cut it short; the stages that decide run to their end. */
  readonly isDiscussion: boolean;
  readonly order: TurnOrder;
  readonly asks: readonly PlannedAsk[];
  /** Below it the conversation has failed. */
  readonly answersMin: number;
}

export interface TableAnswer {
  readonly agent: AgentId;
  readonly turnId: TurnId;
  readonly messageId: MessageId;
  readonly text: string;
  /** In options, not in the labels that were shown. */
  readonly ballot?: Ballot;
  /** By option, not by label. */
  readonly critiques?: Readonly<Record<string, string>>;
  /** A fallback route answered. */
  readonly degraded: boolean;
}

export interface TableFailure {
  readonly agent: AgentId;
  readonly code: string;
  readonly reason: string;
}

export interface TableRound {
  readonly round: number;
  readonly plan: RoundPlan;
  readonly asked: readonly AgentId[];
  /** In the order of the plan's seats, not of arrival. */
  readonly answers: readonly TableAnswer[];
  readonly failures: readonly TableFailure[];
}

export interface Table {
  readonly setup: OrchestrationSetup;
  readonly settings: Settings;
  /** Closed rounds, oldest first. */
  readonly rounds: readonly TableRound[];
  /** Participants who have not failed: a member whose turn failed is not asked again, its retries are spent. */
  readonly seats: readonly Participant[];
  /** Whether the discussion is over; what remains is to decide. */
  readonly isStopped: boolean;
  readonly used: Consumption;
}

/** Closed rounds of one stage. */
export function roundsOf(table: Table, stage: string): readonly TableRound[] {
  return table.rounds.filter((round) => round.plan.stage === stage);
}

/** Each author's last answer in rounds of one stage, in seat order. */
export function lastAnswers(table: Table, stage: string): readonly TableAnswer[] {
  const byAgent = new Map<AgentId, TableAnswer>();
  for (const round of roundsOf(table, stage)) for (const answer of round.answers) byAgent.set(answer.agent, answer);
  return table.setup.participants.flatMap(({ agent }) => byAgent.get(agent) ?? []);
}

/** The answers of the last closed round of a stage. */
export function latestAnswers(table: Table, stage: string): readonly TableAnswer[] {
  return roundsOf(table, stage)
    .slice(-1)
    .flatMap(({ answers }) => answers);
}

export function ballotsOf(table: Table, stage: string): readonly Ballot[] {
  return roundsOf(table, stage).flatMap((round) => round.answers.flatMap((answer) => answer.ballot ?? []));
}

/** The weight of a participant's vote; nobody else's weighs anything. */
export function weightOf({ setup }: Table): (agent: AgentId) => number {
  return (voter) =>
    setup.participants.filter(({ agent }) => agent === voter).reduce((sum, { weight }) => sum + weight, 0);
}

/** Everybody who was to take part, the refused ones too. */
export function rosterSize(setup: OrchestrationSetup): number {
  return setup.participants.length + setup.refused.length;
}

/** A majority of the roster, at least `floor`, unless the setting `quorumMin` says otherwise. */
export function quorumOf(setup: OrchestrationSetup, settings: Settings, floor: number): number {
  const wanted = settings.number("quorumMin");
  return wanted > 0 ? wanted : Math.max(floor, Math.floor(rosterSize(setup) / 2) + 1);
}
