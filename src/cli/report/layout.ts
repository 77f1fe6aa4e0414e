// Shapes that every report uses: a heading in the left margin, text beside it.
import type { Palette } from "../palette.ts";
import { padText, plainText, wrapText } from "../terminal-text.ts";

/** What a report needs to know about the place it is printed in. */
export interface ReportPlace {
  readonly palette: Palette;
  readonly width: number;
  /** How this user calls the command. */
  readonly invocation: string;
}

const MARGIN = 12;
/** On a narrow terminal headings get their own line. */
const BESIDE_WIDTH_MIN = 50;

/** `Reasons     first line of text`, the next lines below the first. Styles are applied line by line. */
export function section(heading: string, lines: readonly string[], place: ReportPlace): string[] {
  if (lines.length === 0) return [];
  if (place.width < BESIDE_WIDTH_MIN) {
    return [place.palette.bold(heading), ...lines.map((line) => (line === "" ? "" : `  ${line}`))];
  }
  return lines.map((line, index) => {
    const margin = index === 0 ? place.palette.bold(padText(heading, MARGIN)) : " ".repeat(MARGIN);
    return `${margin}${line}`.trimEnd();
  });
}

/** Room for text beside the margin. */
export function textWidth(place: ReportPlace): number {
  return Math.max(16, place.width < BESIDE_WIDTH_MIN ? place.width - 2 : place.width - MARGIN);
}

/** A model's or a person's text, wrapped. `first` stands before the first line, spaces before the others. */
export function paragraph(text: string, place: ReportPlace, first = ""): string[] {
  return wrapText(plainText(text).trim(), textWidth(place) - first.length).map(
    (line, index) => (index === 0 ? first : " ".repeat(first.length)) + line,
  );
}
