// Text of models, files and vendors on its way to a terminal. It is data: its
// escape sequences must not move the cursor, change a title or hide a word.
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";

/** ESC sequences: CSI, OSC (ended by BEL or ST) and the two-character ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
const ESCAPES = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]/g;
/** What is left of C0 and C1 but tab and line feed, and the characters that turn the direction of writing around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const TAB = "    ";

/** Without anything that a terminal would obey; line ends are `\n`, tabs stay. */
export function harmlessText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(ESCAPES, "").replace(CONTROLS, "");
}

/** {@link harmlessText} with four spaces for a tab, so that its width can be told. */
export function plainText(text: string): string {
  return harmlessText(text).replaceAll("\t", TAB);
}

/** {@link plainText} on one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, " ").trim();
}

/** Display cells, wide characters counted as two. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/**
 * Lines of at most `width` cells; words longer than that are cut. A line keeps
 * its indentation, what is carried over starts at the left. `width` ≥ 2, so that
 * a wide character fits.
 */
export function wrapText(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) =>
    wrapAnsi(line, Math.max(2, width), { hard: true, trim: false })
      .split("\n")
      .map((part, index) => (index === 0 ? part : part.trimStart()).trimEnd())
      .filter((part, index) => index === 0 || part !== "")
      .flatMap((part) => broken(part, Math.max(2, width))),
  );
}

/**
 * A row that is still too wide, in rows that fit: the wrapping counts characters
 * one by one, but some are wider beside others. A sign of several characters is
 * taken apart only where it alone is too wide.
 */
function broken(row: string, width: number): string[] {
  if (widthOf(row) <= width) return [row];
  const rows: string[] = [];
  let current = "";
  for (const { segment } of new Intl.Segmenter().segment(row)) {
    for (const piece of widthOf(segment) <= width ? [segment] : segment) {
      if (current !== "" && widthOf(current + piece) > width) {
        rows.push(current);
        current = "";
      }
      current += piece;
    }
  }
  return [...rows, current];
}

/** Cut to `width` cells, with `…` as the last one where something was cut. Plain text only. */
export function cutText(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return "";
  let cut = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Filled with spaces to `width` cells, on the right unless told. */
export function padText(text: string, width: number, side: "left" | "right" = "right"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "right" ? text + space : space + text;
}

/** The first sentence, or what fits into `width` cells of it, on one line. */
export function firstSentence(text: string, width: number): string {
  const line = plainLine(text.replace(/^[#>*\-\s]+/, ""));
  const end = /[.!?](?=\s|$)/.exec(line);
  return cutText(end === null ? line : line.slice(0, end.index + 1), width);
}
