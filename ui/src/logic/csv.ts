/** Tables as CSV (RFC 4180): what is on the screen, unrounded. */

export type Cell = string | number | null
export interface Table {
  columns: string[]
  rows: Cell[][]
  /** What names each row to a program where the first cell is written for people: an instant, say. */
  keys?: string[]
}

/**
 * Names come from people, and a spreadsheet runs a cell that begins like a formula, so those get
 * an apostrophe in front. Numbers stay numbers.
 */
function field(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function toCsv(table: Table): string {
  const keyed = table.keys
    ? [['start', ...table.columns], ...table.rows.map((row, index): Cell[] => [table.keys?.[index] ?? null, ...row])]
    : [table.columns, ...table.rows]
  return keyed.map((row) => `${row.map(field).join(',')}\r\n`).join('')
}
