// Colours, and when there are any. Nothing is ever said by colour alone.
import { styleText } from "node:util";
import type { Environment } from "../app/environment.ts";
import { variable } from "../app/environment.ts";
import type { TextOut } from "./io.ts";

export interface Palette {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  notice(text: string): string;
  /** One of six, by index: tells agents apart. */
  lane(index: number, text: string): string;
}

const LANES = ["cyan", "magenta", "yellow", "green", "blue", "red"] as const;
type Style = Parameters<typeof styleText>[0];

export function createPalette(hasColor: boolean): Palette {
  const paint = (style: Style, text: string): string =>
    hasColor && text !== "" ? styleText(style, text, { validateStream: false }) : text;
  return {
    bold: (text) => paint("bold", text),
    dim: (text) => paint("dim", text),
    good: (text) => paint("green", text),
    bad: (text) => paint("red", text),
    notice: (text) => paint("yellow", text),
    lane: (index, text) => paint(LANES[index % LANES.length] ?? "cyan", text),
  };
}

/**
 * Whoever says no wins: `--no-color`, then `NO_COLOR`, then `FORCE_COLOR` (`0` and
 * `false` say no), then `TERM=dumb`; else colours are for terminals.
 */
export function hasColor(out: TextOut, env: Environment, noColorFlag: boolean): boolean {
  if (noColorFlag || variable(env, "NO_COLOR") !== undefined) return false;
  const forced = variable(env, "FORCE_COLOR");
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return out.isTTY && env.TERM !== "dumb";
}
