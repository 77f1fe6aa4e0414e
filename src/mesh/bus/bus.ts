// The bus contract: a doorbell. It may lose, repeat, delay and reorder; nothing
// that must not be lost is on it alone, because the journal has it.
import type { JsonValue } from "../../domain/json.ts";

export interface Bus {
  /** Tells every present subscriber of the subject, later and at most best-effort. Never throws. */
  publish(subject: string, message: JsonValue): void;
  /** Calls back for each message until the returned function is called. */
  subscribe(subject: string, listener: (message: JsonValue) => void): () => void;
}
