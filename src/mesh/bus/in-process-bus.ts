// The bus of one process: an emitter that calls its listeners after the present
// event-loop turn, so that a publisher never runs its reader's code.
import type { JsonValue } from "../../domain/json.ts";
import type { Clock } from "../../platform/clock.ts";
import { createSilentLog, type Log } from "../../platform/log.ts";
import type { Bus } from "./bus.ts";

export interface InProcessBusOptions {
  readonly clock: Clock;
  /** Hears of listeners that threw; the others are called all the same. */
  readonly log?: Log;
}

export function createInProcessBus(options: InProcessBusOptions): Bus {
  const log = options.log ?? createSilentLog();
  const subjects = new Map<string, Set<(message: JsonValue) => void>>();

  function deliver(subject: string, message: JsonValue): void {
    for (const listener of subjects.get(subject) ?? []) {
      try {
        listener(message);
      } catch (error) {
        log.error("bus.listener-failed", { subject, error });
      }
    }
  }

  return {
    publish(subject, message) {
      if (subjects.has(subject)) options.clock.defer(() => deliver(subject, message));
    },
    subscribe(subject, listener) {
      const listeners = subjects.get(subject) ?? new Set();
      listeners.add(listener);
      subjects.set(subject, listeners);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && subjects.get(subject) === listeners) subjects.delete(subject);
      };
    },
  };
}
