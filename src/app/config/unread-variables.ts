// Variables with our prefix that nobody reads. A mistyped limit would limit
// nothing, so what looks like a setting is refused; the rest, which may belong
// to another program or to a vendor of another project, the doctor tells.
import { PolylogueError } from "../../domain/errors.ts";
import { nearNames, suggestion } from "../../domain/near-names.ts";
import { type Environment, variable } from "../environment.ts";
import { vendorRecords } from "../vendor-records.ts";
import type { Config } from "./config.ts";
import { configVariables, VARIABLE_PREFIX } from "./config-environment.ts";

/** Variables that are no part of the configuration itself. */
const VARIABLES_APART = ["POLYLOGUE_HOME", "POLYLOGUE_CONFIG"];
/** Of this project's own tests: where recorded traffic lies. */
const VARIABLES_OF_TESTS = ["POLYLOGUE_TEST_DATA"];
/** What begins so can be nothing but a setting. */
const GROUPS = ["ASK_", "BUDGETS_", "SELECTION_", "TIMEOUTS_"];

export interface UnreadVariables {
  readonly unread: readonly string[];
  readonly known: readonly string[];
}

export function unreadVariables(environment: Environment, config: Config): UnreadVariables {
  const known = [...settingNames(), ...configVariables([...vendorRecords(config).keys()]).map(({ name }) => name)];
  const read = new Set([...known, ...VARIABLES_OF_TESTS, ...keyVariables(config)]);
  const unread = Object.keys(environment).filter((name) => name.startsWith(VARIABLE_PREFIX) && !read.has(name));
  return { unread: unread.sort(), known: [...new Set(known)] };
}

/** Throws `CONFIG_INVALID` for the first variable that was meant to be a setting. */
export function assertNoneMistyped(environment: Environment, config: Config): void {
  const settings = settingNames();
  const mistyped = unreadVariables(environment, config).unread.find(
    (name) => variable(environment, name) !== undefined && looksLikeSetting(name, settings),
  );
  if (mistyped === undefined) return;
  throw new PolylogueError("CONFIG_INVALID", {
    message: `The variable ${mistyped} is set, but there is no such setting. ${suggestion(mistyped, settings)}`,
    mend: `Correct the name, or unset it: unset ${mistyped}.`,
  });
}

/** The prefix is no part of the likeness, as all names have it. */
function looksLikeSetting(name: string, settings: readonly string[]): boolean {
  const own = withoutPrefix(name);
  return GROUPS.some((group) => own.startsWith(group)) || nearNames(own, settings.map(withoutPrefix)).length > 0;
}

function withoutPrefix(name: string): string {
  return name.slice(VARIABLE_PREFIX.length);
}

/** Those that need no vendor. */
function settingNames(): string[] {
  return [...VARIABLES_APART, ...configVariables([]).map(({ name }) => name)];
}

/** A key may have a variable of any name. */
function keyVariables({ agents, vendors }: Config): string[] {
  const routes = Object.values(agents).flatMap((agent) => [agent, ...(agent.routes ?? [])]);
  return [...Object.values(vendors).map(({ keyEnv }) => keyEnv), ...routes.map(({ key }) => key)].filter(
    (name) => name !== undefined,
  );
}
