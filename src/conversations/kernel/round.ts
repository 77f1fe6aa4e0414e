// One round in progress: who was asked, who has ended, and when the barrier opens.
import type { AgentId } from "../../domain/ids.ts";
import type { RoundPlan, TableAnswer, TableFailure, TableRound } from "./table.ts";
import { dueSeats } from "./turn-order.ts";

export interface OpenRound {
  readonly round: number;
  readonly plan: RoundPlan;
  readonly asked: readonly AgentId[];
  readonly answers: readonly TableAnswer[];
  readonly failures: readonly TableFailure[];
}

export function openRound(round: number, plan: RoundPlan): OpenRound {
  return { round, plan, asked: [], answers: [], failures: [] };
}

export function endedSeats(round: OpenRound): readonly AgentId[] {
  return [...round.answers, ...round.failures].map(({ agent }) => agent);
}

export function pendingSeats(round: OpenRound): readonly AgentId[] {
  const ended = endedSeats(round);
  return round.asked.filter((agent) => !ended.includes(agent));
}

/** Seats to ask now, by the round's turn order. */
export function dueIn(round: OpenRound): readonly AgentId[] {
  const seats = round.plan.asks.map(({ agent }) => agent);
  return dueSeats(round.plan.order, seats, { asked: round.asked, ended: endedSeats(round) });
}

export function withAnswer(round: OpenRound, answer: TableAnswer): OpenRound {
  return { ...round, answers: [...round.answers, answer] };
}

export function withFailure(round: OpenRound, failure: TableFailure): OpenRound {
  return { ...round, failures: [...round.failures, failure] };
}

/** Nobody is waited for any longer: who has not ended has failed. */
export function givenUp(round: OpenRound, code: string, reason: string): OpenRound {
  return pendingSeats(round).reduce((open, agent) => withFailure(open, { agent, code, reason }), round);
}

/**
 * Whether a deadline ends the waiting. A soft one does so in a parallel round
 * that has its quorum; a speaker in a sequence is only given up at the hard one.
 */
export function deadlineCloses(round: OpenRound, hard: boolean): boolean {
  if (hard) return true;
  return round.plan.order.kind === "parallel" && round.answers.length >= round.plan.answersMin;
}

/** The record of a round that has closed; answers in seat order, so that arrival decides nothing. */
export function closedRound({ round, plan, asked, answers, failures }: OpenRound): TableRound {
  const seat = (agent: AgentId): number => plan.asks.findIndex((ask) => ask.agent === agent);
  const bySeat = (a: { agent: AgentId }, b: { agent: AgentId }): number => seat(a.agent) - seat(b.agent);
  return {
    round,
    plan,
    asked: [...asked].sort((a, b) => seat(a) - seat(b)),
    answers: [...answers].sort(bySeat),
    failures: [...failures].sort(bySeat),
  };
}
