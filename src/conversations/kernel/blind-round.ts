// The round in which everybody answers at once and nobody sees anybody.
import type { RoundPlan, Table } from "./table.ts";
import { PARALLEL } from "./turn-order.ts";
import { BLIND } from "./visibility.ts";

export function blindRound(table: Table, round: { stage: string; instruction: string; answersMin: number }): RoundPlan {
  const { stage, instruction, answersMin } = round;
  const asks = table.seats.map(({ agent }) => ({ agent, instruction, visibility: BLIND }));
  return { stage, isDiscussion: true, order: PARALLEL, asks, answersMin };
}

/** The parts of a conclusion that a preset without a vote leaves empty. */
export const NO_VOTE = { tallies: {}, reasons: [], ballots: [], dissent: [] } as const;
