// A doorbell for one waiter: a ring that comes while nobody waits is not lost.
import type { Clock } from "../../platform/clock.ts";

export interface Doorbell {
  ring(): void;
  /** Resolves at the next ring, at once if it rang since the last wait, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void>;
}

export function createDoorbell(clock: Clock): Doorbell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wake?.();
    },
    async wait(timeoutMs) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const cancel = clock.setTimer(timeoutMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      wake = undefined;
      hasRung = false;
    },
  };
}
