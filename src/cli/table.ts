// Aligned columns without borders: easy to read, easy to cut with standard tools.
import { padText, widthOf, wrapText } from "./terminal-text.ts";

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

export interface TableRoom {
  /** Cells of a line; Infinity where nobody wraps, as in a pipe. */
  readonly width: number;
  /** So many columns stay side by side where there is no room for all. */
  readonly columnsKept: number;
}

const INDENT = "    ";

/**
 * The lines of the titles, then those of each row. Where the table is wider than
 * `width`, what follows the first columns stands below them, each by its title.
 */
export function formatBlocks<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { width, columnsKept }: TableRoom,
): string[][] {
  const table = formatTable(columns, rows);
  if (table.every((line) => widthOf(line) <= width)) return table.map((line) => [line]);
  const more = columns.slice(columnsKept);
  return formatTable(columns.slice(0, columnsKept), rows).map((line, index) => {
    const row = rows[index - 1];
    if (row === undefined) return [line];
    const rest = more.map((column) => `${column.title} ${column.cell(row)}`.trim()).join(" · ");
    return [line, ...wrapText(rest, width - INDENT.length).map((part) => `${INDENT}${part}`)];
  });
}
