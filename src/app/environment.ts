// The process's environment: the one place that reads it. Everything else gets
// a record, so that a test can give its own.
import { homedir } from "node:os";

/** Names to values, as a shell exports them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** With HOME also where only the user database knows it. A copy: what the process changes later does not move a configuration that was already read. */
export function readEnvironment(): Environment {
  return { HOME: homedir(), ...process.env };
}

/** A variable that is set to the empty string counts as not set, as shells use it. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value.trim() === "" ? undefined : value;
}
