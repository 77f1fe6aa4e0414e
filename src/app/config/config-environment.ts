// The environment as a layer: each value outside lists of agents has a variable,
// named after its path: budgets.turnUsd is POLYLOGUE_BUDGETS_TURN_USD.
import { type Environment, variable } from "../environment.ts";
import type { ConfigInput } from "./config.ts";
import { CONFIG_DEFAULTS } from "./defaults.ts";
import { checkGrammar } from "./issues.ts";
import type { ConfigLayer, ConfigPath } from "./layer.ts";

export const VARIABLE_PREFIX = "POLYLOGUE_";

type Reading = "text" | "number" | "list";

export interface VariableSpec {
  readonly name: string;
  readonly path: readonly string[];
  readonly reading: Reading;
}

const SETTINGS: readonly (readonly [path: string, reading: Reading])[] = [
  ["ask.with", "list"],
  ["ask.as", "text"],
  ["budgets.turnUsd", "number"],
  ["budgets.agentUsd", "number"],
  ["budgets.conversationUsd", "number"],
  ["budgets.dayUsd", "number"],
  ["selection.strategy", "text"],
  ...Object.keys(CONFIG_DEFAULTS.timeouts).map((name) => [`timeouts.${name}`, "number"] as const),
];
const VENDOR_SETTINGS = ["baseUrl", "proxy", "keyFile"] as const;

/** Every variable that is read, for these vendors. */
export function configVariables(vendors: readonly string[]): readonly VariableSpec[] {
  return [
    ...SETTINGS.map(([path, reading]) => spec(path.split("."), reading)),
    ...vendors.flatMap((vendor) => VENDOR_SETTINGS.map((setting) => spec(["vendors", vendor, setting], "text"))),
  ];
}

export function environmentLayer(environment: Environment, vendors: readonly string[]): ConfigLayer {
  const value: Record<string, unknown> = {};
  const names = new Map<string, string>();
  for (const { name, path, reading } of configVariables(vendors)) {
    const text = variable(environment, name);
    if (text === undefined) continue;
    put(value, path, read(text, reading));
    names.set(path.join("."), name);
  }
  // The path of a fault may go deeper than the setting: into a list.
  const where = (path: ConfigPath): string =>
    [...names].flatMap(([setting, name]) =>
      `${path.join(".")}.`.startsWith(`${setting}.`) ? [name] : [],
    )[0] as string;
  checkGrammar(value, { name: "The environment", where });
  return { source: "environment", value: value as ConfigInput, where };
}

function spec(path: readonly string[], reading: Reading): VariableSpec {
  const name = path.map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[^A-Za-z0-9]/g, "_"));
  return { name: `${VARIABLE_PREFIX}${name.join("_").toUpperCase()}`, path, reading };
}

/** A number that cannot be read stays text, so that the grammar refuses it with its place. */
function read(text: string, reading: Reading): unknown {
  const trimmed = text.trim();
  if (reading === "list")
    return trimmed
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  if (reading === "number" && Number.isFinite(Number(trimmed))) return Number(trimmed);
  return trimmed;
}

function put(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = "", ...rest] = path;
  if (rest.length === 0) {
    root[first] = value;
    return;
  }
  const inner = (root[first] ?? {}) as Record<string, unknown>;
  root[first] = inner;
  put(inner, rest, value);
}
