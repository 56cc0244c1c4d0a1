/** A benchmark's result, as the terminal and the results file show it. */
export interface BenchTable {
  readonly name: string;
  readonly columns: string[];
  readonly rows: (string | number)[][];
  /** How it was measured, and what to keep in mind. */
  readonly notes?: string[];
  /** Tables that belong with it. */
  readonly further?: readonly BenchTable[];
}

const thousands = new Intl.NumberFormat("en-US", { maximumFractionDigits: 3 });

const shown = (cell: string | number): string => (typeof cell === "number" ? thousands.format(cell) : cell);

/** The table as text: numbers right-aligned with separators, text left-aligned. */
export const formatTable = ({ name, columns, rows, notes = [], further = [] }: BenchTable): string => {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => shown(row[index] ?? "").length)),
  );
  const isNumeric = columns.map((_, index) => rows.some((row) => typeof row[index] === "number"));
  const line = (cells: readonly (string | number)[]): string =>
    columns
      .map((_, index) => {
        const text = shown(cells[index] ?? "");
        return isNumeric[index] ? text.padStart(widths[index]) : text.padEnd(widths[index]);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const lines = [name, "", line(columns), rule, ...rows.map(line), ...notes.map((note) => `* ${note}`), ""];
  return [...lines, ...further.map(formatTable)].join("\n");
};
