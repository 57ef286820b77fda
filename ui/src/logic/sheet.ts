/** The answer of `/api/v1/query`, read by the names of its columns. */

import type { Sheet } from '../api/types'

export interface SheetRow {
  text: (column: string) => string | null
  number: (column: string) => number | null
}

export function rowsOf(sheet: Sheet): SheetRow[] {
  const places = new Map(sheet.columns.map((column, place) => [column.name, place]))
  return sheet.rows.map((cells) => {
    const cell = (column: string): unknown => cells[places.get(column) ?? -1]
    return {
      text: (column) => {
        const value = cell(column)
        return typeof value === 'string' ? value : null
      },
      number: (column) => {
        const value = cell(column)
        return typeof value === 'number' ? value : null
      },
    }
  })
}

/** The dimension by which a sheet is told apart first: the columns of its names and of its ids. */
export function dimensionOf(sheet: Sheet): { name: string; id: string } | null {
  const [name, id] = sheet.columns.filter((column) => column.kind === 'dimension').map((column) => column.name)
  return name === undefined ? null : { name, id: id ?? name }
}

/** A sum of what is known; `null` where nothing is. */
export function sumKnown(values: readonly (number | null)[] | undefined): number | null {
  const known = (values ?? []).filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** What usage without an API key is called where it is filtered by. */
const NO_KEY = 'No key'

/** A value as a filter's parameter takes it: commas, backslashes and an exclamation mark mean themselves. */
export function filterValue(value: string): string {
  if (value === '') return NO_KEY
  return value.replace(/[\\,]/g, '\\$&').replace(/^!/, '\\!')
}
