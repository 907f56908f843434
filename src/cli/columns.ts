// SPDX-License-Identifier: Apache-2.0

/** One column of a table: its title, what it shows of a row, and numbers to the right. */
export interface Column<Row> {
  readonly title: string
  readonly show: (row: Row) => string
  readonly right?: true
}

/** A table with titles, columns two spaces apart, no trailing blanks: one string, a line a row. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ show }) => show(row) || '-'))]
  const widths = columns.map((_, index) => lines.reduce((widest, line) => Math.max(widest, line[index]?.length ?? 0), 0))
  const pad = (cell: string, index: number) =>
    columns[index]?.right ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)
  return lines.map((line) => `${line.map(pad).join('  ').trimEnd()}\n`).join('')
}
