// An exact limit per window: no stretch of `windowMs`, wherever it begins, holds
// more than `max`, and the max-th is never refused. A token bucket of the same
// rate would let almost twice as much through in one window, which a vendor
// that counts by the calendar minute refuses.
import type { DurationUs } from "../domain/time.ts";
import type { Clock } from "./clock.ts";

export interface SlidingWindow {
  /** Takes now or not at all. More than `max` counts as `max`, else it could never start. */
  reserve(amount: number): WindowReservation | undefined;
  /** Until `amount` fits, in milliseconds, rounded up; 0 when it fits now. */
  nextChanceMs(amount: number): number;
  /** What the window holds now. */
  used(): number;
}

interface WindowReservation {
  /** Corrects the amount to what was really used, at the time it was reserved; more than reserved is possible. Once only; later calls change nothing. */
  settle(used: number): void;
}

interface Slot {
  /** Of the latest reservation in it: a slot leaves the window as a whole, never too early. */
  lastUs: DurationUs;
  amount: number;
}

/** Reservations closer together than this part of the window share a slot, so that memory is bounded. */
const SLOTS_PER_WINDOW = 600;

export function createSlidingWindow(options: {
  readonly clock: Clock;
  readonly windowMs: number;
  readonly max: number;
}): SlidingWindow {
  const { clock, max } = options;
  const windowUs = options.windowMs * 1_000;
  const slotUs = windowUs / SLOTS_PER_WINDOW;
  let total = 0;
  const slots: Slot[] = [];

  function expire(): DurationUs {
    const nowUs = clock.monotonicUs();
    for (let first = slots[0]; first !== undefined && first.lastUs + windowUs <= nowUs; first = slots[0]) {
      total -= first.amount;
      slots.shift();
    }
    return nowUs;
  }

  function take(amount: number, nowUs: DurationUs): Slot {
    total += amount;
    const newest = slots.at(-1);
    if (newest !== undefined && Math.floor(newest.lastUs / slotUs) === Math.floor(nowUs / slotUs)) {
      newest.lastUs = nowUs;
      newest.amount += amount;
      return newest;
    }
    const slot = { lastUs: nowUs, amount };
    slots.push(slot);
    return slot;
  }

  return {
    reserve(amount) {
      const nowUs = expire();
      const asked = Math.min(amount, max);
      if (total + asked > max) return undefined;
      const slot = take(asked, nowUs);
      let open = true;
      return {
        settle(used) {
          if (!open) return;
          open = false;
          slot.amount += used - asked;
          // A slot that has left the window is no longer part of the total.
          if (slots.includes(slot)) total += used - asked;
        },
      };
    },
    nextChanceMs(amount) {
      const nowUs = expire();
      let excess = total + Math.min(amount, max) - max;
      for (const slot of slots) {
        if (excess <= 0) break;
        excess -= slot.amount;
        if (excess <= 0) return Math.ceil((slot.lastUs + windowUs - nowUs) / 1_000);
      }
      return 0;
    },
    used() {
      expire();
      return total;
    },
  };
}
