// How this user calls the command, so that a hint can be copied as it stands: a
// checkout runs it through npm, and the database may be elsewhere.
import { type Environment, variable } from "../app/environment.ts";
import type { Globals } from "./globals.ts";

/** The words before a command's name, with `--home` and `--config` where they were given. */
export function invocationOf(env: Environment, { home, config }: Pick<Globals, "home" | "config">): string {
  return [
    variable(env, "npm_lifecycle_event") === undefined ? "polylogue" : "npm run -s polylogue --",
    ...(home === undefined ? [] : ["--home", shellWord(home)]),
    ...(config === undefined ? [] : ["--config", shellWord(config)]),
  ].join(" ");
}

/** A sentence of an error with its `polylogue …` put as this user calls it. */
export function asInvoked(text: string, invocation: string): string {
  return text.replace(/(`|"|: )polylogue (?=[a-z-])/g, (_, before: string) => `${before}${invocation} `);
}

function shellWord(text: string): string {
  return /^[\w./:@%+=,~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
