// Aligned columns without borders: easy to read, easy to cut with standard tools.
import { padText, widthOf } from "./terminal-text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly align?: "left" | "right";
  cell(row: Row): string;
}

/** One line for the titles, one for each row; two spaces between columns. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.cell(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => widthOf(line[index] ?? ""))));
  return cells.map((line) =>
    line
      .map((cell, index) => padText(cell, widths[index] ?? 0, columns[index]?.align === "right" ? "left" : "right"))
      .join("  ")
      .trimEnd(),
  );
}
