// Settings of an orchestration: unknown names and values out of range are
// refused before anything is spent; what is left out takes its default.
import { PolylogueError } from "../../domain/errors.ts";
import type { JsonObject, JsonValue } from "../../domain/json.ts";
import type { SettingSpec, SettingSpecs } from "../orchestration.ts";

/** Settings after checking; read by the typed functions, which know every name of the specification. */
export interface Settings {
  number(name: string): number;
  boolean(name: string): boolean;
  choice(name: string): string;
  list(name: string): readonly string[];
}

/** The limits that every preset shares. All are finite. */
export const COMMON_SETTINGS: SettingSpecs = {
  quorumMin: {
    type: "integer",
    min: 0,
    max: 64,
    default: 0,
    summary: "members who must answer each round; 0: a majority of those asked",
  },
  roundSoftMs: {
    type: "integer",
    min: 1,
    max: 86_400_000,
    default: 180_000,
    summary: "a round that has its quorum closes this long after its last question",
  },
  roundHardMs: {
    type: "integer",
    min: 1,
    max: 86_400_000,
    default: 600_000,
    summary: "every round closes this long after its last question",
  },
  turnsMax: { type: "integer", min: 1, max: 1_000, default: 256, summary: "turns before the discussion stops" },
  tokensMax: {
    type: "integer",
    min: 1,
    max: 1_000_000_000,
    default: 4_000_000,
    summary: "tokens, in and out, before the discussion stops",
  },
  costUsdMax: {
    type: "number",
    min: 0,
    max: 1_000_000,
    default: 1_000,
    summary: "dollars spent before the discussion stops and decides",
  },
  timeMsMax: {
    type: "integer",
    min: 1,
    max: 604_800_000,
    default: 3_600_000,
    summary: "milliseconds before the discussion stops and decides",
  },
};

/** Throws `USAGE`, naming the setting and what it may be. */
export function readSettings(given: JsonObject, specs: SettingSpecs): Settings {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(specs, name)) {
      throw usage(`There is no setting ${JSON.stringify(name)}.`, `Use one of: ${Object.keys(specs).join(", ")}.`);
    }
  }
  const values = new Map<string, number | boolean | string | readonly string[]>();
  for (const [name, spec] of Object.entries(specs)) values.set(name, settingOf(name, spec, given[name]));
  return {
    number: (name) => values.get(name) as number,
    boolean: (name) => values.get(name) as boolean,
    choice: (name) => values.get(name) as string,
    list: (name) => values.get(name) as readonly string[],
  };
}

function settingOf(name: string, spec: SettingSpec, given: JsonValue | undefined) {
  if (given === undefined) return spec.type === "list" ? [] : spec.default;
  switch (spec.type) {
    case "integer":
    case "number":
      return numberOf(name, spec, given);
    case "boolean":
      if (typeof given === "boolean") return given;
      if (given === "true" || given === "false") return given === "true";
      throw usage(`The setting ${name} is ${JSON.stringify(given)}, not true or false.`, "Give true or false.");
    case "choice":
      if (typeof given === "string" && spec.values.includes(given)) return given;
      throw usage(`The setting ${name} is ${JSON.stringify(given)}.`, `Use one of: ${spec.values.join(", ")}.`);
    case "list":
      return listOf(name, spec.itemsMax, given);
  }
}

interface NumberRange {
  readonly type: "integer" | "number";
  readonly min: number;
  readonly max: number;
}

function numberOf(name: string, spec: NumberRange, given: JsonValue): number {
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  const isRight =
    typeof value === "number" &&
    value >= spec.min &&
    value <= spec.max &&
    (spec.type === "number" || Number.isInteger(value));
  if (isRight) return value;
  const kind = spec.type === "integer" ? "a whole number" : "a number";
  throw usage(
    `The setting ${name} is ${JSON.stringify(given)}, not ${kind} from ${spec.min} to ${spec.max}.`,
    `Give ${kind} from ${spec.min} to ${spec.max}.`,
  );
}

function listOf(name: string, itemsMax: number, given: JsonValue): readonly string[] {
  const raw = typeof given === "string" ? given.split(given.includes("|") ? "|" : ",") : given;
  const isTexts = Array.isArray(raw) && raw.every((item): item is string => typeof item === "string");
  const items = isTexts ? raw.map((item) => item.trim()).filter((item) => item !== "") : undefined;
  if (items !== undefined && items.length <= itemsMax && new Set(items).size === items.length) return items;
  throw usage(
    `The setting ${name} is ${JSON.stringify(given)}, not a list of at most ${itemsMax} different texts.`,
    `Write them as one text with | between them.`,
  );
}

function usage(message: string, mend: string): PolylogueError {
  return new PolylogueError("USAGE", { message, mend });
}
