// Fan-out of volatile progress to people who watch. Its listeners are bounded,
// and one that throws disturbs nobody.
import { PolylogueError } from "../domain/errors.ts";
import { createSilentLog, type Log } from "../platform/log.ts";
import type { Progress } from "./mesh.ts";

export interface ProgressHub {
  emit(progress: Progress): void;
  /** Throws `OVERLOADED` beyond the most listeners. Returns a function that ends it. */
  subscribe(listener: (progress: Progress) => void): () => void;
}

export interface ProgressHubOptions {
  readonly listenersMax: number;
  readonly log?: Log;
}

export function createProgressHub(options: ProgressHubOptions): ProgressHub {
  const log = options.log ?? createSilentLog();
  const listeners = new Set<(progress: Progress) => void>();
  return {
    emit(progress) {
      for (const listener of listeners) {
        try {
          listener(progress);
        } catch (error) {
          log.error("mesh.progress-listener-failed", { error });
        }
      }
    },
    subscribe(listener) {
      if (listeners.size >= options.listenersMax) {
        throw new PolylogueError("OVERLOADED", {
          message: `${listeners.size} listeners watch the progress already, the most that may`,
          mend: "end one before adding another",
        });
      }
      // The same function twice is two listeners.
      const own = (progress: Progress): void => listener(progress);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}
