// Remembers the calls of one simulator, so that a test can assert what was sent.
import type { SimulatedCall, SimulatedCalls } from "./simulator.ts";

export interface CallLog {
  add(call: SimulatedCall): void;
  replyBegan(): void;
  replyEnded(): void;
  /** Replies that have begun and not ended. */
  inFlight(): number;
  calls(): SimulatedCalls;
}

export function createCallLog(callsMax: number): CallLog {
  const recent: SimulatedCall[] = [];
  let total = 0;
  let generating = 0;
  let faulty = 0;
  let inFlight = 0;
  return {
    add: (call) => {
      total += 1;
      if (call.index !== undefined) generating += 1;
      if (call.fault !== undefined) faulty += 1;
      recent.push(call);
      if (recent.length > callsMax) recent.shift();
    },
    replyBegan: () => {
      inFlight += 1;
    },
    replyEnded: () => {
      inFlight -= 1;
    },
    inFlight: () => inFlight,
    calls: () => ({ total, generating, faulty, inFlight, recent: [...recent] }),
  };
}
