// Values of options, checked at the door. Commander adds the option's name and
// the value to what these say.
import { InvalidArgumentError } from "commander";
import { isAgentId } from "../domain/ids.ts";

const SEED_MAX = Number.MAX_SAFE_INTEGER;
const PORT_MAX = 65_535;
const DURATION_MS_MAX = 24 * 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export function usdAboveZero(text: string): number {
  const usd = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(usd > 0) || !Number.isFinite(usd)) {
    throw new InvalidArgumentError("It must be an amount in US dollars above 0, for example 0.50.");
  }
  return usd;
}

export function seedNumber(text: string): number {
  return integerFrom(text, [0, SEED_MAX]);
}

export function portNumber(text: string): number {
  return integerFrom(text, [0, PORT_MAX]);
}

/** An integer parser for a closed range. */
export function integerBetween(min: number, max: number): (text: string) => number {
  return (text) => integerFrom(text, [min, max]);
}

function integerFrom(text: string, [min, max]: readonly [number, number]): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new InvalidArgumentError(
      max === SEED_MAX ? `It must be an integer of at least ${min}.` : `It must be an integer from ${min} to ${max}.`,
    );
  }
  return value;
}

/** `90s`, `10m`, `1h`, `500ms` → milliseconds. */
export function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const ms = match === null ? Number.NaN : Math.round(Number(match[1]) * (UNITS_MS[match[2] ?? ""] ?? Number.NaN));
  if (!(ms >= 1 && ms <= DURATION_MS_MAX)) {
    throw new InvalidArgumentError("It must be a duration up to 24h with its unit, for example 90s, 10m or 1h.");
  }
  return ms;
}

/** A model of a built-in vendor, named on the spot. */
const VENDOR_AND_MODEL = /^[a-z0-9][a-z0-9._-]*:[A-Za-z0-9][\w./:@-]*$/;

/** `claude,gemini,openai:gpt-5` → names; empty places, repeats and impossible names are refused. */
export function agentNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !isAgentId(name) && !VENDOR_AND_MODEL.test(name));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      `It must be names of agents, or vendor:model, with commas between them; "${wrong}" is neither.`,
    );
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new InvalidArgumentError(`It names "${repeated}" twice.`);
  return names;
}

/** One of {@link agentNames}. */
export function agentName(text: string): string {
  const [name = "", ...more] = agentNames(text);
  if (more.length > 0) throw new InvalidArgumentError("It must be one agent; give the option once for each.");
  return name;
}

/** A file's path; collected over several of them. */
export function collectPath(text: string, earlier: readonly string[] = []): string[] {
  if (text.trim() === "") throw new InvalidArgumentError("It must be the path of a file, and it is empty.");
  return [...earlier, text];
}

/** `rounds=3` → a setting of the orchestration; collected over several uses of the option. */
export function collectSetting(
  text: string,
  earlier: Readonly<Record<string, string | number | boolean>> = {},
): Record<string, string | number | boolean> {
  const match = /^([A-Za-z][A-Za-z0-9]*)=(.+)$/s.exec(text);
  if (match === null) throw new InvalidArgumentError("It must be NAME=VALUE, for example rounds=3.");
  return { ...earlier, [match[1] ?? ""]: settingValue(match[2] ?? "") };
}

function settingValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
