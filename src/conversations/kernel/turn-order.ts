// Who is asked when, within one round.
import type { AgentId } from "../../domain/ids.ts";
import { createSeededRandom, shuffled } from "../../platform/random.ts";

/** `parallel` asks all at once behind a barrier; the others ask one after another, in seat order or in a seeded one. */
export type TurnOrder =
  | { readonly kind: "parallel" }
  | { readonly kind: "sequential" }
  | { readonly kind: "random"; readonly seed: number; readonly round: number };

export const PARALLEL: TurnOrder = { kind: "parallel" };
export const SEQUENTIAL: TurnOrder = { kind: "sequential" };

export interface SeatProgress {
  readonly asked: readonly AgentId[];
  readonly ended: readonly AgentId[];
}

/** Seats to be asked now. Empty while somebody must be waited for, and when all have been asked. */
export function dueSeats(order: TurnOrder, seats: readonly AgentId[], progress: SeatProgress): readonly AgentId[] {
  const waiting = seatOrder(order, seats).filter((seat) => !progress.asked.includes(seat));
  if (order.kind === "parallel") return waiting;
  return progress.asked.length > progress.ended.length ? [] : waiting.slice(0, 1);
}

function seatOrder(order: TurnOrder, seats: readonly AgentId[]): readonly AgentId[] {
  return order.kind === "random"
    ? shuffled(createSeededRandom(order.seed).fork(`turn-order/${order.round}`), seats)
    : seats;
}
